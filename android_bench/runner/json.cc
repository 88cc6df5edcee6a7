#include "json.h"

#include <cstdio>

#include "text.h"

namespace {

std::string escaped_unit(uint32_t utf16) {
  char buffer[8];
  std::snprintf(buffer, sizeof buffer, "\\u%04x", static_cast<unsigned>(utf16 & 0xffff));
  return buffer;
}

// All that is not printable ASCII, so that no reader sees the end of a line in it (U+2028).
std::string escaped(uint32_t point) {
  if (point == '"' || point == '\\') return {'\\', static_cast<char>(point)};
  if (point >= 0x20 && point < 0x7f) return {static_cast<char>(point)};
  if (point < 0x10000) return escaped_unit(point);
  return escaped_unit(0xd7c0 + (point >> 10)) + escaped_unit(0xdc00 | (point & 0x3ff));
}

}  // namespace

std::string json(std::string_view text) {
  std::string result = "\"";
  while (!text.empty()) result += escaped(take_code_point(text));
  return result + '"';
}

std::string json(const char* text) { return json(std::string_view(text)); }
std::string json(bool value) { return value ? "true" : "false"; }
std::string json(int value) { return std::to_string(value); }
std::string json(int64_t value) { return std::to_string(value); }

std::string json(double value) {
  char buffer[32];
  std::snprintf(buffer, sizeof buffer, "%.17g", value);
  return buffer;
}

JsonObject& JsonObject::add_encoded(std::string_view key, std::string_view value) {
  if (!members_.empty()) members_ += ',';
  members_ += json(key);
  members_ += ':';
  members_ += value;
  return *this;
}
