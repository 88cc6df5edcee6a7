#pragma once

#include <option.h>

// Where the tensors of a run lie: in blocks that are kept for the next run, the smallest that
// suffices each time. So the C library doesn't matter (musl's gives large blocks back to the kernel
// at once, and their pages fault in again with every frame), and a small tensor doesn't take, and
// spread over, a large one's place, as in ncnn's own pools, which take the first that is free.
// CPU time of a run, MobileInst-TopFormer-B at 320x640, x86-64, 48 interleaved runs each, 10 %
// quantile: keyframe / reuse 107 / 84 ms; ncnn's local pool 114 / 86, glibc's malloc 107 / 82.

extern const char* const kTensorMemory;  // its name, for the record

void use_tensor_memory(ncnn::Option& options);
