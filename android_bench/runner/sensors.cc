#include "sensors.h"

#include <limits>
#include <string_view>

#include "clock.h"
#include "files.h"
#include "report.h"
#include "text.h"

namespace {

constexpr int64_t kPeriodNs = 1'000'000'000;

// A file with one number, which may be below zero.
std::optional<int64_t> read_number(const std::string& path) {
  const std::optional<std::string> text = read_text(path);
  if (!text) return std::nullopt;
  std::string_view digits = std::string_view(*text).substr(0, text->find_first_of("\n "));
  const bool negative = !digits.empty() && digits[0] == '-';
  if (negative) digits.remove_prefix(1);
  const std::optional<int64_t> value =
      parse_integer(digits, std::numeric_limits<int64_t>::max());
  return value && negative ? -*value : value;
}

}  // namespace

Frequency read_frequency(const std::string& sysfs, int core) {
  const std::string folder =
      sysfs + "/devices/system/cpu/cpu" + std::to_string(core) + "/cpufreq/";
  return {read_number(folder + "scaling_cur_freq"), read_number(folder + "scaling_max_freq")};
}

void Thermometer::read() {
  last_ns_ = now_ns();
  for (const std::string& path : paths_) {
    emit(event("thermal")
             .add("at_ns", since_start(now_ns()))
             .add("path", path)
             .add("milli_c", read_number(path)));
  }
}

void Thermometer::read_if_due() {
  if (now_ns() - last_ns_ >= kPeriodNs) read();
}
