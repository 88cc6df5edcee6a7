#include "tracking_records.h"

#include <algorithm>
#include <cmath>

namespace {

constexpr double kMostFrames = 1e9;

struct SettingRow {
  std::string_view name;
  double TrackingSettings::* member;
  double least, most;
  bool is_whole;
  const char* expected;
};
constexpr SettingRow kSettings[] = {
    {"score", &TrackingSettings::score, 0, 1, false, "a number in 0..1"},
    {"birth", &TrackingSettings::birth, 0, 1, false, "a number in 0..1"},
    {"similarity", &TrackingSettings::similarity, -1, 1, false, "a number in -1..1"},
    {"memory", &TrackingSettings::memory, 0, kMostFrames, true, "a number of keyframes"},
    {"mask", &TrackingSettings::mask, 0, 1, false, "a number in 0..1"},
    {"duplicate", &TrackingSettings::duplicate, -1, 1, false, "a number in -1..1"},
    {"shortest", &TrackingSettings::shortest, 1, kMostFrames, true, "a number of frames from 1 on"},
    {"longest", &TrackingSettings::longest, 1, kMostFrames, true, "a number of frames from 1 on"},
    {"picture_change", &TrackingSettings::picture_change, 0, 255, false, "a number in 0..255"},
    {"confidence_drop", &TrackingSettings::confidence_drop, 0, 1, false, "a number in 0..1"},
};

bool fits(const SettingRow& row, double value) {
  return value >= row.least && value <= row.most && (!row.is_whole || value == std::floor(value));
}

std::vector<int> size_field(const Record& record, size_t index) {
  const std::vector<int> size = dims_field(record, index);
  expect(size.size() == 2, record, "a height and a width, as 720,1280", record.fields[index]);
  return size;
}

// The index of the output or input of that name.
template <typename T>
size_t tensor_field(const std::vector<T>& tensors, const Record& record, size_t index) {
  const std::string_view name = record.fields[index];
  const auto found = std::find_if(tensors.begin(), tensors.end(),
                                  [&](const T& tensor) { return tensor.name == name; });
  expect(found != tensors.end(), record, "a tensor that the graph has", name);
  return static_cast<size_t>(found - tensors.begin());
}

}  // namespace

void fill_tracking(Job& job, const Record& record) {
  const std::string_view name = record.fields[1];
  const auto* row = std::find_if(std::begin(kSettings), std::end(kSettings),
                                 [&](const SettingRow& each) { return each.name == name; });
  expect(row != std::end(kSettings), record, "the name of a setting", name);
  double& setting = job.tracking.settings.*(row->member);
  expect_new(std::isnan(setting), record, name);
  const double value = numbers_field(record, 2, 1)[0];
  expect(fits(*row, value), record, row->expected, record.fields[2]);
  setting = value;
}

void fill_preprocessing(Job& job, const Record& record) {
  expect_new(!job.tracking.preprocessing, record, "preprocessing");
  const std::vector<int> size = size_field(record, 1);
  const std::string_view rule = record.fields[2];
  expect(rule == "letterbox" || rule == "stretch", record, "letterbox or stretch", rule);
  Preprocessing preprocessing{size[0], size[1], rule == "letterbox", numbers_field(record, 3, 3),
                              numbers_field(record, 4, 3)};
  const auto is_positive = [](double value) { return static_cast<float>(value) > 0; };
  const std::vector<double>& std = preprocessing.std;
  expect(std::all_of(std.begin(), std.end(), is_positive), record,
         "standard deviations above 0", record.fields[4]);
  job.tracking.preprocessing = std::move(preprocessing);
}

void fill_state(Job& job, const Record& record) {
  StateEdge edge{};
  edge.source = graph_field(job, record, 1);
  edge.output = tensor_field(job.graphs[edge.source].outputs, record, 2);
  edge.target = graph_field(job, record, 3);
  edge.input = tensor_field(job.graphs[edge.target].inputs, record, 4);
  const std::string_view how = record.fields[5];
  edge.is_live = how == "live";
  expect(edge.is_live || how == "whole", record, "live or whole", how);
  std::vector<StateEdge>& state = job.tracking.state;
  const auto same = [&](const StateEdge& other) {
    return other.target == edge.target && other.input == edge.input;
  };
  expect_new(std::none_of(state.begin(), state.end(), same), record, record.fields[4]);
  state.push_back(edge);
}

void fill_clip(Job& job, const Record& record) {
  expect_new(job.tracking.height == 0, record, "clip");
  const std::vector<int> size = size_field(record, 1);
  job.tracking.height = size[0];
  job.tracking.width = size[1];
}

void fill_picture(Job& job, const Record& record) {
  job.tracking.pictures.push_back(path_field(record, 1));
}

std::string_view missing_setting(const TrackingSettings& settings) {
  for (const SettingRow& row : kSettings) {
    if (std::isnan(settings.*(row.member))) return row.name;
  }
  return {};
}
