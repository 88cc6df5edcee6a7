#pragma once

#include <vector>

constexpr int kCoreLimit = 1024;  // as CPU_SETSIZE

// The cores that the process may run on, by number. Fails with kDevice where the kernel won't say.
std::vector<int> allowed_cores();

// Binds the process to one core and proves it. Fails with kDevice where the core can't be had.
void pin_to(int core);

// Where the calling thread runs now; -1 where the kernel won't say.
int current_core();
