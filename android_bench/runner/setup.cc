#include "setup.h"

#include <unistd.h>

#include "clock.h"
#include "cores.h"
#include "cpu_features.h"
#include "files.h"
#include "ncnn_options.h"
#include "report.h"
#include "samples.h"

// CMakeLists.txt says what is built.
#if !defined(RUNNER_VERSION) || !defined(RUNNER_TARGET) || !defined(RUNNER_BUILD_TYPE)
#error "RUNNER_VERSION, RUNNER_TARGET and RUNNER_BUILD_TYPE have to be defined"
#endif

namespace {

JsonObject describe_program(const char* name) {
  return event(name)
      .add("schema_version", kSchemaVersion)
      .add("runner", RUNNER_VERSION)
      .add("ncnn", NCNN_VERSION_STRING)
      .add("target", RUNNER_TARGET)
      .add("build", RUNNER_BUILD_TYPE);
}

void emit_start(const Arguments& arguments, const Job& job, const std::vector<int>& allowed) {
  emit(describe_program("start")
           .add("command", arguments.command_name)
           .add("bundle", job.bundle)
           .add("manifest_sha256", job.manifest_sha256)
           .add("pid", static_cast<int>(getpid()))
           .add("core", arguments.core)
           .add("cores_allowed", allowed)
           .add("features", cpu_features())
           .add_encoded("options", describe_options().text())
           .add("seed", arguments.seed)
           .add("warmup", arguments.warmup)
           .add("iterations", arguments.iterations)
           .add("interval", arguments.interval)
           .add("frames", arguments.frames)
           .add_encoded("fps", arguments.fps ? std::to_string(*arguments.fps) : "null"));
}

void verify(const Job& job, const JobFile& file) {
  const std::string path = job.folder + file.path;
  const FileDigest found = digest_file(path);
  if (found.bytes != file.bytes) {
    fail(kLoad, path + " was changed or cut off: expected " + std::to_string(file.bytes) +
                    " bytes, got " + std::to_string(found.bytes));
  }
  if (found.sha256 != file.sha256) {
    fail(kLoad, path + " was changed: expected sha256 " + file.sha256 + ", got " + found.sha256);
  }
  emit(event("file").add("path", file.path).add("sha256", found.sha256).add("bytes", found.bytes));
}

// `dump` runs each graph once anyway, and times nothing.
Network load(const Job& job, const JobGraph& graph, bool timed) {
  Network network = load_network(job, graph);
  JsonObject loaded = event("loaded");
  loaded.add("key", graph.key)
      .add("graph", graph.graph)
      .add("precision", precision_name(graph.precision))
      .add("load_ns", network.load_ns);
  if (timed) loaded.add("first_ns", take_sample(network).ns);
  emit(loaded);
  return network;
}

}  // namespace

std::unique_ptr<Setup> set_up(const Arguments& arguments) {
  auto setup = std::make_unique<Setup>(
      Setup{arguments, read_job(arguments.job), {}, Thermometer(arguments.thermal)});
  const std::vector<int> allowed = allowed_cores();
  if (arguments.core) pin_to(*arguments.core);
  emit_start(arguments, setup->job, allowed);
  for (const JobFile& file : setup->job.files) verify(setup->job, file);
  for (const JobGraph& graph : setup->job.graphs) {
    setup->networks.push_back(load(setup->job, graph, arguments.command != kDump));
  }
  return setup;
}

void emit_version() { emit(describe_program("version").add("features", cpu_features())); }
