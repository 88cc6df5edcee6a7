#pragma once

#include <cstdint>

// Nanoseconds of a clock that nobody sets: CLOCK_MONOTONIC_RAW, which NTP doesn't slew either, or
// CLOCK_MONOTONIC where a kernel lacks it. Only differences mean something.
int64_t now_ns();

// CLOCK_MONOTONIC, the clock that `sleep_until_ns` follows.
int64_t grid_now_ns();
void sleep_until_ns(int64_t due_ns);
