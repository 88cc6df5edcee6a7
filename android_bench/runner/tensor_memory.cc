#include "tensor_memory.h"

#include <allocator.h>

#include <vector>

namespace {

struct alignas(64) Block {  // the tensor lies behind it, aligned as ncnn wants it at most
  size_t size;              // bytes
};

// For one thread, as the runner has. Nothing goes back to the C library: a network asks for the
// same sizes in every run.
class KeptBlocks : public ncnn::Allocator {
 public:
  void* fastMalloc(size_t size) override {
    const size_t index = find(size);
    if (index == free_.size()) return allocate(size);
    Block* block = free_[index];
    free_.erase(free_.begin() + static_cast<std::ptrdiff_t>(index));
    return block + 1;
  }

  void fastFree(void* tensor) override {
    if (tensor) free_.push_back(static_cast<Block*>(tensor) - 1);
  }

 private:
  // The smallest that suffices and isn't more than half empty; of equals the one that was used
  // last, which is still in the cache. As many as there are blocks: there is none.
  size_t find(size_t size) const {
    size_t best = free_.size();
    for (size_t i = free_.size(); i-- > 0;) {
      const size_t offered = free_[i]->size;
      const bool suffices = offered >= size && offered / 2 <= size;
      if (suffices && (best == free_.size() || offered < free_[best]->size)) best = i;
    }
    return best;
  }

  static void* allocate(size_t size) {
    auto* block = static_cast<Block*>(ncnn::fastMalloc(sizeof(Block) + size));
    if (!block) return nullptr;
    block->size = size;
    return block + 1;
  }

  std::vector<Block*> free_;
};

}  // namespace

const char* const kTensorMemory = "kept blocks, best fit";

void use_tensor_memory(ncnn::Option& options) {
  static auto* const memory = new KeptBlocks;  // outlives every network
  options.blob_allocator = memory;
  options.workspace_allocator = memory;
}
