#include "association.h"

#include <algorithm>
#include <cmath>
#include <numeric>

namespace {

constexpr double kShortest = 1e-12;  // a kernel of no length is similar to none
// Of a gain of 1: sums in another order give the same gains, and ties stay ties.
constexpr double kSteps = 1 << 30;

std::vector<std::vector<double>> units(const Kernels& kernels) {
  std::vector<std::vector<double>> result;
  for (const std::vector<float>* kernel : kernels) result.push_back(unit(*kernel));
  return result;
}

}  // namespace

std::vector<double> unit(const std::vector<float>& kernel) {
  std::vector<double> wide(kernel.begin(), kernel.end());
  const double square = std::inner_product(wide.begin(), wide.end(), wide.begin(), 0.0);
  const double length = std::max(std::sqrt(square), kShortest);
  for (double& value : wide) value /= length;
  return wide;
}

double cosine_similarity(const std::vector<double>& direction, const std::vector<double>& other) {
  return std::inner_product(direction.begin(), direction.end(), other.begin(), 0.0);
}

double gain(double similarity, double threshold) {
  return std::nearbyint(std::max(similarity - threshold, 0.0) * kSteps);
}

Matrix cosine_similarities(const Kernels& kernels, const Kernels& others) {
  const std::vector<std::vector<double>> left = units(kernels), right = units(others);
  Matrix similarities(static_cast<int>(left.size()), static_cast<int>(right.size()));
  for (int row = 0; row < similarities.rows; ++row) {
    for (int column = 0; column < similarities.columns; ++column) {
      similarities.at(row, column) = cosine_similarity(left[row], right[column]);
    }
  }
  return similarities;
}

std::vector<int> associate(const Matrix& similarities, double threshold) {
  Matrix gains(similarities.rows, similarities.columns);
  for (int row = 0; row < gains.rows; ++row) {
    for (int column = 0; column < gains.columns; ++column) {
      gains.at(row, column) = gain(similarities.at(row, column), threshold);
    }
  }
  std::vector<int> pairs = assign(gains);
  for (int row = 0; row < gains.rows; ++row) {
    if (pairs[row] != kNone && gains.at(row, pairs[row]) <= 0) pairs[row] = kNone;
  }
  return pairs;
}
