#pragma once

#include <string>

#include "job.h"

// Fails with kLoad, naming the job file, where it says too little about a clip to be tracked, or
// where a picture's file is not listed or has another size.
void check_clip(const Job& job, const std::string& path);
