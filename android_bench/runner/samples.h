#pragma once

#include <string>

#include "arguments.h"
#include "clock.h"
#include "cores.h"
#include "networks.h"
#include "report.h"

// Where and how long something ran.
struct Sample {
  int64_t at_ns;  // of the clock `now_ns`, when it began
  int64_t ns;
  int core;  // where the thread was when it was over
};

template <typename Work>
Sample timed(const Work& work) {
  Sample sample{now_ns(), 0, 0};
  work();
  sample.ns = now_ns() - sample.at_ns;
  sample.core = current_core();
  return sample;
}

// One `run_network` and nothing else lies in the timed region: the inputs lie in memory before it
// begins, and the outputs are given back after its end. That is what the wheel's path in
// export/ncnn_net.py does, less NumPy's copies in and out. Fails with kRun where ncnn does.
Sample take_sample(const Network& network);

// The members that samples and frames have in common; reads the frequency.
void add_sample(JsonObject& object, const Sample& sample, const Arguments& arguments);


void emit_sample(const Network& network, const Sample& sample, const char* phase, int round,
                 const Arguments& arguments);
