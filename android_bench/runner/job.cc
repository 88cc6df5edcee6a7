#include "job.h"

#include <algorithm>

#include "files.h"
#include "job_records.h"
#include "report.h"
#include "text.h"

namespace {

constexpr int64_t kLargestJob = 16 << 20;  // bytes
constexpr std::string_view kFirstLine = "mobileinst-job\t1";

std::vector<Record> read_records(const std::string& path, const std::string& text) {
  if (!is_utf8(text)) fail(kLoad, path + " is not UTF-8");
  if (text.find('\0') != std::string::npos) fail(kLoad, path + " holds a zero byte");
  std::vector<std::string_view> lines = split(text, '\n');
  if (lines[0] != kFirstLine) {
    fail(kLoad, path + ":1: expected 'mobileinst-job', a tab and '1'; it is no job file, or of "
                       "another version of the tool");
  }
  if (!lines.back().empty()) fail(kLoad, path + " is cut off: its last line has no end");
  std::vector<Record> records;
  for (size_t i = 1; i + 1 < lines.size(); ++i) {
    records.push_back({path + ':' + std::to_string(i + 1), split(lines[i], '\t')});
  }
  return records;
}

// Everything that a graph reads, against the `file` records.
void check_listed(const Job& job, const std::string& path, const std::string& wanted) {
  const auto same = [&](const JobFile& file) { return file.path == wanted; };
  if (std::none_of(job.files.begin(), job.files.end(), same)) {
    fail(kLoad, path + " has no 'file' record for " + wanted);
  }
}

void check_input(const Job& job, const std::string& path, const JobInput& input) {
  check_listed(job, path, input.path);
  const int64_t wanted = count_values(input.dims) * static_cast<int64_t>(sizeof(float));
  for (const JobFile& file : job.files) {
    if (file.path == input.path && file.bytes != wanted) {
      fail(kLoad, path + ": input '" + input.name + "' of shape " + json(input.dims) + " needs " +
                      std::to_string(wanted) + " bytes, but " + input.path + " has " +
                      std::to_string(file.bytes));
    }
  }
}

void check_graph(const Job& job, const std::string& path, const JobGraph& graph) {
  if (graph.inputs.empty()) fail(kLoad, path + ": graph '" + graph.key + "' has no input");
  if (graph.outputs.empty()) fail(kLoad, path + ": graph '" + graph.key + "' has no output");
  check_listed(job, path, graph.param);
  check_listed(job, path, graph.bin);
  for (const JobInput& input : graph.inputs) check_input(job, path, input);
}

}  // namespace

int64_t count_values(const std::vector<int>& dims) {
  int64_t count = 1;
  for (const int dim : dims) count *= dim;
  return count;
}

size_t find_graph(const Job& job, std::string_view key) {
  size_t index = 0;
  while (index < job.graphs.size() && job.graphs[index].key != key) ++index;
  return index;
}

Job read_job(const std::string& path) {
  Job job;
  job.folder = path.substr(0, path.rfind('/') + 1);
  const std::string text = read_file(path, kLargestJob);
  fill_job(job, read_records(path, text));
  if (job.bundle.empty()) fail(kLoad, path + " has no 'bundle' record");
  if (job.graphs.empty()) fail(kLoad, path + " has no 'graph' record: there is nothing to run");
  for (const JobGraph& graph : job.graphs) check_graph(job, path, graph);
  return job;
}
