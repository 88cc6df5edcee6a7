#include "preprocessing.h"

#include <algorithm>
#include <cmath>

#include "report.h"

namespace {

// Rounds halves to even, as Python does.
int fitted(int length, double scale, int most) {
  return std::min(most, std::max(1, static_cast<int>(std::nearbyint(length * scale))));
}

}  // namespace

Placement place(int height, int width, const Preprocessing& preprocessing) {
  if (!preprocessing.is_letterbox) return {preprocessing.height, preprocessing.width};
  const double scale = std::min(static_cast<double>(preprocessing.height) / height,
                                static_cast<double>(preprocessing.width) / width);
  return {fitted(height, scale, preprocessing.height), fitted(width, scale, preprocessing.width)};
}

Preprocessor::Preprocessor(int height, int width, const Preprocessing& preprocessing)
    : preprocessing_(preprocessing),
      picture_width_(width),
      placement_(place(height, width, preprocessing)),
      rows_(bilinear_axis(height, placement_.height)),
      columns_(bilinear_axis(width, placement_.width)),
      image_(preprocessing.width, preprocessing.height, 3) {
  if (image_.empty()) fail(kRun, "no memory for the image");
  image_.fill(0.0f);  // stays behind the picture: the mean colour
  for (Line& line : lines_) line.values.resize(static_cast<size_t>(3) * placement_.width);
}

const ncnn::Mat& Preprocessor::run(const uint8_t* picture) {
  for (Line& line : lines_) line.row = -1;
  for (int row = 0; row < placement_.height; ++row) write_row(rows_[row], picture, row);
  return image_;
}

void Preprocessor::write_row(const Taps& taps, const uint8_t* picture, int row) {
  const int width = placement_.width;
  const std::vector<float>& upper = resized_row(picture, taps.first());
  const std::vector<float>& lower = resized_row(picture, taps.last());
  const float lower_weight = taps.count == 2 ? taps.all[1].weight : 0.0f;
  const float upper_weight = taps.all[0].weight;
  for (int channel = 0; channel < 3; ++channel) {
    const auto mean = static_cast<float>(preprocessing_.mean[channel]);
    const auto std = static_cast<float>(preprocessing_.std[channel]);
    const float* above = upper.data() + channel * width;
    const float* below = lower.data() + channel * width;
    float* target = image_.channel(channel).row(row);
    for (int x = 0; x < width; ++x) {
      target[x] = (above[x] * upper_weight + below[x] * lower_weight - mean) / std;
    }
  }
}

// Neighbouring rows of the image share lines of the picture.
const std::vector<float>& Preprocessor::resized_row(const uint8_t* picture, int row) {
  Line& line = lines_[row % 2];
  if (line.row != row) {
    resize_row(picture + static_cast<size_t>(row) * picture_width_ * 3, line.values);
    line.row = row;
  }
  return line.values;
}

void Preprocessor::resize_row(const uint8_t* row, std::vector<float>& resized) const {
  const int width = placement_.width;
  for (int x = 0; x < width; ++x) {
    const Taps& taps = columns_[x];
    const float left_weight = taps.all[0].weight;
    const float right_weight = taps.count == 2 ? taps.all[1].weight : 0.0f;
    const uint8_t* left = row + 3 * taps.first();
    const uint8_t* right = row + 3 * taps.last();
    for (int channel = 0; channel < 3; ++channel) {
      resized[channel * width + x] = left[channel] * left_weight + right[channel] * right_weight;
    }
  }
}
