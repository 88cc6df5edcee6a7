// As much of TNN's interface as the loader calls, to compile and run it where there is no TNN.
// A "network" is the text "MODE side side ...": its output y is its input x plus 1, or MODE says
// how it misbehaves.
#pragma once
#include <cstdlib>
#include <map>
#include <memory>
#include <sstream>
#include <string>
#include <vector>

#define TNN_NS tnn

namespace tnn {

typedef std::vector<int> DimsVector;
enum StatusCode { TNN_OK = 0, TNNERR_NET_ERR = 0x3000 };
enum DeviceType { DEVICE_NAIVE, DEVICE_X86, DEVICE_ARM };
enum Precision { PRECISION_HIGH, PRECISION_NORMAL };
enum NetworkType { NETWORK_TYPE_DEFAULT };
enum ModelType { MODEL_TYPE_TNN };
enum DataType { DATA_TYPE_FLOAT, DATA_TYPE_HALF, DATA_TYPE_INT8, DATA_TYPE_INT32 };
enum MatType { NCHW_FLOAT, NC_INT32 };

struct Status {
    int code;
    std::string message;
    Status(int its_code = TNN_OK, std::string its_message = "")
        : code(its_code), message(its_message) {}
    operator int() const { return code; }
    std::string description() const { return message; }
};

struct NetworkConfig {
    DeviceType device_type;
    Precision precision;
    NetworkType network_type;
};

struct ModelConfig {
    ModelType model_type;
    std::vector<std::string> params;
};

struct BlobDesc {
    DataType data_type = DATA_TYPE_FLOAT;
    DimsVector dims;
};

struct BlobHandle {
    void* base;
};

struct Blob {
    BlobDesc desc;
    std::vector<float> values;
    bool readable = true;
    BlobDesc& GetBlobDesc() { return desc; }
    BlobHandle GetHandle() { return BlobHandle{values.data()}; }
};

typedef std::map<std::string, Blob*> BlobMap;

struct Mat {
    MatType type;
    void* data;
    Mat(DeviceType, MatType mat_type, DimsVector, void* memory) : type(mat_type), data(memory) {}
};

struct MatConvertParam {};

struct BlobConverter {
    Blob* blob;
    explicit BlobConverter(Blob* its) : blob(its) {}
    Status ConvertFromMat(Mat& mat, MatConvertParam, void*) {
        for (size_t i = 0; i < blob->values.size(); ++i)
            blob->values[i] = mat.type == NC_INT32 ? static_cast<int*>(mat.data)[i]
                                                   : static_cast<float*>(mat.data)[i];
        return Status();
    }
    Status ConvertToMat(Mat& mat, MatConvertParam, void*) {
        for (size_t i = 0; i < blob->values.size() && blob->readable; ++i) {
            if (mat.type == NC_INT32) static_cast<int*>(mat.data)[i] = int(blob->values[i]);
            else static_cast<float*>(mat.data)[i] = blob->values[i];
        }
        return Status();
    }
};

struct Instance {
    std::string mode;
    Blob x, y;
    Status SetCpuNumThreads(int) { return Status(); }
    Status GetCommandQueue(void**) { return Status(); }
    Status GetAllInputBlobs(BlobMap& blobs) { return blobs = {{"x", &x}}, Status(); }
    Status GetAllOutputBlobs(BlobMap& blobs) { return blobs = {{"y", &y}}, Status(); }
    Status Forward() {
        if (mode == "abort") std::abort();
        if (mode == "fail") return Status(TNNERR_NET_ERR, "code: 0x3000 msg: no\nForward");
        for (size_t i = 0; i < y.values.size(); ++i) y.values[i] = x.values[i] + 1;
        return Status();
    }
};

struct TNN {
    std::string proto;
    Status Init(ModelConfig& config) {
        proto = config.params[0];
        return proto.empty() ? Status(TNNERR_NET_ERR, "code: 0x3000 msg: empty") : Status();
    }
    std::shared_ptr<Instance> CreateInst(NetworkConfig&, Status&) {
        std::shared_ptr<Instance> made = std::make_shared<Instance>();
        std::istringstream words(proto);
        words >> made->mode;
        size_t count = 1;
        for (int side; words >> side; count *= side) made->x.desc.dims.push_back(side);
        made->x.values.resize(count);
        if (made->mode == "int32") made->x.desc.data_type = DATA_TYPE_INT32;
        if (made->mode == "int8") made->x.desc.data_type = DATA_TYPE_INT8;
        made->y = made->x;
        made->y.readable = made->mode != "unwritten";
        if (made->mode == "fused") std::vector<float>().swap(made->y.values);
        return made;
    }
};

}  // namespace tnn
