#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

// What the device says about itself while it is measured. Read between the timed regions.

struct Frequency {
  std::optional<int64_t> now_khz;
  std::optional<int64_t> max_khz;  // drops when the device throttles
};

// The core's cpufreq files below `sysfs`; nothing where they can't be read.
Frequency read_frequency(const std::string& sysfs, int core);

// Emits a `thermal` event per file, at most once a second unless it is forced.
class Thermometer {
 public:
  explicit Thermometer(std::vector<std::string> paths) : paths_(std::move(paths)) {}
  void read();
  void read_if_due();

 private:
  std::vector<std::string> paths_;
  int64_t last_ns_ = 0;
};
