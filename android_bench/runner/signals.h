#pragma once

#include <string>

// From here on: a closed stdout is an error of `write`, not a signal; TERM, HUP and INT end the
// process; and where ncnn crashes (a network that its file's hash vouches for, and that still
// breaks it), the process ends with kRun and says so instead of dying silently.
void install_signal_handlers();

// The file that is removed when a signal ends the process: one that is being written.
void remove_when_killed(const std::string& path);
void keep_when_killed();
