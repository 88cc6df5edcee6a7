// Interleaved rounds: every graph once a round, so that what drifts meets all of them alike.

#include "commands.h"
#include "samples.h"
#include "shuffle.h"

namespace {

void run_round(Setup& setup, Shuffle& shuffle, const char* phase, int round) {
  for (const size_t index : shuffle.order(setup.networks.size())) {
    const Network& network = setup.networks[index];
    emit_sample(network, take_sample(network), phase, round, setup.arguments);
  }
  setup.thermometer.read_if_due();
}

}  // namespace

void bench(Setup& setup) {
  Shuffle shuffle(static_cast<uint64_t>(setup.arguments.seed));
  for (int i = 0; i < setup.arguments.warmup; ++i) run_round(setup, shuffle, "warmup", i);
  for (int i = 0; i < setup.arguments.iterations; ++i) run_round(setup, shuffle, "measure", i);
}
