#include "masks.h"

#include <algorithm>

#include "run_lengths.h"
#include "sigmoid.h"

namespace {

// By way of the network's input, of which the picture fills the leading positions.
Axis to_picture(int grid, int input, int placed, int picture) {
  return compose(bilinear_axis(grid, input), bilinear_axis(placed, picture));
}

// No two of them overlap, which lets the compiler take many pixels at once.
void mark_above(const float* const columns[4], const float weights[4], float threshold, int count,
                uint8_t* __restrict above) {
  const float *__restrict a = columns[0], *__restrict b = columns[1];
  const float *__restrict c = columns[2], *__restrict d = columns[3];
  const float wa = weights[0], wb = weights[1], wc = weights[2], wd = weights[3];
  for (int i = 0; i < count; ++i) {
    above[i] = wa * a[i] + wb * b[i] + wc * c[i] + wd * d[i] > threshold;
  }
}

void grow(Span& span, int position) {
  span.begin = std::min(span.begin, position);
  span.end = std::max(span.end, position + 1);
}

}  // namespace

SureMask sure_mask(const float* logits, int cells, float threshold) {
  SureMask mask{std::vector<float>(cells), 0.0};
  sigmoids(logits, cells, mask.probabilities.data());
  double sum = 0;
  int64_t count = 0;
  for (const float probability : mask.probabilities) {
    const bool is_above = probability > threshold;
    sum += is_above ? probability : 0.0f;
    count += is_above;
  }
  mask.confidence = sum / static_cast<double>(std::max<int64_t>(count, 1));
  return mask;
}

MaskRestorer::MaskRestorer(int grid_height, int grid_width, int height, int width,
                           const Preprocessing& preprocessing)
    : grid_height_(grid_height),
      grid_width_(grid_width),
      height_(height),
      stretched_(static_cast<size_t>(grid_width) * height),
      above_(height) {
  const Placement placement = place(height, width, preprocessing);
  rows_ = to_picture(grid_height, preprocessing.height, placement.height, height);
  columns_ = to_picture(grid_width, preprocessing.width, placement.width, width);
}

std::string MaskRestorer::encode(const std::vector<float>& probabilities, float threshold) {
  const Box cells = cells_above(probabilities, threshold);
  const Span rows = reached(rows_, cells.rows), columns = reached(columns_, cells.columns);
  RunLengths runs;
  runs.add(false, static_cast<int64_t>(columns.begin) * height_);
  if (columns.begin < columns.end) {
    const Span used{columns_[columns.begin].first(), columns_[columns.end - 1].last() + 1};
    stretch_columns(probabilities, used, rows);
  }
  for (int x = columns.begin; x < columns.end; ++x) {
    threshold_column(columns_[x], rows, threshold);
    runs.add(false, rows.begin);
    runs.add(above_.data() + rows.begin, rows.end - rows.begin);
    runs.add(false, height_ - rows.end);
  }
  runs.add(false, (static_cast<int64_t>(columns_.size()) - columns.end) * height_);
  return runs.text();
}

MaskRestorer::Box MaskRestorer::cells_above(const std::vector<float>& probabilities,
                                            float threshold) const {
  Box box{{grid_height_, 0}, {grid_width_, 0}};
  for (int y = 0; y < grid_height_; ++y) {
    const float* row = probabilities.data() + static_cast<size_t>(y) * grid_width_;
    for (int x = 0; x < grid_width_; ++x) {
      if (row[x] > threshold) {
        grow(box.rows, y);
        grow(box.columns, x);
      }
    }
  }
  return box;
}

void MaskRestorer::stretch_columns(const std::vector<float>& probabilities, Span cells, Span rows) {
  for (int cell = cells.begin; cell < cells.end; ++cell) {
    float* column = stretched_.data() + static_cast<size_t>(cell) * height_;
    for (int y = rows.begin; y < rows.end; ++y) {
      const Taps& taps = rows_[y];
      float sum = 0.0f;
      for (int i = 0; i < taps.count; ++i) {
        sum += taps.all[i].weight * probabilities[taps.all[i].index * grid_width_ + cell];
      }
      column[y] = sum;
    }
  }
}

void MaskRestorer::threshold_column(const Taps& taps, Span rows, float threshold) {
  const float* columns[4];
  float weights[4];
  for (int i = 0; i < 4; ++i) {  // taps that are not there weigh nothing
    const Tap& tap = taps.all[i < taps.count ? i : 0];
    columns[i] = stretched_.data() + static_cast<size_t>(tap.index) * height_ + rows.begin;
    weights[i] = i < taps.count ? tap.weight : 0.0f;
  }
  mark_above(columns, weights, threshold, rows.end - rows.begin, above_.data() + rows.begin);
}
