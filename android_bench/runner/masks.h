#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "preprocessing.h"
#include "resampling.h"

// From mask logits on the network's 1/8 grid to masks of the picture, as
// mobileinst_deploy/tracking/masks.py does it.

// Probabilities of one mask, and their mean where they are above the threshold; 0 where none is.
struct SureMask {
  std::vector<float> probabilities;
  double confidence;
};
SureMask sure_mask(const float* logits, int cells, float threshold);

// Brings masks of one grid to pictures of one size.
class MaskRestorer {
 public:
  MaskRestorer(int grid_height, int grid_width, int height, int width,
               const Preprocessing& preprocessing);

  // Probabilities of the grid -> the picture's pixels above the threshold, run-length encoded.
  // An interpolated probability lies between those around it, so that nothing is computed but the
  // pixels near a cell above the threshold.
  std::string encode(const std::vector<float>& probabilities, float threshold);

 private:
  struct Box {
    Span rows, columns;
  };
  Box cells_above(const std::vector<float>& probabilities, float threshold) const;
  void stretch_columns(const std::vector<float>& probabilities, Span cells, Span rows);
  void threshold_column(const Taps& taps, Span rows, float threshold);

  int grid_height_, grid_width_, height_;
  Axis rows_, columns_;         // from the grid to the picture
  std::vector<float> stretched_;  // the grid at the picture's height: [grid_width, height]
  std::vector<uint8_t> above_;    // one column of the picture
};
