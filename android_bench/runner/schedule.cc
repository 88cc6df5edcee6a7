// Key frames and the frames in between, as on a video: one frame in T is a key frame.

#include "commands.h"
#include "frames.h"
#include "pacing.h"

namespace {

struct Roles {
  FrameGraphs key, reuse;
};

FrameGraphs choose(const Setup& setup, const char* role, const std::vector<size_t>& graphs) {
  FrameGraphs frame{role, {}};
  for (const size_t index : graphs) frame.networks.push_back(&setup.networks[index]);
  return frame;
}

void check_roles(const Setup& setup) {
  const bool needs_reuse = setup.arguments.interval > 1;
  if (setup.job.key_graphs.empty() || (needs_reuse && setup.job.reuse_graphs.empty())) {
    fail(kLoad, setup.arguments.job + " has no 'schedule' record for " +
                    (setup.job.key_graphs.empty() ? "key" : "reuse"));
  }
}

void emit_frame(int index, const FrameGraphs& frame, const Sample& sample, const Pace& pace,
                const Arguments& arguments) {
  JsonObject object = event("frame");
  object.add("index", index).add("role", frame.role);
  add_sample(object, sample, arguments);
  emit(object.add("late_ns", pace.late_ns)
           .add("missed", pace.missed)
           .add("start_late_ns", pace.start_late_ns)
           .add("slot", pace.slot));
}

// The role is by the frame's number among those that are computed: lost ones don't count. Frames
// below 0 are warm-up, on the same grid, and say nothing; the first that counts is a key frame.
void run(Setup& setup, const Roles& roles, std::optional<Pacer>& pacer) {
  const int interval = setup.arguments.interval, warmup = setup.arguments.warmup;
  for (int i = -warmup; i < setup.arguments.frames; ++i) {
    const int place = (i < 0 ? i + warmup : i) % interval;
    const FrameGraphs& frame = place == 0 ? roles.key : roles.reuse;
    if (pacer) pacer->wait();
    const Sample sample = run_frame(frame);
    const Pace pace = pacer ? pacer->finish() : Pace{};
    if (i >= 0) emit_frame(i, frame, sample, pace, setup.arguments);
    setup.thermometer.read_if_due();
  }
}

}  // namespace

void schedule(Setup& setup) {
  check_roles(setup);
  const Roles roles{choose(setup, "key", setup.job.key_graphs),
                    choose(setup, "reuse", setup.job.reuse_graphs)};
  std::optional<Pacer> pacer;
  if (setup.arguments.fps) pacer.emplace(*setup.arguments.fps);
  run(setup, roles, pacer);
}
