#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string>

// SHA-256 as FIPS 180-4 defines it (sections 4.1.2, 4.2.2, 5.1.1, 5.3.3 and 6.2).
class Sha256 {
 public:
  void update(const uint8_t* data, size_t size);
  std::string finish();  // 64 lower-case hexadecimal digits; once, at the end

 private:
  static constexpr size_t kBlock = 64;  // bytes

  void compress(const uint8_t* block);

  std::array<uint32_t, 8> state_ = {0x6a09e667, 0xbb67ae85, 0x3c6ef372, 0xa54ff53a,
                                    0x510e527f, 0x9b05688c, 0x1f83d9ab, 0x5be0cd19};
  std::array<uint8_t, kBlock> pending_{};
  size_t pending_size_ = 0;
  uint64_t total_ = 0;  // bytes
};
