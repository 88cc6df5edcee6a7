// Runs a TNN network once, on one thread:
//
//   tnn-loader FOLDER
//
// FOLDER/job.txt says what, one word and its value a line:
//   proto PATH, model PATH, device NAIVE|X86|ARM, precision HIGH|NORMAL,
//   input NAME  for every input; its values are in FOLDER/input0.bin, input1.bin, ...: little
//               endian, dense, float32, or int32 where the network has it
//   output NAME for every output; its values go to FOLDER/output0.bin, ... as float32, and its
//               sides to a line of FOLDER/shapes.txt
// Whatever goes wrong is one line on stderr, "tnn-loader: ...", and exit code 1.

#include <cstdint>
#include <cstring>
#include <fstream>
#include <iostream>
#include <iterator>
#include <memory>
#include <stdexcept>
#include <string>
#include <vector>

#include "tnn/core/blob.h"
#include "tnn/core/common.h"
#include "tnn/core/instance.h"
#include "tnn/core/mat.h"
#include "tnn/core/status.h"
#include "tnn/core/tnn.h"
#include "tnn/utils/blob_converter.h"

namespace {

// A value that no network gives: a NaN with a mark of our own. Where it is still there, nothing
// was written.
const uint32_t kUnwritten = 0x7fc5a5a5u;

struct Job {
    std::string proto, model, device, precision;
    std::vector<std::string> inputs, outputs;
};

[[noreturn]] void fail(const std::string& message) { throw std::runtime_error(message); }

void check(TNN_NS::Status status, const std::string& what) {
    if (status != TNN_NS::TNN_OK) fail(what + ": " + status.description());
}

std::string read_file(const std::string& path) {
    std::ifstream file(path, std::ios::binary);
    if (!file) fail("can't read " + path);
    return std::string(std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>());
}

void write_file(const std::string& path, const std::string& bytes) {
    std::ofstream file(path, std::ios::binary);
    file << bytes;
    if (!file.flush()) fail("can't write " + path);
}

Job read_job(const std::string& path) {
    Job job;
    std::ifstream file(path);
    std::string key, value;
    while (file >> key && std::getline(file >> std::ws, value)) {
        if (key == "proto") job.proto = value;
        else if (key == "model") job.model = value;
        else if (key == "device") job.device = value;
        else if (key == "precision") job.precision = value;
        else if (key == "input") job.inputs.push_back(value);
        else if (key == "output") job.outputs.push_back(value);
        else fail(path + " has an unknown word: " + key);
    }
    if (job.inputs.empty() || job.outputs.empty()) fail(path + " needs an input and an output");
    return job;
}

TNN_NS::NetworkConfig network_config(const Job& job) {
    TNN_NS::NetworkConfig config;
    if (job.device == "NAIVE") config.device_type = TNN_NS::DEVICE_NAIVE;
    else if (job.device == "X86") config.device_type = TNN_NS::DEVICE_X86;
    else if (job.device == "ARM") config.device_type = TNN_NS::DEVICE_ARM;
    else fail("unknown device " + job.device);
    if (job.precision == "HIGH") config.precision = TNN_NS::PRECISION_HIGH;
    else if (job.precision == "NORMAL") config.precision = TNN_NS::PRECISION_NORMAL;
    else fail("unknown precision " + job.precision);
    config.network_type = TNN_NS::NETWORK_TYPE_DEFAULT;  // TNN's own kernels
    return config;
}

std::string shape_text(const TNN_NS::DimsVector& sides) {
    std::string text;
    for (int side : sides) text += (text.empty() ? "" : " ") + std::to_string(side);
    return text;
}

// How many values a blob has; TNN's converters know ranks 1 to 5.
size_t count(const TNN_NS::BlobDesc& blob, const std::string& what) {
    if (blob.dims.empty() || blob.dims.size() > 5)
        fail(what + " has rank " + std::to_string(blob.dims.size()) + ", expected 1 to 5");
    size_t values = 1;
    for (int side : blob.dims) {
        if (side < 1) fail(what + " has the shape " + shape_text(blob.dims));
        values *= static_cast<size_t>(side);
    }
    return values;
}

// The type of the values outside; a float blob may be float16 inside.
TNN_NS::MatType mat_type(const TNN_NS::BlobDesc& blob, const std::string& what) {
    switch (blob.data_type) {
        case TNN_NS::DATA_TYPE_FLOAT:
        case TNN_NS::DATA_TYPE_HALF: return TNN_NS::NCHW_FLOAT;
        case TNN_NS::DATA_TYPE_INT32: return TNN_NS::NC_INT32;
        default: fail(what + " has TNN's data type " + std::to_string(blob.data_type));
    }
}

TNN_NS::Blob* find(const TNN_NS::BlobMap& blobs, const std::string& name, const std::string& what) {
    auto found = blobs.find(name);
    if (found == blobs.end() || !found->second) fail("the network has no " + what);
    return found->second;
}

void set_input(TNN_NS::Blob* blob, const std::string& what, const std::string& path, void* queue) {
    const TNN_NS::BlobDesc& desc = blob->GetBlobDesc();
    std::string bytes = read_file(path);
    const size_t expected = 4 * count(desc, what);
    if (bytes.size() != expected)
        fail(what + " has the shape " + shape_text(desc.dims) + ", expected " +
             std::to_string(expected) + " bytes, got " + std::to_string(bytes.size()));
    TNN_NS::Mat mat(TNN_NS::DEVICE_NAIVE, mat_type(desc, what), desc.dims, &bytes[0]);
    check(TNN_NS::BlobConverter(blob).ConvertFromMat(mat, TNN_NS::MatConvertParam(), queue), what);
}

std::string get_output(TNN_NS::Blob* blob, const std::string& what, void* queue) {
    const TNN_NS::BlobDesc& desc = blob->GetBlobDesc();
    if (!blob->GetHandle().base) fail(what + " has no memory");
    std::vector<uint32_t> values(count(desc, what), kUnwritten);
    const TNN_NS::MatType type = mat_type(desc, what);
    TNN_NS::Mat mat(TNN_NS::DEVICE_NAIVE, type, desc.dims, values.data());
    check(TNN_NS::BlobConverter(blob).ConvertToMat(mat, TNN_NS::MatConvertParam(), queue), what);
    for (uint32_t& value : values) {
        if (value == kUnwritten) fail(what + " was not written, or only in part");
        if (type != TNN_NS::NC_INT32) continue;
        const float number = static_cast<float>(static_cast<int32_t>(value));
        std::memcpy(&value, &number, sizeof value);
    }
    return std::string(reinterpret_cast<const char*>(values.data()), 4 * values.size());
}

void run(const std::string& folder) {
    const Job job = read_job(folder + "/job.txt");
    TNN_NS::ModelConfig model;
    model.model_type = TNN_NS::MODEL_TYPE_TNN;
    model.params = {read_file(job.proto), read_file(job.model)};
    TNN_NS::TNN tnn;
    check(tnn.Init(model), "TNN::Init");
    TNN_NS::NetworkConfig config = network_config(job);
    TNN_NS::Status status;
    std::shared_ptr<TNN_NS::Instance> instance = tnn.CreateInst(config, status);
    check(status, "TNN::CreateInst");
    if (!instance) fail("TNN::CreateInst gives no instance");
    check(instance->SetCpuNumThreads(1), "Instance::SetCpuNumThreads");
    void* queue = nullptr;
    check(instance->GetCommandQueue(&queue), "Instance::GetCommandQueue");

    TNN_NS::BlobMap inputs, outputs;
    check(instance->GetAllInputBlobs(inputs), "Instance::GetAllInputBlobs");
    if (inputs.size() != job.inputs.size())
        fail("the network has " + std::to_string(inputs.size()) + " inputs, got " +
             std::to_string(job.inputs.size()));
    for (size_t i = 0; i < job.inputs.size(); ++i) {
        const std::string what = "input " + job.inputs[i];
        const std::string path = folder + "/input" + std::to_string(i) + ".bin";
        set_input(find(inputs, job.inputs[i], what), what, path, queue);
    }
    check(instance->Forward(), "Instance::Forward");

    check(instance->GetAllOutputBlobs(outputs), "Instance::GetAllOutputBlobs");
    std::string shapes;
    for (size_t i = 0; i < job.outputs.size(); ++i) {
        const std::string what = "output " + job.outputs[i];
        TNN_NS::Blob* blob = find(outputs, job.outputs[i], what);
        write_file(folder + "/output" + std::to_string(i) + ".bin", get_output(blob, what, queue));
        shapes += shape_text(blob->GetBlobDesc().dims) + "\n";
    }
    write_file(folder + "/shapes.txt", shapes);
}

}  // namespace

int main(int argc, char** argv) {
    try {
        if (argc != 2) fail("expected one argument, the folder with job.txt");
        run(argv[1]);
        return 0;
    } catch (const std::exception& error) {
        std::string line = error.what();
        for (char& letter : line)
            if (letter == '\n' || letter == '\r') letter = ' ';
        std::cerr << "tnn-loader: " << line << std::endl;
        return 1;
    }
}
