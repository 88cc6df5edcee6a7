#include "cpu_features.h"

#include <cpu.h>

namespace {

struct Feature {
  const char* name;
  int (*find)();  // any number but 0 means yes: on ARM it is the kernel's bit
};
constexpr Feature kFeatures[] = {
#if defined(__aarch64__)
    {"asimdhp", ncnn::cpu_support_arm_asimdhp}, {"asimddp", ncnn::cpu_support_arm_asimddp},
    {"asimdfhm", ncnn::cpu_support_arm_asimdfhm}, {"bf16", ncnn::cpu_support_arm_bf16},
    {"i8mm", ncnn::cpu_support_arm_i8mm}, {"sve", ncnn::cpu_support_arm_sve},
    {"sve2", ncnn::cpu_support_arm_sve2},
#elif defined(__x86_64__)
    {"avx", ncnn::cpu_support_x86_avx}, {"f16c", ncnn::cpu_support_x86_f16c},
    {"fma", ncnn::cpu_support_x86_fma}, {"avx2", ncnn::cpu_support_x86_avx2},
    {"avx_vnni", ncnn::cpu_support_x86_avx_vnni}, {"avx512", ncnn::cpu_support_x86_avx512},
    {"avx512_vnni", ncnn::cpu_support_x86_avx512_vnni},
    {"avx512_bf16", ncnn::cpu_support_x86_avx512_bf16},
    {"avx512_fp16", ncnn::cpu_support_x86_avx512_fp16},
#else
#error "the runner knows aarch64 and x86_64"
#endif
};

}  // namespace

std::vector<std::string> cpu_features() {
  std::vector<std::string> names;
  for (const Feature& feature : kFeatures) {
    if (feature.find()) names.emplace_back(feature.name);
  }
  return names;
}
