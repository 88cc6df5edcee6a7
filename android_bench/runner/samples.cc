#include "samples.h"

#include "sensors.h"

Sample take_sample(const Network& network) {
  Outputs outputs(network.outputs.size());
  int code = 0;
  const Sample sample = timed([&] { code = run_network(network, outputs); });
  check_run(network, code, outputs);
  return sample;
}

void add_sample(JsonObject& object, const Sample& sample, const Arguments& arguments) {
  const Frequency frequency = read_frequency(arguments.sysfs, sample.core);
  object.add("ns", sample.ns)
      .add("core", sample.core)
      .add("frequency_khz", frequency.now_khz)
      .add("frequency_max_khz", frequency.max_khz)
      .add("at_ns", since_start(sample.at_ns));
}

void emit_sample(const Network& network, const Sample& sample, const char* phase, int round,
                 const Arguments& arguments) {
  JsonObject object = event("sample");
  object.add("key", network.graph->key).add("phase", phase).add("round", round);
  add_sample(object, sample, arguments);
  emit(object);
}
