#include "run_lengths.h"

#include <cstring>

namespace {

constexpr int kBits = 5;
constexpr int64_t kValue = 0x1f, kSign = 0x10, kMore = 0x20;

// Whether the sign's five bits have said all: what is left repeats it.
bool is_done(int64_t rest, int64_t group) { return rest == (group & kSign ? -1 : 0); }

void add_number(std::string& text, int64_t number) {
  for (;;) {
    const int64_t group = number & kValue;
    number >>= kBits;
    const bool done = is_done(number, group);
    text += static_cast<char>('0' + (done ? group : group | kMore));
    if (done) return;
  }
}

}  // namespace

void RunLengths::add(bool value, int64_t length) {
  if (length == 0) return;
  const bool is_open = value == (lengths_.size() % 2 == 0);  // the last run is of that value
  if (is_open) {
    lengths_.back() += length;
  } else {
    lengths_.push_back(length);
  }
}

void RunLengths::add(const uint8_t* values, int64_t count) {
  const uint8_t* const end = values + count;
  while (values != end) {
    const auto rest = static_cast<size_t>(end - values);
    const void* change = std::memchr(values, !*values, rest);
    const uint8_t* next = change ? static_cast<const uint8_t*>(change) : end;
    add(*values != 0, next - values);
    values = next;
  }
}

std::string RunLengths::text() const {
  constexpr size_t absolute = 3;  // numbers that are not differences
  std::string text;
  for (size_t i = 0; i < lengths_.size(); ++i) {
    add_number(text, i < absolute ? lengths_[i] : lengths_[i] - lengths_[i - 2]);
  }
  return text;
}
