#include "sigmoid.h"

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <cstring>

namespace {

constexpr float kLargest = 87.0f;  // its exp is finite, and that of its negative is normal
constexpr float kLog2E = 1.44269504f;
// ln 2 in two parts: few numbers of so many bits times the first have no rounding error.
constexpr float kLn2High = 0.693359375f, kLn2Low = -2.12194440e-4f;
// Added, it leaves no bits behind the point: the sum's low bits are the nearest whole number.
constexpr float kRounding = 12582912.0f;  // 1.5 × 2^23
constexpr int kExponentBias = 127, kFractionBits = 23;

template <typename To, typename From>
To same_bits(From from) {
  static_assert(sizeof(To) == sizeof(From));
  To to;
  std::memcpy(&to, &from, sizeof to);
  return to;
}

// exp(x) = 2^n × exp(f), f in ±0.35, of which Taylor's series to the 7th power has 5e-9. Without a
// branch, so that the compiler computes several at once.
inline float exponential(float x) {
  const float sum = x * kLog2E + kRounding;
  const float whole = sum - kRounding;
  const float f = x - whole * kLn2High - whole * kLn2Low;
  float series = 1.0f / 5040;
  series = series * f + 1.0f / 720;
  series = series * f + 1.0f / 120;
  series = series * f + 1.0f / 24;
  series = series * f + 1.0f / 6;
  series = series * f + 1.0f / 2;
  series = series * f + 1.0f;
  series = series * f + 1.0f;
  const int32_t n = same_bits<int32_t>(sum) - same_bits<int32_t>(kRounding);
  return series * same_bits<float>((n + kExponentBias) << kFractionBits);
}

}  // namespace

float sigmoid(float logit) { return 0.5f * (1.0f + std::tanh(0.5f * logit)); }

void sigmoids(const float* __restrict logits, int count, float* __restrict probabilities) {
  for (int i = 0; i < count; ++i) {
    const float x = std::min(std::max(-logits[i], -kLargest), kLargest);
    probabilities[i] = 1.0f / (1.0f + exponential(x));
  }
}
