#include "clock.h"

#include <cerrno>
#include <ctime>

namespace {

constexpr int64_t kSecond = 1'000'000'000;

int64_t read_ns(clockid_t clock) {
  timespec time{};
  clock_gettime(clock, &time);
  return time.tv_sec * kSecond + time.tv_nsec;
}

clockid_t choose_clock() {
  timespec time{};
  return clock_gettime(CLOCK_MONOTONIC_RAW, &time) == 0 ? CLOCK_MONOTONIC_RAW : CLOCK_MONOTONIC;
}

const clockid_t kClock = choose_clock();

}  // namespace

int64_t now_ns() { return read_ns(kClock); }

int64_t grid_now_ns() { return read_ns(CLOCK_MONOTONIC); }

void sleep_until_ns(int64_t due_ns) {
  const timespec due = {static_cast<time_t>(due_ns / kSecond), static_cast<long>(due_ns % kSecond)};
  while (clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &due, nullptr) == EINTR) {
  }
}
