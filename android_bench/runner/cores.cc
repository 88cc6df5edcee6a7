#include "cores.h"

#include <sys/syscall.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstring>
#include <string>

#include "json.h"
#include "report.h"

namespace {

constexpr int kWordBits = 8 * sizeof(unsigned long);
using CoreMask = std::array<unsigned long, kCoreLimit / kWordBits>;  // the kernel's cpumask

std::string reason() { return std::strerror(errno); }

}  // namespace

std::vector<int> allowed_cores() {
  CoreMask mask{};
  if (syscall(SYS_sched_getaffinity, 0, sizeof mask, mask.data()) < 0) {
    fail(kDevice, "can't ask for the allowed cores: " + reason());
  }
  std::vector<int> cores;
  for (int core = 0; core < kCoreLimit; ++core) {
    if (mask[core / kWordBits] >> core % kWordBits & 1) cores.push_back(core);
  }
  return cores;
}

void pin_to(int core) {
  const std::vector<int> before = allowed_cores();
  CoreMask mask{};
  mask[core / kWordBits] = 1UL << core % kWordBits;
  const bool set = syscall(SYS_sched_setaffinity, 0, sizeof mask, mask.data()) == 0;
  const std::string why = set ? "the kernel took the mask but did not follow it" : reason();
  if (!set || allowed_cores() != std::vector<int>{core} || current_core() != core) {
    fail(kDevice, "can't run on core " + std::to_string(core) + " (" + why + "); allowed are " +
                      json(before) + "; the core may be offline or reserved");
  }
}

int current_core() {
  unsigned core = 0;
  return syscall(SYS_getcpu, &core, nullptr, nullptr) == 0 ? static_cast<int>(core) : -1;
}
