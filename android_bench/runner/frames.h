#pragma once

#include <vector>

#include "networks.h"
#include "samples.h"

// What happens for one frame of a schedule. Its inputs are the job's; `track` is what hands a key
// frame's kernels on to the frames behind it.

struct FrameGraphs {
  const char* role;                       // "key" or "reuse"
  std::vector<const Network*> networks;  // in the order in which they run
};

// The graphs one after another, in one timed region; as `take_sample` otherwise. Fails with kRun
// where ncnn does.
Sample run_frame(const FrameGraphs& frame);
