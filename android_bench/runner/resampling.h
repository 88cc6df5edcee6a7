#pragma once

#include <array>
#include <vector>

// Resampling along one axis, as a weighted sum of few source positions for each target position.

struct Tap {
  int index;
  float weight;
};

struct Taps {
  std::array<Tap, 4> all;  // by ascending index, each index once
  int count;
  int first() const { return all[0].index; }
  int last() const { return all[static_cast<size_t>(count) - 1].index; }
};

using Axis = std::vector<Taps>;

// Bilinear with half-pixel centres, edges repeated: two taps at most, as OpenCV's INTER_LINEAR.
Axis bilinear_axis(int source, int target);

// One bilinear axis after the other; the second may take the first's leading positions alone.
Axis compose(const Axis& first, const Axis& second);

struct Span {
  int begin, end;  // of positions
};

// The target positions that a source position in `sources` has a part in.
Span reached(const Axis& axis, Span sources);
