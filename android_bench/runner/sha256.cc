#include "sha256.h"

#include <algorithm>
#include <cstring>

namespace {

constexpr uint32_t kRound[64] = {  // 4.2.2: of the cube roots of the first 64 primes
    0x428a2f98, 0x71374491, 0xb5c0fbcf, 0xe9b5dba5, 0x3956c25b, 0x59f111f1, 0x923f82a4, 0xab1c5ed5,
    0xd807aa98, 0x12835b01, 0x243185be, 0x550c7dc3, 0x72be5d74, 0x80deb1fe, 0x9bdc06a7, 0xc19bf174,
    0xe49b69c1, 0xefbe4786, 0x0fc19dc6, 0x240ca1cc, 0x2de92c6f, 0x4a7484aa, 0x5cb0a9dc, 0x76f988da,
    0x983e5152, 0xa831c66d, 0xb00327c8, 0xbf597fc7, 0xc6e00bf3, 0xd5a79147, 0x06ca6351, 0x14292967,
    0x27b70a85, 0x2e1b2138, 0x4d2c6dfc, 0x53380d13, 0x650a7354, 0x766a0abb, 0x81c2c92e, 0x92722c85,
    0xa2bfe8a1, 0xa81a664b, 0xc24b8b70, 0xc76c51a3, 0xd192e819, 0xd6990624, 0xf40e3585, 0x106aa070,
    0x19a4c116, 0x1e376c08, 0x2748774c, 0x34b0bcb5, 0x391c0cb3, 0x4ed8aa4a, 0x5b9cca4f, 0x682e6ff3,
    0x748f82ee, 0x78a5636f, 0x84c87814, 0x8cc70208, 0x90befffa, 0xa4506ceb, 0xbef9a3f7, 0xc67178f2};

uint32_t rotated(uint32_t x, int count) { return x >> count | x << (32 - count); }

// 4.1.2, where they are called Σ0, Σ1, σ0, σ1, Ch and Maj.
uint32_t big0(uint32_t x) { return rotated(x, 2) ^ rotated(x, 13) ^ rotated(x, 22); }
uint32_t big1(uint32_t x) { return rotated(x, 6) ^ rotated(x, 11) ^ rotated(x, 25); }
uint32_t small0(uint32_t x) { return rotated(x, 7) ^ rotated(x, 18) ^ x >> 3; }
uint32_t small1(uint32_t x) { return rotated(x, 17) ^ rotated(x, 19) ^ x >> 10; }
uint32_t choose(uint32_t x, uint32_t y, uint32_t z) { return (x & y) ^ (~x & z); }
uint32_t majority(uint32_t x, uint32_t y, uint32_t z) { return (x & y) ^ (x & z) ^ (y & z); }

uint32_t big_endian(const uint8_t* bytes) {
  return uint32_t{bytes[0]} << 24 | uint32_t{bytes[1]} << 16 | uint32_t{bytes[2]} << 8 | bytes[3];
}

}  // namespace

void Sha256::compress(const uint8_t* block) {
  uint32_t w[64];
  for (int t = 0; t < 16; ++t) w[t] = big_endian(block + 4 * t);
  for (int t = 16; t < 64; ++t) {
    w[t] = small1(w[t - 2]) + w[t - 7] + small0(w[t - 15]) + w[t - 16];
  }
  auto [a, b, c, d, e, f, g, h] = state_;
  for (int t = 0; t < 64; ++t) {
    const uint32_t t1 = h + big1(e) + choose(e, f, g) + kRound[t] + w[t];
    const uint32_t t2 = big0(a) + majority(a, b, c);
    h = g, g = f, f = e, e = d + t1, d = c, c = b, b = a, a = t1 + t2;
  }
  const uint32_t sum[8] = {a, b, c, d, e, f, g, h};
  for (int i = 0; i < 8; ++i) state_[i] += sum[i];
}

void Sha256::update(const uint8_t* data, size_t size) {
  total_ += size;
  while (size > 0) {
    if (pending_size_ == 0 && size >= kBlock) {
      compress(data);
      data += kBlock, size -= kBlock;
      continue;
    }
    const size_t taken = std::min(size, kBlock - pending_size_);
    std::memcpy(pending_.data() + pending_size_, data, taken);
    data += taken, size -= taken, pending_size_ += taken;
    if (pending_size_ < kBlock) return;
    compress(pending_.data());
    pending_size_ = 0;
  }
}

std::string Sha256::finish() {
  const uint64_t bits = total_ * 8;
  uint8_t padding[2 * kBlock] = {0x80};
  constexpr size_t length_size = 8;  // bytes
  const bool fits = pending_size_ + 1 + length_size <= kBlock;
  const size_t size = (fits ? kBlock : 2 * kBlock) - pending_size_;
  for (size_t i = 0; i < length_size; ++i) {
    padding[size - 1 - i] = static_cast<uint8_t>(bits >> (8 * i));
  }
  update(padding, size);
  std::string digits;
  for (const uint32_t word : state_) {
    for (int shift = 28; shift >= 0; shift -= 4) digits += "0123456789abcdef"[word >> shift & 15];
  }
  return digits;
}
