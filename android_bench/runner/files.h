#pragma once

#include <cstdint>
#include <cstdio>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

struct FileCloser {
  void operator()(FILE* file) const { std::fclose(file); }
};
using File = std::unique_ptr<FILE, FileCloser>;

struct FileDigest {
  std::string sha256;
  int64_t bytes;
};

// A small file's first 64 KiB, of /proc or /sys; nothing where it can't be read.
std::optional<std::string> read_text(const std::string& path);

// A file's content. Fails with kLoad where it is no regular file, can't be read or has more than
// `largest` bytes.
std::string read_file(const std::string& path, int64_t largest);

// Fails with kLoad where it is no regular file or can't be read.
FileDigest digest_file(const std::string& path);

// Writes a file that appears whole or not at all, by way of PATH.part. Fails with kRun.
void write_file(const std::string& path, const void* data, size_t size);
