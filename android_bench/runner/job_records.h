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

// Fails with kLoad at the first record that is not as `job.h` says, names what isn't there, or
// says again what another has said.
void fill_job(Job& job, const std::vector<Record>& records);
