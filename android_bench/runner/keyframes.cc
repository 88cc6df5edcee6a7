#include "keyframes.h"

#include <algorithm>
#include <cstdlib>

namespace {

size_t middle(int part, int length, int parts) {
  return static_cast<size_t>((2 * int64_t{part} + 1) * length / (2 * parts));
}

}  // namespace

PictureSample sample_picture(const uint8_t* picture, int height, int width) {
  PictureSample sample;
  uint8_t* next = sample.data();
  for (int row = 0; row < kSampleRows; ++row) {
    const uint8_t* line = picture + middle(row, height, kSampleRows) * width * 3;
    for (int column = 0; column < kSampleColumns; ++column) {
      next = std::copy_n(line + middle(column, width, kSampleColumns) * 3, 3, next);
    }
  }
  return sample;
}

double picture_change(const PictureSample& sample, const PictureSample& other) {
  int64_t sum = 0;
  for (size_t i = 0; i < sample.size(); ++i) sum += std::abs(sample[i] - other[i]);
  return static_cast<double>(sum) / static_cast<double>(sample.size());
}

bool is_keyframe(const std::optional<SinceKeyframe>& since, const PictureSample& sample,
                 const TrackingSettings& settings) {
  if (!since || since->frames >= settings.longest) return true;
  if (since->frames < settings.shortest) return false;
  if (picture_change(since->sample, sample) > settings.picture_change) return true;
  const double kept = since->confidence * (1 - settings.confidence_drop);
  return since->last_confidence < kept || since->confidence == 0;
}
