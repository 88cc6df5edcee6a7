#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "networks.h"
#include "selection.h"
#include "tracking_plan.h"

// A job's graphs on the frames of a clip: what a graph gives goes where the plan says. They fail
// with kRun, naming the frame, where ncnn does or where a number is none.
class TrackingGraphs {
 public:
  // Replaces inputs of the networks, which are the job's graphs.
  TrackingGraphs(const Job& job, const TrackingPlan& plan, std::vector<Network>& networks)
      : job_(job), plan_(plan), networks_(networks), outputs_(networks.size()) {}

  void begin_frame(int index);

  Prediction keyframe(const ncnn::Mat& image);

  // Live kernels by the padding rule, [count, D], become the state of the frames that follow.
  void hold(const ncnn::Mat& kernels);

  // Mask logits, one kernel a row.
  ncnn::Mat reuse(const ncnn::Mat& image);

  // Spent in graphs since the frame began.
  int64_t graphs_ns() const { return graphs_ns_; }

 private:
  void run(size_t graph);
  void feed(size_t graph, const ncnn::Mat& image);
  void hand_on(const StateEdge& edge);
  ncnn::Mat rows(size_t graph, size_t output, int count) const;

  const Job& job_;
  const TrackingPlan plan_;
  std::vector<Network>& networks_;
  std::vector<Outputs> outputs_;  // of each graph's latest run
  std::string frame_;             // "frame 3", for messages
  int64_t graphs_ns_ = 0;
};
