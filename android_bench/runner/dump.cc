// Outputs as files, for whoever compares them.

#include <sys/stat.h>

#include <cerrno>
#include <cmath>
#include <cstring>

#include "commands.h"
#include "files.h"
#include "report.h"
#include "samples.h"
#include "sha256.h"

namespace {

std::vector<int> shape_of(const ncnn::Mat& mat) {
  const std::vector<int> sides = {mat.c, mat.d, mat.h, mat.w};
  if (mat.dims == 3) return {mat.c, mat.h, mat.w};
  return std::vector<int>(sides.end() - mat.dims, sides.end());
}

// In C order, without the gaps that ncnn leaves between channels.
std::vector<float> values_of(const ncnn::Mat& mat) {
  std::vector<float> values;
  const size_t channel_size = static_cast<size_t>(mat.w) * mat.h * mat.d;
  for (int channel = 0; channel < mat.c; ++channel) {
    const float* first = mat.channel(channel);
    values.insert(values.end(), first, first + channel_size);
  }
  return values;
}

void dump_output(const Network& network, size_t output, const ncnn::Mat& mat,
                 const std::string& path) {
  const std::vector<float> values = values_of(mat);
  const size_t bytes = values.size() * sizeof(float);
  int64_t nan = 0, inf = 0;
  for (const float value : values) {
    nan += std::isnan(value);
    inf += std::isinf(value);
  }
  Sha256 sha256;
  sha256.update(reinterpret_cast<const uint8_t*>(values.data()), bytes);
  write_file(path, values.data(), bytes);
  emit(event("output")
           .add("key", network.graph->key)
           .add("name", network.graph->outputs[output].name)
           .add("shape", shape_of(mat))
           .add("file", path)
           .add("sha256", sha256.finish())
           .add("nan", nan)
           .add("inf", inf));
}

}  // namespace

void dump(Setup& setup) {
  const std::string& folder = setup.arguments.output_dir;
  if (mkdir(folder.c_str(), 0700) != 0 && errno != EEXIST) {
    fail(kRun, "can't make the folder " + folder + ": " + std::strerror(errno));
  }
  int index = 0;
  for (const Network& network : setup.networks) {
    Outputs outputs(network.outputs.size());
    check_run(network, run_network(network, outputs), outputs);
    for (size_t i = 0; i < outputs.size(); ++i) {
      dump_output(network, i, outputs[i], folder + '/' + std::to_string(index++) + ".bin");
    }
  }
}
