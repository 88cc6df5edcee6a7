#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include <net.h>

#include "resampling.h"
#include "tracking_job.h"

// Where a picture lies in the network's input: its size there, from the top left corner.
struct Placement {
  int height, width;
};

Placement place(int height, int width, const Preprocessing& preprocessing);

// From pictures of one size to the network's input, as models/preprocessing.py does it.
class Preprocessor {
 public:
  // Fails with kRun where there is no memory.
  Preprocessor(int height, int width, const Preprocessing& preprocessing);

  // [height, width, 3] uint8 RGB -> [3, H, W] float32, which the next call overwrites.
  const ncnn::Mat& run(const uint8_t* picture);

 private:
  void resize_row(const uint8_t* row, std::vector<float>& resized) const;
  const std::vector<float>& resized_row(const uint8_t* picture, int row);
  void write_row(const Taps& taps, const uint8_t* picture, int row);

  // The lines of the picture that the latest rows were made of, resized: [3, width] each.
  struct Line {
    int row = -1;
    std::vector<float> values;
  };

  Preprocessing preprocessing_;
  int picture_width_;
  Placement placement_;
  Axis rows_, columns_;
  Line lines_[2];  // by the row's parity
  ncnn::Mat image_;
};
