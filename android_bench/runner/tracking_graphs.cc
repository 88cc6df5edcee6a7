#include "tracking_graphs.h"

#include <cfloat>
#include <cmath>

#include "clock.h"
#include "report.h"

namespace {

// A view where the values lie without gaps, else a copy; empty where they are not as many.
ncnn::Mat shaped(const ncnn::Mat& mat, const std::vector<int>& dims) {
  switch (dims.size()) {
    case 1: return mat.reshape(dims[0]);
    case 2: return mat.reshape(dims[1], dims[0]);
    case 3: return mat.reshape(dims[2], dims[1], dims[0]);
    default: return mat.reshape(dims[3], dims[2], dims[1], dims[0]);
  }
}

// Without a branch, so that the compiler looks at several at once.
template <typename Test>
bool any_value(const ncnn::Mat& mat, const Test& test) {
  const auto size = static_cast<size_t>(mat.w) * mat.h * mat.d;
  bool found = false;
  for (int channel = 0; channel < mat.c; ++channel) {
    const float* values = mat.channel(channel);
    for (size_t i = 0; i < size; ++i) found |= test(values[i]);
  }
  return found;
}

// What is odd about its values; empty where all are finite.
std::string oddity_of(const ncnn::Mat& mat) {
  if (!any_value(mat, [](float x) { return !(std::fabs(x) <= FLT_MAX); })) return "";
  return any_value(mat, [](float x) { return x != x; }) ? "NaN" : "infinity";
}

}  // namespace

void TrackingGraphs::begin_frame(int index) {
  frame_ = "frame " + std::to_string(index);
  graphs_ns_ = 0;
}

Prediction TrackingGraphs::keyframe(const ncnn::Mat& image) {
  feed(plan_.keyframe, image);
  run(plan_.keyframe);
  const auto of = [&](size_t output) { return rows(plan_.keyframe, output, plan_.queries); };
  const PredictionOutputs& outputs = plan_.prediction;
  return {of(outputs.class_logits), of(outputs.objectness), of(outputs.kernels),
          of(outputs.mask_logits)};
}

void TrackingGraphs::hold(const ncnn::Mat& kernels) {
  for (const StateEdge& edge : job_.tracking.state) {
    if (edge.is_live) networks_[edge.target].inputs[edge.input].value = kernels;
  }
  for (const size_t graph : plan_.once) {
    run(graph);
    for (const StateEdge& edge : job_.tracking.state) {
      if (!edge.is_live && edge.source == graph) hand_on(edge);
    }
  }
}

ncnn::Mat TrackingGraphs::reuse(const ncnn::Mat& image) {
  feed(*plan_.reuse, image);
  run(*plan_.reuse);
  return rows(*plan_.reuse, plan_.masks, plan_.count);
}

void TrackingGraphs::feed(size_t graph, const ncnn::Mat& image) {
  const std::vector<JobInput>& inputs = job_.graphs[graph].inputs;
  for (size_t i = 0; i < inputs.size(); ++i) {
    if (inputs[i].name == kImage) networks_[graph].inputs[i].value = image;
  }
}

void TrackingGraphs::run(size_t graph) {
  const Network& network = networks_[graph];
  Outputs outputs(network.outputs.size());
  const int64_t started_ns = now_ns();
  const int code = run_network(network, outputs);
  graphs_ns_ += now_ns() - started_ns;
  check_run(network, code, outputs, frame_ + ": ");
  for (size_t i = 0; i < outputs.size(); ++i) {
    const std::string oddity = oddity_of(outputs[i]);
    if (oddity.empty()) continue;
    fail(kRun, frame_ + ": graph '" + network.graph->key + "' gives " + oddity +
                   " in its output '" + network.graph->outputs[i].name + '\'');
  }
  outputs_[graph] = std::move(outputs);
}

void TrackingGraphs::hand_on(const StateEdge& edge) {
  const std::vector<int>& dims = job_.graphs[edge.target].inputs[edge.input].dims;
  ncnn::Mat value = shaped(outputs_[edge.source][edge.output], dims);
  if (value.empty()) {
    const JobGraph& source = job_.graphs[edge.source];
    fail(kRun, frame_ + ": graph '" + source.key + "': output '" +
                   source.outputs[edge.output].name + "' has not the shape " + json(dims));
  }
  networks_[edge.target].inputs[edge.input].value = value;
}

ncnn::Mat TrackingGraphs::rows(size_t graph, size_t output, int count) const {
  const JobOutput& told = job_.graphs[graph].outputs[output];
  const int64_t length = count_values(told.dims) / count;
  ncnn::Mat mat = shaped(outputs_[graph][output], {count, static_cast<int>(length)});
  if (!mat.empty()) return mat;
  fail(kRun, frame_ + ": graph '" + job_.graphs[graph].key + "': output '" + told.name +
                 "' has not the shape " + json(told.dims));
}
