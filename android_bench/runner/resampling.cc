#include "resampling.h"

#include <algorithm>
#include <cmath>

namespace {

Taps bilinear_taps(int source, double scale, int position) {
  const auto centre = static_cast<float>((position + 0.5) * scale - 0.5);
  const int below = static_cast<int>(std::floor(centre));
  const float fraction = centre - static_cast<float>(below);
  if (below < 0) return {{Tap{0, 1.0f}}, 1};
  if (below >= source - 1) return {{Tap{source - 1, 1.0f}}, 1};
  if (fraction == 0.0f) return {{Tap{below, 1.0f}}, 1};
  return {{Tap{below, 1.0f - fraction}, Tap{below + 1, fraction}}, 2};
}

void add(Taps& taps, const Tap& tap) {
  for (int i = 0; i < taps.count; ++i) {
    if (taps.all[i].index == tap.index) {
      taps.all[i].weight += tap.weight;
      return;
    }
  }
  taps.all[taps.count++] = tap;
}

}  // namespace

Axis bilinear_axis(int source, int target) {
  // OpenCV has the inverse of the scale first, and rounds twice.
  const double scale = 1.0 / (static_cast<double>(target) / source);
  Axis axis;
  axis.reserve(target);
  for (int i = 0; i < target; ++i) axis.push_back(bilinear_taps(source, scale, i));
  return axis;
}

Axis compose(const Axis& first, const Axis& second) {
  Axis axis;
  axis.reserve(second.size());
  for (const Taps& outer : second) {
    Taps taps{{}, 0};
    for (int i = 0; i < outer.count; ++i) {
      const Taps& inner = first[outer.all[i].index];
      for (int k = 0; k < inner.count; ++k) {
        add(taps, {inner.all[k].index, outer.all[i].weight * inner.all[k].weight});
      }
    }
    axis.push_back(taps);
  }
  return axis;
}

Span reached(const Axis& axis, Span sources) {
  const auto begin = std::find_if(axis.begin(), axis.end(), [&](const Taps& taps) {
    return taps.last() >= sources.begin;
  });
  const auto end = std::find_if(begin, axis.end(), [&](const Taps& taps) {
    return taps.first() >= sources.end;
  });
  return {static_cast<int>(begin - axis.begin()), static_cast<int>(end - axis.begin())};
}
