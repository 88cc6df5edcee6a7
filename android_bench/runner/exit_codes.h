#pragma once

// What the process ends with. The same numbers as the host's commands use.
enum ExitCode {
  kOk = 0,
  kUsage = 2,   // the command line, or a key on stdin that is not in the job
  kLoad = 3,    // the job, a file or a network is not as it should be
  kRun = 4,     // a run failed, or stdout is closed
  kDevice = 5,  // the core can't be had
};
