#pragma once

#include <memory>

#include "commands.h"

// Reads the job, pins, emits `start`, checks every file's hash and loads every graph. Fails with
// kLoad or kDevice.
std::unique_ptr<Setup> set_up(const Arguments& arguments);

// What this program is, in one line.
void emit_version();
