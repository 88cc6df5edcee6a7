#include "record_fields.h"

#include "report.h"
#include "text.h"

namespace {

constexpr int64_t kLargestDim = 1 << 20;
constexpr int64_t kMostValues = 1 << 28;  // of a tensor
constexpr size_t kMostDims = 4;           // ncnn has no more
constexpr size_t kShaDigits = 64;
constexpr std::string_view kHexDigits = "0123456789abcdef";

}  // namespace

void refuse(const Record& record, const std::string& why) {
  fail(kLoad, record.where + ": " + why);
}

void expect(bool is_so, const Record& record, const char* expected, std::string_view got) {
  if (!is_so) refuse(record, "expected " + std::string(expected) + ", got " + json(got));
}

void expect_new(bool is_new, const Record& record, std::string_view what) {
  if (!is_new) refuse(record, json(what) + " is there twice");
}

std::string sha256_field(const Record& record, size_t index) {
  const std::string_view text = record.fields[index];
  const bool is_hex = text.find_first_not_of(kHexDigits) == std::string_view::npos;
  expect(is_hex && text.size() == kShaDigits, record, "64 lower-case hexadecimal digits", text);
  return std::string(text);
}

std::string path_field(const Record& record, size_t index) {
  const std::string_view text = record.fields[index];
  bool climbing = text[0] != '/';
  bool is_inside = climbing;
  for (const std::string_view part : split(text, '/')) {
    climbing = climbing && part == "..";
    is_inside = is_inside && (climbing || part != "..");
  }
  expect(is_inside, record, "a relative path with '..' at its beginning at most", text);
  return std::string(text);
}

std::vector<int> dims_field(const Record& record, size_t index) {
  constexpr const char* expected = "one to four sizes with commas, as 3,320,640";
  const std::string_view text = record.fields[index];
  std::vector<int> dims;
  int64_t values = 1;
  for (const std::string_view part : split(text, ',')) {
    const std::optional<int64_t> dim = parse_integer(part, kLargestDim);
    expect(dim && *dim > 0 && dims.size() < kMostDims, record, expected, text);
    dims.push_back(static_cast<int>(*dim));
    values *= *dim;
    expect(values <= kMostValues, record, "fewer values", text);
  }
  return dims;
}

std::vector<double> numbers_field(const Record& record, size_t index, size_t count) {
  const std::string_view text = record.fields[index];
  const std::string expected = std::to_string(count) + " finite numbers with commas";
  std::vector<double> numbers;
  for (const std::string_view part : split(text, ',')) {
    const std::optional<double> number = parse_number(part);
    expect(number && numbers.size() < count, record, expected.c_str(), text);
    numbers.push_back(*number);
  }
  expect(numbers.size() == count, record, expected.c_str(), text);
  return numbers;
}

size_t graph_field(const Job& job, const Record& record, size_t index) {
  const size_t found = find_graph(job, record.fields[index]);
  expect(found < job.graphs.size(), record, "the key of a 'graph' record", record.fields[index]);
  return found;
}
