#include "files.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

#include "report.h"
#include "sha256.h"
#include "signals.h"

namespace {

constexpr size_t kChunk = 64 * 1024;  // bytes

std::string reason() { return std::strerror(errno); }

// O_NONBLOCK: a named pipe must not make it wait, and is refused.
File open_regular(const std::string& path) {
  const int descriptor = open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK);
  if (descriptor < 0) fail(kLoad, "can't read " + path + ": " + reason());
  struct stat status{};
  if (fstat(descriptor, &status) != 0 || !S_ISREG(status.st_mode)) {
    fail(kLoad, "can't read " + path + ": expected a regular file");
  }
  return File(fdopen(descriptor, "rb"));
}

// The next bytes; none at the end.
size_t read_chunk(FILE* file, char* buffer, const std::string& path) {
  const size_t size = std::fread(buffer, 1, kChunk, file);
  if (std::ferror(file)) fail(kLoad, "can't read " + path + ": " + reason());
  return size;
}

bool write_and_close(File file, const void* data, size_t size) {
  const bool written = std::fwrite(data, 1, size, file.get()) == size;
  return std::fclose(file.release()) == 0 && written;
}

}  // namespace

std::optional<std::string> read_text(const std::string& path) {
  const int descriptor = open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK);
  if (descriptor < 0) return std::nullopt;
  std::string text(kChunk, '\0');
  const ssize_t size = read(descriptor, text.data(), text.size());
  close(descriptor);
  if (size < 0) return std::nullopt;
  text.resize(static_cast<size_t>(size));
  return text;
}

std::string read_file(const std::string& path, int64_t largest) {
  const File file = open_regular(path);
  std::string content;
  char buffer[kChunk];
  while (const size_t size = read_chunk(file.get(), buffer, path)) {
    content.append(buffer, size);
    if (static_cast<int64_t>(content.size()) > largest) {
      fail(kLoad, path + " has more than " + std::to_string(largest) + " bytes");
    }
  }
  return content;
}

FileDigest digest_file(const std::string& path) {
  const File file = open_regular(path);
  Sha256 sha256;
  int64_t bytes = 0;
  char buffer[kChunk];
  while (const size_t size = read_chunk(file.get(), buffer, path)) {
    sha256.update(reinterpret_cast<const uint8_t*>(buffer), size);
    bytes += static_cast<int64_t>(size);
  }
  return {sha256.finish(), bytes};
}

void write_file(const std::string& path, const void* data, size_t size) {
  const std::string partial = path + ".part";
  remove_when_killed(partial);
  File file(std::fopen(partial.c_str(), "wbe"));
  const bool done = file && write_and_close(std::move(file), data, size) &&
                    std::rename(partial.c_str(), path.c_str()) == 0;
  if (!done) {
    const std::string why = reason();
    unlink(partial.c_str());
    fail(kRun, "can't write " + path + ": " + why);
  }
  keep_when_killed();
}
