#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "commands.h"
#include "keyframes.h"
#include "masks.h"
#include "preprocessing.h"
#include "tracker.h"
#include "tracking_graphs.h"

struct Steps {
  int64_t preprocess_ns;
  int64_t graphs_ns;
  int64_t tracker_ns;  // selection, association, schedule and averages
  int64_t masks_ns;    // from mask logits to encoded masks of the picture's size
};

struct TrackedFrame {
  bool is_keyframe;
  std::vector<Sighting> sightings;
  std::vector<std::string> masks;  // as many, run-length encoded
  Steps steps;
};

// Tracks the pictures of one clip, which have to come in order, as
// mobileinst_deploy/tracking/video_tracker.py does it.
class ClipTracker {
 public:
  // Of a job that is as `plan_tracking` demands.
  ClipTracker(Setup& setup, const TrackingPlan& plan);

  // A picture of the clip's size. Fails with kRun where a graph does.
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
