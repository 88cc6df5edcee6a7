#include "selection.h"

#include <algorithm>
#include <cmath>
#include <numeric>

#include "sigmoid.h"

namespace {

float score_of(const Prediction& prediction, int query) {
  const float* logits = prediction.class_logits.row(query);
  const float best = *std::max_element(logits, logits + prediction.class_logits.w);
  return std::sqrt(sigmoid(best) * sigmoid(*prediction.objectness.row(query)));
}

Candidate candidate(const Prediction& prediction, int query, float score) {
  const float* logits = prediction.class_logits.row(query);
  const float* kernel = prediction.kernels.row(query);
  Candidate made{query, score, std::vector<float>(prediction.class_logits.w),
                 std::vector<float>(kernel, kernel + prediction.kernels.w)};
  std::transform(logits, logits + prediction.class_logits.w, made.class_probabilities.begin(),
                 sigmoid);
  return made;
}

}  // namespace

std::vector<Candidate> select(const Prediction& prediction, float threshold, int count) {
  const int queries = prediction.class_logits.h;
  std::vector<float> scores;
  for (int query = 0; query < queries; ++query) scores.push_back(score_of(prediction, query));
  std::vector<int> best(queries);
  std::iota(best.begin(), best.end(), 0);
  std::stable_sort(best.begin(), best.end(), [&](int a, int b) { return scores[a] > scores[b]; });
  best.resize(std::min(queries, count));
  std::vector<Candidate> candidates;
  for (const int query : best) {
    if (scores[query] < threshold) break;
    candidates.push_back(candidate(prediction, query, scores[query]));
  }
  return candidates;
}
