// A clip, frame by frame: objects with identities, labels, scores and masks of the picture's size.

#include "clip_tracker.h"
#include "commands.h"
#include "files.h"
#include "samples.h"

namespace {

std::string describe_instances(const TrackedFrame& frame) {
  std::string text = "[";
  for (size_t i = 0; i < frame.sightings.size(); ++i) {
    const Sighting& sighting = frame.sightings[i];
    if (i) text += ',';
    text += JsonObject()
                .add("identity", sighting.identity)
                .add("label", sighting.label)
                .add("score", sighting.score)
                .add("counts", frame.masks[i])
                .text();
  }
  return text + ']';
}

void emit_tracked(int index, const TrackedFrame& frame, const Sample& sample,
                  const Arguments& arguments) {
  JsonObject object = event("tracked");
  object.add("index", index).add("role", frame.is_keyframe ? "key" : "reuse");
  add_sample(object, sample, arguments);
  emit(object.add("preprocess_ns", frame.steps.preprocess_ns)
           .add("graphs_ns", frame.steps.graphs_ns)
           .add("tracker_ns", frame.steps.tracker_ns)
           .add("masks_ns", frame.steps.masks_ns)
           .add_encoded("instances", describe_instances(frame)));
}

std::string read_picture(const Job& job, const std::string& path) {
  const int64_t bytes = int64_t{job.tracking.height} * job.tracking.width * 3;
  std::string picture = read_file(job.folder + path, bytes);
  if (static_cast<int64_t>(picture.size()) != bytes) {
    fail(kLoad, job.folder + path + " changed while it was read");
  }
  return picture;
}

}  // namespace

void track(Setup& setup) {
  ClipTracker tracker(setup, plan_tracking(setup.job, setup.arguments.job));
  int index = 0;
  for (const std::string& path : setup.job.tracking.pictures) {
    const std::string picture = read_picture(setup.job, path);
    TrackedFrame frame;
    const Sample sample = timed([&] {
      frame = tracker.track(index, reinterpret_cast<const uint8_t*>(picture.data()));
    });
    emit_tracked(index++, frame, sample, setup.arguments);
    setup.thermometer.read_if_due();
  }
  for (const Track& track : tracker.every_track()) {
    emit(event("track")
             .add("identity", track.identity)
             .add("label", label_of(track))
             .add("score", score_of(track))
             .add("frames", track.frames));
  }
}
