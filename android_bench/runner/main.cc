// mobileinst-runner: parse (arguments, job), run (bench, schedule, track, profile, dump, serve),
// report.

#include <unistd.h>

#include "arguments.h"
#include "commands.h"
#include "report.h"
#include "setup.h"
#include "signals.h"

namespace {

using Run = void (*)(Setup&);

Run find_run(Command command) {
  switch (command) {
    case kSchedule: return schedule;
    case kTrack: return track;
    case kProfile: return profile;
    case kDump: return dump;
    case kServe: return serve;
    default: return bench;
  }
}

void run_job(const Arguments& arguments) {
  const std::unique_ptr<Setup> setup = set_up(arguments);
  setup->thermometer.read();
  find_run(arguments.command)(*setup);
  setup->thermometer.read();
  emit_end();
  _exit(kOk);  // what the process has goes back with it, unfreed
}

}  // namespace

int main(int count, char** values) {
  install_signal_handlers();
  const Arguments arguments = parse_arguments(count, values);
  if (arguments.command == kHelp) {
    emit_text(help_text());
  } else if (arguments.command == kVersion) {
    emit_version();
  } else {
    run_job(arguments);
  }
  return kOk;
}
