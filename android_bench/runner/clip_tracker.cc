#include "clip_tracker.h"

#include "clock.h"

namespace {

template <typename Work>
int64_t nanoseconds(const Work& work) {
  const int64_t started_ns = now_ns();
  work();
  return now_ns() - started_ns;
}

}  // namespace

ClipTracker::ClipTracker(Setup& setup, const TrackingPlan& plan)
    : settings_(setup.job.tracking.settings),
      height_(setup.job.tracking.height),
      width_(setup.job.tracking.width),
      preprocessor_(height_, width_, *setup.job.tracking.preprocessing),
      graphs_(setup.job, plan, setup.networks),
      tracker_(settings_, plan.count),
      restorer_(plan.grid_height, plan.grid_width, height_, width_,
                *setup.job.tracking.preprocessing) {}

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
