#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "tracking_job.h"

// What a job file says. Its text is UTF-8, one record a line, fields separated by tabs, and every
// line ended. Records may come in any order behind the first one:
//
//   mobileinst-job  1
//   bundle    NAME  MANIFEST_SHA256
//   file      SHA256  BYTES  PATH           everything that is read is listed, and so checked
//   graph     KEY  GRAPH  PRECISION  PARAM_PATH  BIN_PATH
//   input     KEY  BLOB  NAME  DIMS  PATH   raw little-endian float32 in C order; DIMS as 3,320,640
//   output    KEY  BLOB  NAME               and perhaps its DIMS
//   schedule  key  KEY...                   what a key frame runs, in this order
//   schedule  reuse  KEY                    what every other frame runs
//
// A clip to track:
//
//   clip      HEIGHT,WIDTH                of every picture
//   picture   PATH                        of one frame, in order; uint8 RGB, height × width × 3
//   preprocessing  HEIGHT,WIDTH  RULE  MEAN  STD
//                                         of the "image"; letterbox or stretch; three numbers
//   state     KEY  OUTPUT  KEY  INPUT  HOW
//                                         whole: the output is that input; live: of its rows, those
//                                         of live kernels, and zeros behind them
//   tracking  NAME  VALUE                 a setting; tracking_records.cc has them all
//
// Paths are relative to the job file's folder; they may begin with "../", and climb nowhere else.

enum class Precision { kFp32, kFp16Storage, kFp16 };

struct JobFile {
  std::string sha256;
  int64_t bytes;
  std::string path;  // as the job has it
};

struct JobInput {
  std::string blob;  // in the .param
  std::string name;
  std::vector<int> dims;  // without the batch axis; 1 to 4 of them
  std::string path;
};

struct JobOutput {
  std::string blob;
  std::string name;
  std::vector<int> dims;  // as an input's; empty where the job does not say
};

struct JobGraph {
  std::string key;  // unique
  std::string graph;
  Precision precision;
  std::string param;
  std::string bin;
  std::vector<JobInput> inputs;
  std::vector<JobOutput> outputs;
};

struct Job {
  std::string folder;  // with a slash at its end, or empty
  std::string bundle;
  std::string manifest_sha256;
  std::vector<JobFile> files;
  std::vector<JobGraph> graphs;      // in the file's order
  std::vector<size_t> key_graphs;    // of the schedule, as indices of `graphs`; may be empty
  std::vector<size_t> reuse_graphs;  // one, or none
  JobTracking tracking;
};

const char* precision_name(Precision precision);

int64_t count_values(const std::vector<int>& dims);

// The index in `graphs`, or their number where the job has no such key.
size_t find_graph(const Job& job, std::string_view key);

// Fails with kLoad, naming the file and the line.
Job read_job(const std::string& path);
