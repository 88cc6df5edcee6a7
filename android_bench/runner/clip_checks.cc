#include "clip_checks.h"

#include <map>
#include <string_view>

#include "report.h"
#include "tracking_records.h"

namespace {

[[noreturn]] void refuse(const std::string& path, const std::string& why) {
  fail(kLoad, path + ": " + why);
}

void check_complete(const Job& job, const std::string& path) {
  const JobTracking& tracking = job.tracking;
  if (tracking.height == 0) refuse(path, "no 'clip' record");
  if (tracking.pictures.empty()) refuse(path, "no 'picture' record: there is nothing to track");
  if (!tracking.preprocessing) refuse(path, "no 'preprocessing' record");
  const std::string_view missing = missing_setting(tracking.settings);
  if (!missing.empty()) refuse(path, "no 'tracking' record for " + std::string(missing));
  if (tracking.settings.shortest > tracking.settings.longest) {
    refuse(path, "the shortest interval is longer than the longest");
  }
  if (job.key_graphs.empty()) refuse(path, "no 'schedule' record for key");
  if (tracking.settings.longest > 1 && job.reuse_graphs.empty()) {
    refuse(path, "no 'schedule' record for reuse");
  }
}

void check_pictures(const Job& job, const std::string& path) {
  const JobTracking& tracking = job.tracking;
  const int64_t wanted = int64_t{tracking.height} * tracking.width * 3;
  std::map<std::string_view, int64_t> bytes;
  for (const JobFile& file : job.files) bytes[file.path] = file.bytes;
  for (const std::string& picture : tracking.pictures) {
    const auto found = bytes.find(picture);
    if (found == bytes.end()) refuse(path, "no 'file' record for " + picture);
    if (found->second != wanted) {
      refuse(path, "a picture of " + std::to_string(tracking.height) + 'x' +
                       std::to_string(tracking.width) + " needs " + std::to_string(wanted) +
                       " bytes, but " + picture + " has " + std::to_string(found->second));
    }
  }
}

}  // namespace

void check_clip(const Job& job, const std::string& path) {
  check_complete(job, path);
  check_pictures(job, path);
}
