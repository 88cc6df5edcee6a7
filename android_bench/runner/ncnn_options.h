#pragma once

#include <option.h>

#include "job.h"
#include "json.h"

// As export/ncnn_net.py has them: one thread, light mode, float16 where the precision says so.
// To be asked for after pinning, since ncnn chooses kernels by the core that asks.
ncnn::Option options_for(Precision precision);

// What all precisions have in common, as numbers and texts.
JsonObject describe_options();
