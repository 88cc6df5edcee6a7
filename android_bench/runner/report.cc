#include "report.h"

#include <sys/resource.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <cstring>

#include "clock.h"
#include "files.h"
#include "text.h"

namespace {

const int64_t kStarted = now_ns();

bool write_all(int descriptor, std::string_view text) {
  while (!text.empty()) {
    const ssize_t written = write(descriptor, text.data(), text.size());
    if (written < 0 && errno == EINTR) continue;
    if (written <= 0) return false;
    text.remove_prefix(static_cast<size_t>(written));
  }
  return true;
}

void warn(const std::string& message) {
  write_all(STDERR_FILENO, "mobileinst-runner: " + message + '\n');
}

std::string one_line(std::string text) {
  for (char& character : text) {
    if (static_cast<unsigned char>(character) < 0x20 || character == 0x7f) character = '?';
  }
  return text;
}

// VmHWM, since ru_maxrss starts with what the process had that forked this one.
int64_t peak_rss_kib() {
  constexpr std::string_view label = "\nVmHWM:";
  const std::string status = read_text("/proc/self/status").value_or("");
  const size_t at = status.find(label);
  if (at != std::string::npos) return std::atoll(status.c_str() + at + label.size());
  rusage usage{};
  getrusage(RUSAGE_SELF, &usage);
  return usage.ru_maxrss;
}

}  // namespace

JsonObject event(std::string_view name) { return JsonObject().add("event", name); }

void emit(const JsonObject& object) { emit_text(object.text() + '\n'); }

void emit_text(std::string_view text) {
  if (write_all(STDOUT_FILENO, text)) return;
  warn(std::string("can't write to stdout: ") + std::strerror(errno));
  _exit(kRun);
}

void fail(ExitCode code, const std::string& message) {
  const std::string line = one_line(message);
  warn(line);
  emit(event("error").add("code", static_cast<int>(code)).add("message", line));
  _exit(code);
}

int64_t since_start(int64_t at_ns) { return at_ns - kStarted; }

void emit_end() {
  emit(event("end").add("peak_rss_kib", peak_rss_kib()).add("elapsed_ns", since_start(now_ns())));
}
