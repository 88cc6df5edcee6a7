#include "json.h"

#include <cstdio>

#include "text.h"

namespace {

std::string escaped(char character) {
  if (character == '"' || character == '\\') return {'\\', character};
  if (static_cast<unsigned char>(character) >= 0x20) return {character};
  char buffer[8];
  std::snprintf(buffer, sizeof buffer, "\\u%04x", character);
  return buffer;
}

}  // namespace

std::string json(std::string_view text) {
  std::string result = "\"";
  while (!text.empty()) {
    const size_t length = utf8_length(text);
    if (length == 0) {
      result += "\\ufffd";
    } else if (length == 1) {
      result += escaped(text[0]);
    } else {
      result += text.substr(0, length);
    }
    text.remove_prefix(length == 0 ? 1 : length);
  }
  return result + '"';
}

std::string json(const char* text) { return json(std::string_view(text)); }
std::string json(bool value) { return value ? "true" : "false"; }
std::string json(int value) { return std::to_string(value); }
std::string json(int64_t value) { return std::to_string(value); }

JsonObject& JsonObject::add_encoded(std::string_view key, std::string_view value) {
  if (!members_.empty()) members_ += ',';
  members_ += json(key);
  members_ += ':';
  members_ += value;
  return *this;
}
