#pragma once

#include <vector>

#include "networks.h"
#include "samples.h"

// What happens for one frame of the video. Its inputs are the job's; a tracker, which would hand
// the key frame's kernels on to the frames behind it, belongs between the graphs in `run_frame`.

struct FrameGraphs {
  const char* role;                       // "key" or "reuse"
  std::vector<const Network*> networks;  // in the order in which they run
};

// The graphs one after another, in one timed region; as `take_sample` otherwise. Fails with kRun
// where ncnn does.
Sample run_frame(const FrameGraphs& frame);
