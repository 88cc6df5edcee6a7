#pragma once

#include <option.h>

// Where the tensors of a run lie.

extern const char* const kMemoryName;  // for the record

void use_memory(ncnn::Option& options);
