#pragma once

#include <net.h>

#include <vector>

// Which of a keyframe's queries may be objects, as mobileinst_deploy/tracking/selection.py does it.

// A keyframe graph's outputs, one query a row.
struct Prediction {
  ncnn::Mat class_logits;  // [N, C]
  ncnn::Mat objectness;    // [N, 1]
  ncnn::Mat kernels;       // [N, D]
  ncnn::Mat mask_logits;   // [N, H/8 × W/8]
};

struct Candidate {
  int query;
  float score;  // 0..1
  std::vector<float> class_probabilities;  // [C]
  std::vector<float> kernel;               // [D]
};

// Those whose score reaches the threshold, best first; `count` at most. A score is
// sqrt(best class probability × objectness probability), as in SparseInst's inference.
// A query whose kernel has a cosine above `duplicate` with a better candidate's is none, and the
// next one takes its place; at 1 that is never so.
std::vector<Candidate> select(const Prediction& prediction, float threshold, int count,
                              double duplicate);
