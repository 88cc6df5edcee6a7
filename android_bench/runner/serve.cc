// Keys come in, samples go out, one for one: another process decides on the order.

#include <cstdio>

#include <string>

#include "commands.h"
#include "samples.h"

namespace {

constexpr size_t kLongestLine = 4096;  // bytes

// The next line without its end; false at the end of the input.
bool read_line(std::string& line) {
  line.clear();
  int character = std::getchar();
  if (character == EOF) return false;
  for (; character != EOF && character != '\n'; character = std::getchar()) {
    if (line.size() < kLongestLine) line += static_cast<char>(character);
  }
  return true;
}

}  // namespace

void serve(Setup& setup) {
  std::string key;
  for (int round = 0; read_line(key);) {
    if (key.empty()) continue;
    const size_t index = find_graph(setup.job, key);
    if (index == setup.networks.size()) {
      fail(kUsage, "stdin: expected the key of a graph, got " + json(key));
    }
    const Network& network = setup.networks[index];
    emit_sample(network, take_sample(network), "measure", round++, setup.arguments);
    setup.thermometer.read_if_due();
  }
}
