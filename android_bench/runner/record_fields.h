#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "job.h"

// A line of a job file.
struct Record {
  std::string where;  // "job.txt:3"
  std::vector<std::string_view> fields;
};

// They fail with kLoad, naming the record; the last two unless it is so.
[[noreturn]] void refuse(const Record& record, const std::string& why);
void expect(bool is_so, const Record& record, const char* expected, std::string_view got);
void expect_new(bool is_new, const Record& record, std::string_view what);

// What the field at that place says. They refuse what is not of its form.
std::string sha256_field(const Record& record, size_t index);
std::string path_field(const Record& record, size_t index);
std::vector<int> dims_field(const Record& record, size_t index);
std::vector<double> numbers_field(const Record& record, size_t index, size_t count);
size_t graph_field(const Job& job, const Record& record, size_t index);
