// Each layer's time, from an ncnn that is built without NCNN_BENCHMARK: in the order of the .param,
// in which every layer stands behind those that feed it, asking for a layer's first output computes
// that layer alone. Light mode stays on, so that layers work in place as they do in a whole run.

#include "commands.h"
#include "samples.h"

namespace {

constexpr int kAsItIs = 1;  // of `extract`: no conversion to plain float32

using LayerSeries = std::vector<std::vector<int64_t>>;  // [layers][iterations], ns

// One `ns` a layer; a layer without outputs takes none.
std::vector<int64_t> run_layers(const Network& network) {
  ncnn::Extractor extractor = network.net->create_extractor();
  int code = 0;
  for (const BoundInput& input : network.inputs) code |= extractor.input(input.blob, input.value);
  std::vector<int64_t> times;
  for (const ncnn::Layer* layer : network.net->layers()) {
    ncnn::Mat top;  // given back before the next layer, which may work in place
    const bool computes = !layer->tops.empty();
    times.push_back(timed([&] {
                      if (computes) code |= extractor.extract(layer->tops[0], top, kAsItIs);
                    }).ns);
  }
  check_run(network, code, {});
  return times;
}

void emit_layers(const Network& network, const LayerSeries& series) {
  const std::vector<ncnn::Layer*>& layers = network.net->layers();
  for (size_t i = 0; i < layers.size(); ++i) {
    emit(event("layer")
             .add("key", network.graph->key)
             .add("index", static_cast<int>(i))
             .add("type", layers[i]->type)
             .add("name", layers[i]->name)
             .add("samples_ns", series[i]));
  }
}

// A whole run stands beside each run in layers: the difference is what looking costs.
void run_iteration(const Network& network, const char* phase, int round,
                   const Arguments& arguments, LayerSeries& series) {
  emit_sample(network, take_sample(network), phase, round, arguments);
  const std::vector<int64_t> times = run_layers(network);
  for (size_t i = 0; i < times.size(); ++i) series[i].push_back(times[i]);
}

void profile_network(Setup& setup, const Network& network) {
  const Arguments& arguments = setup.arguments;
  LayerSeries ignored(network.net->layers().size()), series(network.net->layers().size());
  for (int i = 0; i < arguments.warmup; ++i) {
    run_iteration(network, "warmup", i, arguments, ignored);
  }
  for (int i = 0; i < arguments.iterations; ++i) {
    run_iteration(network, "measure", i, arguments, series);
    setup.thermometer.read_if_due();
  }
  emit_layers(network, series);
}

}  // namespace

void profile(Setup& setup) {
  for (const Network& network : setup.networks) profile_network(setup, network);
}
