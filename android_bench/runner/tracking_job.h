#pragma once

#include <cstddef>
#include <limits>
#include <optional>
#include <string>
#include <vector>

// What a job says about a clip and how it is tracked. All of it may be missing.

// From a picture to the network's input, as models/preprocessing.py does it.
struct Preprocessing {
  int height, width;
  bool is_letterbox;  // keeps the picture's aspect ratio
  std::vector<double> mean, std;  // of red, green and blue, in 0..255
};

// A tensor that one graph hands to another. Indices of the job's graphs, and of theirs.
struct StateEdge {
  size_t source, output;
  size_t target, input;
  bool is_live;  // of the output's rows, those of live kernels, and zeros behind them
};

constexpr double kUnsaid = std::numeric_limits<double>::quiet_NaN();

// As in mobileinst_deploy/tracking/settings.py, which says what they mean. Counts are whole.
struct TrackingSettings {
  double score = kUnsaid, birth = kUnsaid, similarity = kUnsaid, memory = kUnsaid, mask = kUnsaid;
  double duplicate = kUnsaid;
  double shortest = kUnsaid, longest = kUnsaid;
  double picture_change = kUnsaid, confidence_drop = kUnsaid;
};

struct JobTracking {
  std::optional<Preprocessing> preprocessing;
  std::vector<StateEdge> state;
  TrackingSettings settings;
  int height = 0, width = 0;  // of every picture; 0: not said
  std::vector<std::string> pictures;  // paths
};
