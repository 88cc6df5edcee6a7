#pragma once

#include <vector>

#include "record_fields.h"

// Fails with kLoad at the first record that is not as `job.h` says, names what isn't there, or
// says again what another has said.
void fill_job(Job& job, const std::vector<Record>& records);
