#include "pacing.h"

#include <algorithm>
#include <cmath>

#include "clock.h"

namespace {

constexpr double kSecond = 1e9;  // ns

}  // namespace

Pacer::Pacer(double fps) : period_ns_(kSecond / fps), origin_ns_(grid_now_ns()) {}

// From the origin each time: periods that are no whole nanoseconds don't add up their rounding.
int64_t Pacer::due_ns(int64_t slot) const {
  return origin_ns_ + static_cast<int64_t>(std::llround(static_cast<double>(slot) * period_ns_));
}

void Pacer::wait() {
  sleep_until_ns(due_ns(slot_));
  started_ns_ = grid_now_ns();
}

Pace Pacer::finish() {
  const int64_t ended_ns = grid_now_ns();
  const int64_t late_ns = ended_ns - due_ns(slot_ + 1);
  const Pace pace{slot_, started_ns_ - due_ns(slot_), late_ns, late_ns > 0};
  const double arrived = std::ceil(static_cast<double>(ended_ns - origin_ns_) / period_ns_);
  slot_ = std::max(slot_ + 1, static_cast<int64_t>(arrived));
  return pace;
}
