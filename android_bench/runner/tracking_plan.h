#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "job.h"

// Which of a job's graphs track a clip, and where in them the tracker's tensors are.

constexpr std::string_view kImage = "image";  // the input that a picture goes into

struct PredictionOutputs {  // indices of the keyframe graph's outputs
  size_t class_logits, objectness, kernels, mask_logits;
};

struct TrackingPlan {
  size_t keyframe;           // takes the image alone
  std::vector<size_t> once;  // once a keyframe, in this order: they turn kernels into state
  std::optional<size_t> reuse;  // the frames in between; none where every frame is a keyframe
  PredictionOutputs prediction;
  size_t masks;  // of the reuse graph's outputs
  int queries;
  int count;  // kernels that the graphs behind the keyframe take
  int grid_height, grid_width;  // of the masks
};

// Fails with kLoad, naming the job file, where the job says too little for `track`, or where
// shapes of tensors or files do not fit together.
TrackingPlan plan_tracking(const Job& job, const std::string& path);
