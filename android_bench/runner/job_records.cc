#include "job_records.h"

#include <algorithm>

#include "record_fields.h"
#include "report.h"
#include "text.h"
#include "tracking_records.h"

namespace {

constexpr int64_t kLargestFile = int64_t{1} << 40;  // bytes
constexpr std::string_view kKeyCharacters =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_./:-";

struct PrecisionRow {
  const char* name;
  Precision precision;
};
constexpr PrecisionRow kPrecisions[] = {{"fp32", Precision::kFp32},
                                        {"fp16-storage", Precision::kFp16Storage},
                                        {"fp16", Precision::kFp16}};

template <typename T>
bool has_tensor(const std::vector<T>& tensors, std::string_view blob, std::string_view name) {
  return std::any_of(tensors.begin(), tensors.end(),
                     [&](const T& tensor) { return tensor.blob == blob || tensor.name == name; });
}

void fill_bundle(Job& job, const Record& record) {
  expect_new(job.bundle.empty(), record, "bundle");
  job.bundle = record.fields[1];
  job.manifest_sha256 = sha256_field(record, 2);
}

void fill_file(Job& job, const Record& record) {
  const std::optional<int64_t> bytes = parse_integer(record.fields[2], kLargestFile);
  expect(bytes.has_value(), record, "a number of bytes", record.fields[2]);
  JobFile file{sha256_field(record, 1), *bytes, path_field(record, 3)};
  const auto same = [&](const JobFile& other) { return other.path == file.path; };
  expect_new(std::none_of(job.files.begin(), job.files.end(), same), record, file.path);
  job.files.push_back(std::move(file));
}

void fill_graph(Job& job, const Record& record) {
  const std::string_view key = record.fields[1], precision = record.fields[3];
  expect(key.find_first_not_of(kKeyCharacters) == std::string_view::npos, record,
         "a key of letters, digits and _./:-", key);
  expect_new(find_graph(job, key) == job.graphs.size(), record, key);
  const auto* row = std::find_if(std::begin(kPrecisions), std::end(kPrecisions),
                                 [&](const PrecisionRow& row) { return row.name == precision; });
  expect(row != std::end(kPrecisions), record, "fp32, fp16-storage or fp16", precision);
  job.graphs.push_back({std::string(key), std::string(record.fields[2]), row->precision,
                        path_field(record, 4), path_field(record, 5), {}, {}});
}

void fill_input(Job& job, const Record& record) {
  JobGraph& graph = job.graphs[graph_field(job, record, 1)];
  const std::string_view blob = record.fields[2], name = record.fields[3];
  expect_new(!has_tensor(graph.inputs, blob, name), record, name);
  graph.inputs.push_back(
      {std::string(blob), std::string(name), dims_field(record, 4), path_field(record, 5)});
}

void fill_output(Job& job, const Record& record) {
  JobGraph& graph = job.graphs[graph_field(job, record, 1)];
  const std::string_view blob = record.fields[2], name = record.fields[3];
  expect_new(!has_tensor(graph.outputs, blob, name), record, name);
  const bool has_dims = record.fields.size() > 4;
  graph.outputs.push_back({std::string(blob), std::string(name),
                           has_dims ? dims_field(record, 4) : std::vector<int>{}});
}

void fill_schedule(Job& job, const Record& record) {
  const std::string_view role = record.fields[1];
  const bool is_key = role == "key";
  expect(is_key || role == "reuse", record, "the role key or reuse", role);
  expect(is_key || record.fields.size() == 3, record, "one graph for reuse", record.fields.back());
  std::vector<size_t>& graphs = is_key ? job.key_graphs : job.reuse_graphs;
  expect_new(graphs.empty(), record, role);
  for (size_t i = 2; i < record.fields.size(); ++i) {
    graphs.push_back(graph_field(job, record, i));
  }
}

// In the order in which they are filled in: what is named comes before what names it.
struct Kind {
  std::string_view name;
  size_t least_fields, most_fields;  // with the kind itself
  void (*fill)(Job&, const Record&);
};
constexpr Kind kKinds[] = {
    {"bundle", 3, 3, fill_bundle},     {"file", 4, 4, fill_file},
    {"graph", 6, 6, fill_graph},       {"input", 6, 6, fill_input},
    {"output", 4, 5, fill_output},     {"schedule", 3, 1000, fill_schedule},
    {"tracking", 3, 3, fill_tracking}, {"preprocessing", 5, 5, fill_preprocessing},
    {"state", 6, 6, fill_state},       {"clip", 2, 2, fill_clip},
    {"picture", 2, 2, fill_picture},
};

void check_form(const Record& record) {
  const auto* kind = std::find_if(std::begin(kKinds), std::end(kKinds), [&](const Kind& kind) {
    return kind.name == record.fields[0];
  });
  expect(kind != std::end(kKinds), record, "a kind of record", record.fields[0]);
  const size_t count = record.fields.size();
  if (count < kind->least_fields || count > kind->most_fields) {
    refuse(record, "expected " + std::to_string(kind->least_fields) + " fields in '" +
                       std::string(kind->name) + "', got " + std::to_string(count));
  }
  for (const std::string_view field : record.fields) {
    if (field.empty()) refuse(record, "a field is empty");
  }
}

}  // namespace

const char* precision_name(Precision precision) {
  return kPrecisions[static_cast<size_t>(precision)].name;
}

void fill_job(Job& job, const std::vector<Record>& records) {
  for (const Record& record : records) check_form(record);
  for (const Kind& kind : kKinds) {
    for (const Record& record : records) {
      if (record.fields[0] == kind.name) kind.fill(job, record);
    }
  }
}
