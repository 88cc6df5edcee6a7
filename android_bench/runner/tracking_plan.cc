#include "tracking_plan.h"

#include <algorithm>

#include "clip_checks.h"
#include "report.h"

namespace {

using Dims = std::vector<int>;

// A job and the name of its file, for messages.
struct Told {
  const Job& job;
  const std::string& path;

  [[noreturn]] void refuse(const std::string& why) const { fail(kLoad, path + ": " + why); }
  const JobGraph& graph(size_t index) const { return job.graphs[index]; }
};

void check_dims(const Told& told, const std::string& what, const Dims& dims, const Dims& wanted) {
  if (dims != wanted) {
    told.refuse(what + " has the shape " + json(dims) + ", expected " + json(wanted));
  }
}

std::string name_of(const JobGraph& graph, const std::string& tensor) {
  return '\'' + tensor + "' of graph '" + graph.key + '\'';
}

size_t find_output(const Told& told, size_t index, std::string_view name, size_t rank) {
  const JobGraph& graph = told.graph(index);
  for (size_t i = 0; i < graph.outputs.size(); ++i) {
    const JobOutput& output = graph.outputs[i];
    if (output.name != name) continue;
    if (output.dims.size() == rank) return i;
    told.refuse(name_of(graph, output.name) + " has the shape " + json(output.dims) +
                ", expected " + std::to_string(rank) + " sides");
  }
  told.refuse("graph '" + graph.key + "' has no output '" + std::string(name) + '\'');
}

// The keyframe's outputs, a row for each query.
void plan_keyframe(const Told& told, TrackingPlan& plan) {
  const JobGraph& graph = told.graph(plan.keyframe);
  if (graph.inputs.size() != 1 || graph.inputs[0].name != kImage) {
    told.refuse("graph '" + graph.key + "' is a keyframe's first, and takes more than 'image'");
  }
  plan.prediction = {
      find_output(told, plan.keyframe, "class_logits", 2),
      find_output(told, plan.keyframe, "objectness", 2),
      find_output(told, plan.keyframe, "kernels", 2),
      find_output(told, plan.keyframe, "mask_logits", 3),
  };
  const auto dims = [&](size_t output) -> const Dims& { return graph.outputs[output].dims; };
  const int queries = plan.queries = dims(plan.prediction.class_logits)[0];
  const int classes = dims(plan.prediction.class_logits)[1];
  const int length = dims(plan.prediction.kernels)[1];
  plan.grid_height = dims(plan.prediction.mask_logits)[1];
  plan.grid_width = dims(plan.prediction.mask_logits)[2];
  const std::pair<size_t, Dims> wanted[] = {
      {plan.prediction.class_logits, {queries, classes}},
      {plan.prediction.objectness, {queries, 1}},
      {plan.prediction.kernels, {queries, length}},
      {plan.prediction.mask_logits, {queries, plan.grid_height, plan.grid_width}},
  };
  for (const auto& [output, expected] : wanted) {
    check_dims(told, name_of(graph, graph.outputs[output].name), dims(output), expected);
  }
}

std::vector<size_t> scheduled(const TrackingPlan& plan) {
  std::vector<size_t> graphs{plan.keyframe};
  graphs.insert(graphs.end(), plan.once.begin(), plan.once.end());
  if (plan.reuse) graphs.push_back(*plan.reuse);
  return graphs;
}

void check_image(const Told& told, const JobGraph& graph, const JobInput& input) {
  const Preprocessing& made = *told.job.tracking.preprocessing;
  check_dims(told, name_of(graph, input.name), input.dims, {3, made.height, made.width});
}

const StateEdge* find_edge(const Told& told, size_t target, size_t input) {
  for (const StateEdge& edge : told.job.tracking.state) {
    if (edge.target == target && edge.input == input) return &edge;
  }
  return nullptr;
}

// Live rows are kernels of the keyframe, as many for every graph.
void check_live(const Told& told, TrackingPlan& plan, const StateEdge& edge) {
  const JobGraph& source = told.graph(edge.source);
  const JobInput& input = told.graph(edge.target).inputs[edge.input];
  const std::string name = name_of(told.graph(edge.target), input.name);
  if (edge.source != plan.keyframe || edge.output != plan.prediction.kernels) {
    told.refuse(name + " takes live rows of something else than the keyframe's kernels");
  }
  const int count = plan.count ? plan.count : input.dims[0];
  check_dims(told, name, input.dims, {count, source.outputs[edge.output].dims[1]});
  plan.count = count;
}

void check_whole(const Told& told, const std::vector<size_t>& before, const StateEdge& edge) {
  const JobGraph &source = told.graph(edge.source), &target = told.graph(edge.target);
  const JobInput& input = target.inputs[edge.input];
  const JobOutput& output = source.outputs[edge.output];
  if (std::find(before.begin(), before.end(), edge.source) == before.end()) {
    told.refuse(name_of(target, input.name) + " takes something of graph '" + source.key +
                "', which does not run before it");
  }
  check_dims(told, name_of(source, output.name), output.dims, input.dims);
}

// Everything that the graph takes: the image, or what a graph before it gives.
void check_inputs(const Told& told, TrackingPlan& plan, const std::vector<size_t>& before,
                  size_t index) {
  const JobGraph& graph = told.graph(index);
  for (size_t i = 0; i < graph.inputs.size(); ++i) {
    const JobInput& input = graph.inputs[i];
    const StateEdge* edge = find_edge(told, index, i);
    if (input.name == kImage) {
      check_image(told, graph, input);
    } else if (!edge) {
      told.refuse("no 'state' record for " + name_of(graph, input.name));
    } else if (edge->is_live) {
      check_live(told, plan, *edge);
    } else {
      check_whole(told, before, *edge);
    }
  }
}

}  // namespace

TrackingPlan plan_tracking(const Job& job, const std::string& path) {
  const Told told{job, path};
  check_clip(job, path);
  TrackingPlan plan{};
  plan.keyframe = job.key_graphs[0];
  plan.once.assign(job.key_graphs.begin() + 1, job.key_graphs.end());
  if (!job.reuse_graphs.empty()) plan.reuse = job.reuse_graphs[0];
  plan_keyframe(told, plan);
  std::vector<size_t> before;
  for (const size_t graph : scheduled(plan)) {
    check_inputs(told, plan, before, graph);
    before.push_back(graph);
  }
  if (plan.count == 0) told.refuse("no 'state' record hands live kernels on");
  if (plan.reuse) {
    plan.masks = find_output(told, *plan.reuse, "mask_logits", 3);
    const JobOutput& masks = told.graph(*plan.reuse).outputs[plan.masks];
    check_dims(told, name_of(told.graph(*plan.reuse), masks.name), masks.dims,
               {plan.count, plan.grid_height, plan.grid_width});
  }
  return plan;
}
