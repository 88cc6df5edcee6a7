#pragma once

#include <vector>

#include "arguments.h"
#include "job.h"
#include "networks.h"
#include "sensors.h"

// A verified job whose graphs are loaded, on the core that was asked for.
struct Setup {
  Arguments arguments;
  Job job;
  std::vector<Network> networks;  // as the job's graphs
  Thermometer thermometer;
};

// One file each. They emit their events and fail with kRun where a run does.
void bench(Setup& setup);
void schedule(Setup& setup);
void profile(Setup& setup);
void dump(Setup& setup);
void track(Setup& setup);
void serve(Setup& setup);  // kUsage for a key that the job has not
