#pragma once

#include <vector>

// Numbers by row and column.
class Matrix {
 public:
  Matrix(int rows, int columns)
      : rows(rows), columns(columns), values_(static_cast<size_t>(rows) * columns) {}
  double& at(int row, int column) { return values_[static_cast<size_t>(row) * columns + column]; }
  double at(int row, int column) const {
    return values_[static_cast<size_t>(row) * columns + column];
  }

  const int rows, columns;

 private:
  std::vector<double> values_;
};

constexpr int kNone = -1;

// One-to-one pairs of rows and columns of which the gains' sum is largest: each row's column, or
// kNone where there are fewer columns. O(n³). Where several are best it is the one that
// scipy.optimize.linear_sum_assignment gives. Finite gains only.
std::vector<int> assign(const Matrix& gains);
