#include "selection.h"

#include <algorithm>
#include <cmath>
#include <numeric>

#include "association.h"
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

std::vector<int> ranked(const std::vector<float>& scores) {
  std::vector<int> queries(scores.size());
  std::iota(queries.begin(), queries.end(), 0);
  std::stable_sort(queries.begin(), queries.end(),
                   [&](int a, int b) { return scores[a] > scores[b]; });
  return queries;
}

}  // namespace

std::vector<Candidate> select(const Prediction& prediction, float threshold, int count,
                              double duplicate) {
  const int queries = prediction.class_logits.h;
  std::vector<float> scores;
  for (int query = 0; query < queries; ++query) scores.push_back(score_of(prediction, query));
  std::vector<Candidate> candidates;
  std::vector<std::vector<double>> directions;  // of the candidates' kernels
  for (const int query : ranked(scores)) {
    if (scores[query] < threshold || candidates.size() == static_cast<size_t>(count)) break;
    Candidate next = candidate(prediction, query, scores[query]);
    std::vector<double> direction = unit(next.kernel);
    const auto is_like = [&](const std::vector<double>& other) {
      return gain(cosine_similarity(direction, other), duplicate) > 0;
    };
    if (std::any_of(directions.begin(), directions.end(), is_like)) continue;
    directions.push_back(std::move(direction));
    candidates.push_back(std::move(next));
  }
  return candidates;
}
