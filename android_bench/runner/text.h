#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

// "1,,2" at ',' gives "1", "" and "2"; never empty.
std::vector<std::string_view> split(std::string_view text, char separator);

// Digits alone, no sign and no blanks; nothing where it is more than `largest`.
std::optional<int64_t> parse_integer(std::string_view text, int64_t largest);

// Digits with at most one point. Never infinite.
std::optional<double> parse_decimal(std::string_view text);

// The length of the UTF-8 sequence that the text starts with; 0 where that is none (overlong,
// surrogate, cut off, past U+10FFFF).
size_t utf8_length(std::string_view text);

bool is_utf8(std::string_view text);
