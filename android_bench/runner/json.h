#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

// One JSON value as strict JSON, in ASCII alone: what is not UTF-8 becomes U+FFFD.
std::string json(std::string_view text);
std::string json(const char* text);
std::string json(bool value);
std::string json(int value);
std::string json(int64_t value);
std::string json(double value);  // finite; the reader gets the same number back

template <typename T>
std::string json(const std::optional<T>& value) {
  return value ? json(*value) : "null";
}

template <typename T>
std::string json(const std::vector<T>& values) {
  std::string text = "[";
  for (const T& value : values) {
    if (text.size() > 1) text += ',';
    text += json(value);
  }
  return text + ']';
}

// {"a":1,"b":"x"}, in the order in which it is filled.
class JsonObject {
 public:
  template <typename T>
  JsonObject& add(std::string_view key, const T& value) {
    return add_encoded(key, json(value));
  }
  JsonObject& add_encoded(std::string_view key, std::string_view value);
  std::string text() const { return '{' + members_ + '}'; }

 private:
  std::string members_;
};
