// A clip, frame by frame: keyframe or reuse, tracker, masks of the picture's size.

#include "clock.h"
#include "commands.h"
#include "files.h"
#include "keyframes.h"
#include "masks.h"
#include "samples.h"
#include "tracker.h"
#include "tracking_graphs.h"

namespace {

struct Steps {
  int64_t preprocess_ns, graphs_ns, tracker_ns, masks_ns;
};

struct TrackedFrame {
  bool is_keyframe;
  std::vector<Sighting> sightings;
  std::vector<std::string> masks;  // as many, run-length encoded
  Steps steps;
};

template <typename Work>
int64_t nanoseconds(const Work& work) {
  const int64_t started_ns = now_ns();
  work();
  return now_ns() - started_ns;
}

class ClipTracker {
 public:
  ClipTracker(Setup& setup, const TrackingPlan& plan)
      : settings_(setup.job.tracking.settings),
        height_(setup.job.tracking.height),
        width_(setup.job.tracking.width),
        preprocessor_(height_, width_, *setup.job.tracking.preprocessing),
        graphs_(setup.job, plan, setup.networks),
        tracker_(settings_, plan.count),
        restorer_(plan.grid_height, plan.grid_width, height_, width_,
                  *setup.job.tracking.preprocessing) {}

  TrackedFrame track(int index, const uint8_t* picture);
  std::vector<Track> every_track() const { return tracker_.every_track(); }

 private:
  std::vector<Sighting> keyframe(const ncnn::Mat& image, const PictureSample& sample);
  std::vector<Sighting> between(const ncnn::Mat& image);
  std::vector<std::string> masks(const std::vector<Sighting>& sightings);

  const TrackingSettings settings_;
  const int height_, width_;
  Preprocessor preprocessor_;
  TrackingGraphs graphs_;
  Tracker tracker_;
  MaskRestorer restorer_;
  std::optional<SinceKeyframe> since_;
};

TrackedFrame ClipTracker::track(int index, const uint8_t* picture) {
  TrackedFrame frame{};
  const ncnn::Mat* image = nullptr;
  graphs_.begin_frame(index);
  frame.steps.preprocess_ns = nanoseconds([&] { image = &preprocessor_.run(picture); });
  const int64_t both_ns = nanoseconds([&] {
    const PictureSample sample = sample_picture(picture, height_, width_);
    frame.is_keyframe = is_keyframe(since_, sample, settings_);
    frame.sightings = frame.is_keyframe ? keyframe(*image, sample) : between(*image);
  });
  frame.steps.graphs_ns = graphs_.graphs_ns();
  frame.steps.tracker_ns = both_ns - frame.steps.graphs_ns;
  frame.steps.masks_ns = nanoseconds([&] { frame.masks = masks(frame.sightings); });
  return frame;
}

std::vector<Sighting> ClipTracker::keyframe(const ncnn::Mat& image, const PictureSample& sample) {
  std::vector<Sighting> sightings = tracker_.see_keyframe(graphs_.keyframe(image));
  if (tracker_.has_live() && settings_.longest > 1) graphs_.hold(tracker_.live_kernels());
  since_ = SinceKeyframe{1, sample, tracker_.confidence(), tracker_.confidence()};
  return sightings;
}

// Without a live kernel there is nothing to reuse, and the frame is empty.
std::vector<Sighting> ClipTracker::between(const ncnn::Mat& image) {
  std::vector<Sighting> sightings;
  if (tracker_.has_live()) sightings = tracker_.see_reuse(graphs_.reuse(image));
  ++since_->frames;
  since_->last_confidence = tracker_.confidence();
  return sightings;
}

std::vector<std::string> ClipTracker::masks(const std::vector<Sighting>& sightings) {
  std::vector<std::string> encoded;
  for (const Sighting& sighting : sightings) {
    encoded.push_back(
        restorer_.encode(sighting.probabilities, static_cast<float>(settings_.mask)));
  }
  return encoded;
}

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
