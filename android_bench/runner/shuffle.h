#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

// Random orders that are the same on every platform for the same seed, as those of <random> are
// not. SplitMix64 (Steele, Lea and Flood, 2014) gives the numbers.
class Shuffle {
 public:
  explicit Shuffle(uint64_t seed) : state_(seed) {}
  std::vector<size_t> order(size_t count);

 private:
  uint64_t next();

  uint64_t state_;
};
