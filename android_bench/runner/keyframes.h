#pragma once

#include <array>
#include <cstdint>
#include <optional>

#include "tracking_job.h"

// When a frame is a keyframe, as mobileinst_deploy/tracking/schedule.py decides it.

constexpr int kSampleRows = 18, kSampleColumns = 32;  // in the middles of as many equal parts
using PictureSample = std::array<uint8_t, kSampleRows * kSampleColumns * 3>;

// What the schedule knows when a frame comes.
struct SinceKeyframe {
  int frames;  // that this frame lies behind the keyframe
  PictureSample sample;    // of the keyframe's picture
  double confidence;       // of the keyframe's masks
  double last_confidence;  // of the masks of the frame before this one
};

// A few pixels of [height, width, 3] as they are.
PictureSample sample_picture(const uint8_t* picture, int height, int width);

// Mean absolute difference, 0..255.
double picture_change(const PictureSample& sample, const PictureSample& other);

bool is_keyframe(const std::optional<SinceKeyframe>& since, const PictureSample& sample,
                 const TrackingSettings& settings);
