#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

enum Command : unsigned {  // bits, for the table of options
  kBench = 1,
  kSchedule = 2,
  kProfile = 4,
  kDump = 8,
  kServe = 16,
  kTrack = 32,
  kVersion = 64,
  kHelp = 128,
};

struct Arguments {
  Command command;
  std::string command_name;
  std::string job;
  std::optional<int> core;  // none: no pinning
  int warmup = 10;
  int iterations = 50;
  int64_t seed = 0;  // of the order within the rounds
  int interval = 6;  // one frame in so many is a key frame
  int frames = 60;
  std::optional<double> fps;  // none: as fast as it can
  std::string sysfs = "/sys";
  std::vector<std::string> thermal;  // files to read
  std::string output_dir;
};

// Fails with kUsage, naming the option, what was expected and what came.
Arguments parse_arguments(int count, char** values);

std::string help_text();
