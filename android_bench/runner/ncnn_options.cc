#include "ncnn_options.h"

namespace {

using Switch = bool ncnn::Option::*;

constexpr Switch kOff[] = {&ncnn::Option::use_vulkan_compute, &ncnn::Option::use_bf16_storage,
                           &ncnn::Option::use_bf16_packed};
// Weights stored as float16 are another file, not another option: arithmetic stays float32.
constexpr Switch kHalf[] = {&ncnn::Option::use_fp16_packed, &ncnn::Option::use_fp16_storage,
                            &ncnn::Option::use_fp16_arithmetic};
constexpr const char* kHalfNames[] = {"use_fp16_packed", "use_fp16_storage",
                                      "use_fp16_arithmetic"};

struct SwitchRow {
  const char* name;
  Switch value;
};
constexpr SwitchRow kShown[] = {
    {"lightmode", &ncnn::Option::lightmode},
    {"use_winograd_convolution", &ncnn::Option::use_winograd_convolution},
    {"use_sgemm_convolution", &ncnn::Option::use_sgemm_convolution},
    {"use_packing_layout", &ncnn::Option::use_packing_layout},
    {"use_bf16_storage", &ncnn::Option::use_bf16_storage},
    {"use_a53_a55_optimized_kernel", &ncnn::Option::use_a53_a55_optimized_kernel},
};

}  // namespace

ncnn::Option options_for(Precision precision) {
  ncnn::Option options;
  options.num_threads = 1;
  options.lightmode = true;
  for (const Switch value : kOff) options.*value = false;
  for (const Switch value : kHalf) options.*value = precision == Precision::kFp16;
  return options;
}

JsonObject describe_options() {
  const ncnn::Option options = options_for(Precision::kFp32);
  JsonObject object;
  object.add("num_threads", options.num_threads);
  for (const SwitchRow& row : kShown) object.add(row.name, static_cast<int>(options.*row.value));
  for (const char* name : kHalfNames) object.add(name, "1 in graphs of precision fp16, else 0");
  return object.add("flush_denormals", static_cast<int>(options.flush_denormals));
}
