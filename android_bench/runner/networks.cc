#include "networks.h"

#include <algorithm>
#include <cstring>

#include "clock.h"
#include "files.h"
#include "ncnn_options.h"
#include "report.h"

namespace {

constexpr int64_t kLargestInput = int64_t{1} << 30;  // bytes

ncnn::Mat make_mat(const std::vector<int>& dims) {
  switch (dims.size()) {
    case 1: return ncnn::Mat(dims[0]);
    case 2: return ncnn::Mat(dims[1], dims[0]);
    case 3: return ncnn::Mat(dims[2], dims[1], dims[0]);
    default: return ncnn::Mat(dims[3], dims[2], dims[1], dims[0]);
  }
}

// ncnn starts each channel at an aligned address, so that they are copied one by one.
ncnn::Mat read_input(const Job& job, const JobInput& input) {
  const std::string path = job.folder + input.path;
  const std::string content = read_file(path, kLargestInput);
  const auto wanted = static_cast<size_t>(count_values(input.dims)) * sizeof(float);
  if (content.size() != wanted) fail(kLoad, path + " changed while it was read");
  ncnn::Mat mat = make_mat(input.dims);
  if (mat.empty()) fail(kLoad, "no memory for input '" + input.name + "'");
  const size_t channel_size = content.size() / static_cast<size_t>(mat.c);
  for (int channel = 0; channel < mat.c; ++channel) {
    std::memcpy(mat.channel(channel), content.data() + channel * channel_size, channel_size);
  }
  return mat;
}

[[noreturn]] void refuse(const JobGraph& graph, const std::string& why) {
  fail(kLoad, "graph '" + graph.key + "': " + why);
}

int find_blob(const ncnn::Net& net, const JobGraph& graph, const std::string& name) {
  const std::vector<ncnn::Blob>& blobs = net.blobs();
  for (size_t i = 0; i < blobs.size(); ++i) {
    if (blobs[i].name == name) return static_cast<int>(i);
  }
  refuse(graph, graph.param + " has no blob " + json(name));
}

void load_files(ncnn::Net& net, const Job& job, const JobGraph& graph) {
  const std::string param = job.folder + graph.param, bin = job.folder + graph.bin;
  if (net.load_param(param.c_str())) refuse(graph, "ncnn refuses " + param + "; see stderr");
  if (net.load_model(bin.c_str())) {
    refuse(graph, "ncnn refuses " + bin + ": cut off, or of another network");
  }
}

void bind_inputs(Network& network, const Job& job) {
  const JobGraph& graph = *network.graph;
  const std::vector<int>& entries = network.net->input_indexes();
  for (const JobInput& input : graph.inputs) {
    const int blob = find_blob(*network.net, graph, input.blob);
    if (std::find(entries.begin(), entries.end(), blob) == entries.end()) {
      refuse(graph, "blob " + json(input.blob) + " is no input of " + graph.param);
    }
    network.inputs.push_back({blob, read_input(job, input)});
  }
  if (network.inputs.size() != entries.size()) {
    refuse(graph, graph.param + " has " + std::to_string(entries.size()) + " inputs, the job " +
                      std::to_string(network.inputs.size()));
  }
}

}  // namespace

Network load_network(const Job& job, const JobGraph& graph) {
  Network network{&graph, std::make_unique<ncnn::Net>(), {}, {}, 0};
  network.net->opt = options_for(graph.precision);
  const int64_t started_ns = now_ns();
  load_files(*network.net, job, graph);
  network.load_ns = now_ns() - started_ns;
  bind_inputs(network, job);
  for (const JobOutput& output : graph.outputs) {
    network.outputs.push_back(find_blob(*network.net, graph, output.blob));
  }
  return network;
}

int run_network(const Network& network, Outputs& outputs) {
  ncnn::Extractor extractor = network.net->create_extractor();
  int code = 0;
  for (const BoundInput& input : network.inputs) code |= extractor.input(input.blob, input.value);
  for (size_t i = 0; i < outputs.size(); ++i) {
    code |= extractor.extract(network.outputs[i], outputs[i]);
  }
  return code;
}

void check_run(const Network& network, int code, const Outputs& outputs,
               const std::string& where) {
  const std::string graph = where + "graph '" + network.graph->key + "': ";
  if (code) fail(kRun, graph + "ncnn fails with code " + std::to_string(code));
  for (size_t i = 0; i < outputs.size(); ++i) {
    const ncnn::Mat& mat = outputs[i];
    if (mat.empty() || mat.elemsize != sizeof(float) || mat.elempack != 1 || mat.n > 1) {
      fail(kRun, graph + "output '" + network.graph->outputs[i].name +
                     "' is empty, or not plain float32");
    }
  }
}
