#pragma once

#include <net.h>

#include <memory>
#include <string>
#include <vector>

#include "job.h"

struct BoundInput {
  int blob;  // ncnn's index
  ncnn::Mat value;
};

// A graph of the job in memory, its inputs beside it.
struct Network {
  const JobGraph* graph;
  std::unique_ptr<ncnn::Net> net;
  std::vector<BoundInput> inputs;
  std::vector<int> outputs;  // ncnn's indices, in the job's order
  int64_t load_ns;           // .param and .bin, which the hashing has brought into the page cache
};

using Outputs = std::vector<ncnn::Mat>;

// Reads, and lays the weights out for this CPU. Fails with kLoad where ncnn refuses a file, a blob
// is not there, or an input of the network is not fed.
Network load_network(const Job& job, const JobGraph& graph);

// One inference, as an application does it for a frame: makes an extractor, hands the inputs in,
// has every output computed and converted to plain float32, and gives the extractor back. Returns
// ncnn's code, 0 where all went well.
int run_network(const Network& network, Outputs& outputs);

// Fails with kRun unless the code is 0 and every output is plain float32. The message begins with
// `where`.
void check_run(const Network& network, int code, const Outputs& outputs,
               const std::string& where = "");
