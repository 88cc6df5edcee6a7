#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "exit_codes.h"
#include "json.h"

constexpr int kSchemaVersion = 1;

// An event of that name, to be filled.
JsonObject event(std::string_view name);

// Writes one line to stdout, at once. A write error ends the process with kRun.
void emit(const JsonObject& object);

// Text for people, on stdout; same write errors.
void emit_text(std::string_view text);

// Ends the process: an `error` event, one line on stderr and the code.
[[noreturn]] void fail(ExitCode code, const std::string& message);

// Nanoseconds from the process's start to `at_ns`, which is of the clock `now_ns`.
int64_t since_start(int64_t at_ns);

// The `end` event: the largest resident memory and the time since the process's start.
void emit_end();
