#include "arguments.h"

#include <algorithm>
#include <iterator>
#include <string_view>

#include "cores.h"
#include "report.h"
#include "text.h"

namespace {

constexpr int kMostRuns = 10'000'000;
constexpr double kMostFps = 1e6;
constexpr unsigned kAnyJob = kBench | kSchedule | kTrack | kProfile | kDump | kServe;
constexpr unsigned kFrequencies = kBench | kSchedule | kTrack | kProfile | kServe;

struct CommandRow {
  std::string_view name;
  Command command;
};
constexpr CommandRow kCommands[] = {{"bench", kBench},        {"schedule", kSchedule},
                                    {"track", kTrack},        {"profile", kProfile},
                                    {"dump", kDump},          {"serve", kServe},
                                    {"--version", kVersion},  {"--help", kHelp}};

// Each returns whether the value is one, and keeps it.
template <int Arguments::* member, int least, int most>
bool take_int(Arguments& arguments, std::string_view text) {
  const std::optional<int64_t> value = parse_integer(text, most);
  if (value) arguments.*member = static_cast<int>(*value);
  return value && *value >= least;
}

template <std::string Arguments::* member>
bool take_text(Arguments& arguments, std::string_view text) {
  arguments.*member = text;
  return !text.empty();
}

bool take_core(Arguments& arguments, std::string_view text) {
  const std::optional<int64_t> core = parse_integer(text, kCoreLimit - 1);
  if (core) arguments.core = static_cast<int>(*core);
  return core.has_value();
}

bool take_seed(Arguments& arguments, std::string_view text) {
  const std::optional<int64_t> seed = parse_integer(text, INT64_MAX);
  arguments.seed = seed.value_or(0);
  return seed.has_value();
}

bool take_fps(Arguments& arguments, std::string_view text) {
  arguments.fps = parse_decimal(text);
  return arguments.fps && *arguments.fps >= 1e-3 && *arguments.fps <= kMostFps;
}

bool take_thermal(Arguments& arguments, std::string_view text) {
  arguments.thermal.emplace_back(text);
  return !text.empty();
}

struct Option {
  std::string_view name, value;
  unsigned commands;  // that know it
  bool (*take)(Arguments&, std::string_view);
  std::string_view expected, help;
};
constexpr Option kOptions[] = {
    {"--core", "N", kAnyJob, take_core, "0 to 1023", "run on this core alone"},
    {"--warmup", "N", kBench | kSchedule | kProfile, take_int<&Arguments::warmup, 0, kMostRuns>,
     "0 to 10000000", "rounds or frames before those that count (10)"},
    {"--iterations", "N", kBench | kProfile, take_int<&Arguments::iterations, 1, kMostRuns>,
     "1 to 10000000", "rounds that count (50)"},
    {"--seed", "N", kBench, take_seed, "0 to 9223372036854775807",
     "of the graphs' order within the rounds (0)"},
    {"--interval", "T", kSchedule, take_int<&Arguments::interval, 1, kMostRuns>, "1 to 10000000",
     "one frame in T is a key frame (6)"},
    {"--frames", "N", kSchedule, take_int<&Arguments::frames, 1, kMostRuns>, "1 to 10000000",
     "frames that count (60)"},
    {"--fps", "F", kSchedule, take_fps, "0.001 to 1000000",
     "frames a second, as of a camera (as fast as it can)"},
    {"--sysfs", "DIR", kFrequencies, take_text<&Arguments::sysfs>, "a folder",
     "where frequencies are read (/sys)"},
    {"--thermal", "FILE", kFrequencies, take_thermal, "a file",
     "a temperature to record, in milli °C; may be repeated"},
    {"--output-dir", "DIR", kDump, take_text<&Arguments::output_dir>, "a folder",
     "where outputs are written, as 0.bin, 1.bin, ..."},
};

Command find_command(std::string_view name) {
  for (const CommandRow& row : kCommands) {
    if (row.name == name) return row.command;
  }
  fail(kUsage, "expected bench, schedule, track, profile, dump, serve, --version or --help, got " +
                   json(name));
}

void take_option(Arguments& arguments, std::string_view name, const char* value) {
  const auto* option = std::find_if(std::begin(kOptions), std::end(kOptions), [&](const Option& o) {
    return o.name == name && (o.commands & arguments.command);
  });
  const std::string given(name);
  if (option == std::end(kOptions)) {
    fail(kUsage, arguments.command_name + " has no option " + json(given) + "; see --help");
  }
  const std::string expected = given + ": expected " + std::string(option->expected) + ", got ";
  if (!value) fail(kUsage, expected + "nothing");
  if (!option->take(arguments, value)) fail(kUsage, expected + json(value));
}

}  // namespace

Arguments parse_arguments(int count, char** values) {
  Arguments arguments;
  arguments.command_name = count > 1 ? values[1] : "";
  arguments.command = find_command(arguments.command_name);
  if (!(arguments.command & kAnyJob)) {
    if (count > 2) fail(kUsage, arguments.command_name + " takes nothing else");
    return arguments;
  }
  if (count < 3 || values[2][0] == '-' || !values[2][0]) {
    fail(kUsage, arguments.command_name + " needs a job file before its options");
  }
  arguments.job = values[2];
  for (int i = 3; i < count; i += 2) {
    take_option(arguments, values[i], i + 1 < count ? values[i + 1] : nullptr);
  }
  if (arguments.command == kDump && arguments.output_dir.empty()) {
    fail(kUsage, "dump needs --output-dir");
  }
  return arguments;
}

std::string help_text() {
  std::string text =
      "Runs the ncnn graphs of a job file on one core and prints JSON lines.\n\n"
      "  mobileinst-runner bench JOB      every graph once a round, in shuffled order\n"
      "  mobileinst-runner schedule JOB   key frames and the frames in between\n"
      "  mobileinst-runner track JOB      the job's clip: objects with identities and masks\n"
      "  mobileinst-runner profile JOB    each layer's time\n"
      "  mobileinst-runner dump JOB       the outputs as files of raw float32\n"
      "  mobileinst-runner serve JOB      runs the graphs that stdin names, one key a line\n"
      "  mobileinst-runner --version      what this program is\n\n"
      "Options, behind the job file:\n";
  for (const Option& option : kOptions) {
    std::string name = "  " + std::string(option.name) + ' ' + std::string(option.value);
    name.resize(22, ' ');
    text += name + std::string(option.help) + '\n';
  }
  return text +
         "\nExample, on a phone whose fastest core is number 7:\n"
         "  mobileinst-runner bench job.txt --core 7 --warmup 10 --iterations 50\n\n"
         "Ends with 0 (ok), 2 (usage), 3 (a file is not as it should be), 4 (a run failed, or\n"
         "stdout was closed) or 5 (the core can't be had). job.h says what a job file is.\n";
}
