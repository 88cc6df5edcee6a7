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

// As C writes a number in decimal, perhaps with a sign and an exponent; always finite.
std::optional<double> parse_number(std::string_view text);

// Takes one character away from the front. A byte that begins no well-formed UTF-8 (overlong,
// surrogate, cut off, past U+10FFFF) is taken alone, and gives `kReplacement`.
uint32_t take_code_point(std::string_view& text);
constexpr uint32_t kReplacement = 0xfffd;

bool is_utf8(std::string_view text);
