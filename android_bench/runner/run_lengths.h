#pragma once

#include <cstdint>
#include <string>
#include <vector>

// A mask as runs of zeros and ones in turn, zeros first, down the columns: COCO's encoding.
class RunLengths {
 public:
  void add(bool value, int64_t length);

  // Bytes of 0 and 1.
  void add(const uint8_t* values, int64_t count);

  // COCO's compressed form. A number is cut into groups of five bits, the low ones first, each a
  // character from '0' on; a sixth bit says that more follow, and the highest of the last five is
  // the sign. From the fourth number on it is the difference to the number two before.
  // Source: cocodataset/cocoapi, common/maskApi.c, rleToString.
  std::string text() const;

 private:
  std::vector<int64_t> lengths_ = {0};
};
