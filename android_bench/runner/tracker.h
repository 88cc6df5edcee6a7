#pragma once

#include <net.h>

#include <vector>

#include "tracks.h"

// A live kernel's object in one frame, with its track's averages so far.
struct Sighting {
  int identity;  // the same in all frames of the clip
  int label;
  double score;
  std::vector<float> probabilities;  // of the 1/8 grid
};

// What is remembered from frame to frame, as mobileinst_deploy/tracking/tracker.py does it.
// Identities come from the graphs' outputs, in the order of the frames.
class Tracker {
 public:
  // `count`: live kernels at most.
  Tracker(const TrackingSettings& settings, int count) : settings_(settings), count_(count) {}

  // New live kernels and their objects.
  std::vector<Sighting> see_keyframe(const Prediction& prediction);

  // Mask logits, one kernel a row; those behind the live kernels are padding.
  std::vector<Sighting> see_reuse(const ncnn::Mat& mask_logits);

  bool has_live() const { return !live_.empty(); }

  // The live kernels, [count, D], zeros behind them. Fails with kRun where there is no memory.
  ncnn::Mat live_kernels() const;

  // Of the last frame's masks: the mean over the live kernels.
  double confidence() const { return confidence_; }

  // Every track so far that had a pixel, by identity.
  std::vector<Track> every_track() const;

 private:
  struct LiveKernel {
    int identity;
    Candidate candidate;
  };
  std::vector<Sighting> sight(const std::vector<const float*>& logits, int cells);
  Track& track_of(int identity);

  TrackingSettings settings_;
  int count_;
  std::vector<Track> tracks_;  // those that are remembered
  std::vector<Track> forgotten_;
  std::vector<LiveKernel> live_;  // of the last keyframe, the best first
  int born_ = 0;
  double confidence_ = 0;
};
