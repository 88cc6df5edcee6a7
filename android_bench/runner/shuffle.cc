#include "shuffle.h"

#include <numeric>
#include <utility>

uint64_t Shuffle::next() {
  uint64_t z = state_ += 0x9e3779b97f4a7c15;
  z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9;
  z = (z ^ z >> 27) * 0x94d049bb133111eb;
  return z ^ z >> 31;
}

std::vector<size_t> Shuffle::order(size_t count) {
  std::vector<size_t> indices(count);
  std::iota(indices.begin(), indices.end(), size_t{0});
  for (size_t left = count; left > 1; --left) {
    std::swap(indices[left - 1], indices[next() % left]);
  }
  return indices;
}
