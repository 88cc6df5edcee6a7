#include "frames.h"

Sample run_frame(const FrameGraphs& frame) {
  const size_t count = frame.networks.size();
  std::vector<Outputs> outputs(count);
  std::vector<int> codes(count);
  for (size_t i = 0; i < count; ++i) outputs[i].resize(frame.networks[i]->outputs.size());
  const Sample sample = timed([&] {
    for (size_t i = 0; i < count; ++i) codes[i] = run_network(*frame.networks[i], outputs[i]);
  });
  for (size_t i = 0; i < count; ++i) check_run(*frame.networks[i], codes[i], outputs[i]);
  return sample;
}
