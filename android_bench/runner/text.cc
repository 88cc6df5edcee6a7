#include "text.h"

#include <cmath>
#include <cstdlib>

std::vector<std::string_view> split(std::string_view text, char separator) {
  std::vector<std::string_view> parts;
  for (;;) {
    const size_t end = text.find(separator);
    parts.push_back(text.substr(0, end));
    if (end == std::string_view::npos) return parts;
    text.remove_prefix(end + 1);
  }
}

std::optional<int64_t> parse_integer(std::string_view text, int64_t largest) {
  if (text.empty()) return std::nullopt;
  int64_t value = 0;
  for (const char digit : text) {
    if (digit < '0' || digit > '9') return std::nullopt;
    const int64_t unit = digit - '0';
    if (value > (largest - unit) / 10) return std::nullopt;
    value = value * 10 + unit;
  }
  return value;
}

std::optional<double> parse_decimal(std::string_view text) {
  constexpr size_t longest = 20;  // far from what a double can't hold
  if (text.empty() || text.size() > longest) return std::nullopt;
  if (text.find_first_not_of("0123456789.") != std::string_view::npos) return std::nullopt;
  if (text.find('.') != text.rfind('.') || text == ".") return std::nullopt;
  return std::strtod(std::string(text).c_str(), nullptr);
}

std::optional<double> parse_number(std::string_view text) {
  constexpr size_t longest = 32;  // Python's and C's shortest exact forms have 24 at most
  if (text.empty() || text.size() > longest) return std::nullopt;
  if (text.find_first_not_of("0123456789.+-e") != std::string_view::npos) return std::nullopt;
  const std::string copy(text);
  char* end = nullptr;
  const double number = std::strtod(copy.c_str(), &end);
  if (end != copy.c_str() + copy.size() || !std::isfinite(number)) return std::nullopt;
  return number;
}

namespace {

struct Utf8Row {  // the Unicode Standard, table 3-7: well-formed byte sequences
  uint8_t first_from, first_to, second_from, second_to, length;
};
constexpr Utf8Row kUtf8Rows[] = {
    {0x00, 0x7f, 0x00, 0x00, 1}, {0xc2, 0xdf, 0x80, 0xbf, 2}, {0xe0, 0xe0, 0xa0, 0xbf, 3},
    {0xe1, 0xec, 0x80, 0xbf, 3}, {0xed, 0xed, 0x80, 0x9f, 3}, {0xee, 0xef, 0x80, 0xbf, 3},
    {0xf0, 0xf0, 0x90, 0xbf, 4}, {0xf1, 0xf3, 0x80, 0xbf, 4}, {0xf4, 0xf4, 0x80, 0x8f, 4},
};

bool between(char byte, uint8_t from, uint8_t to) {
  const auto value = static_cast<uint8_t>(byte);
  return from <= value && value <= to;
}

bool follows(std::string_view text, const Utf8Row& row) {
  if (text.size() < row.length) return false;
  if (row.length > 1 && !between(text[1], row.second_from, row.second_to)) return false;
  for (size_t i = 2; i < row.length; ++i) {
    if (!between(text[i], 0x80, 0xbf)) return false;
  }
  return true;
}

// The length of the sequence that the text starts with; 0 where that is none.
size_t utf8_length(std::string_view text) {
  for (const Utf8Row& row : kUtf8Rows) {
    if (!text.empty() && between(text[0], row.first_from, row.first_to)) {
      return follows(text, row) ? row.length : 0;
    }
  }
  return 0;
}

}  // namespace

uint32_t take_code_point(std::string_view& text) {
  constexpr uint8_t payload[] = {0, 0x7f, 0x1f, 0x0f, 0x07};  // of the first byte, by length
  const size_t length = utf8_length(text);
  uint32_t point = static_cast<uint8_t>(text[0]) & payload[length];
  for (size_t i = 1; i < length; ++i) point = point << 6 | (static_cast<uint8_t>(text[i]) & 0x3f);
  text.remove_prefix(length == 0 ? 1 : length);
  return length == 0 ? kReplacement : point;
}

bool is_utf8(std::string_view text) {
  while (const size_t length = utf8_length(text)) text.remove_prefix(length);
  return text.empty();
}
