// What the library is and how it runs: version, errors, threads, seeds, devices.
#include "shim.h"

#include <ATen/Parallel.h>
#include <ATen/detail/CUDAHooksInterface.h>
#include <c10/core/GradMode.h>
#include <c10/core/InferenceMode.h>

#include <atomic>
#include <climits>
#include <cstdlib>
#ifdef __GLIBC__
#include <malloc.h>
#endif

namespace shim {

namespace {
#ifdef __GLIBC__
// Freed tensors stay with the process: the kernel takes a tenth of a training step to clear the same pages again.
[[maybe_unused]] const bool s_keeps_memory = [] {
  constexpr int kLargest = 32 << 20;  // the highest that glibc takes; larger tensors are mapped one by one
  if (!std::getenv("MALLOC_MMAP_THRESHOLD_")) mallopt(M_MMAP_THRESHOLD, kLargest);
  if (!std::getenv("MALLOC_TRIM_THRESHOLD_")) mallopt(M_TRIM_THRESHOLD, INT_MAX);
  return true;
}();
#endif

thread_local std::string t_error;
thread_local std::string t_detail;
std::atomic<int64_t> s_live{0};
}  // namespace

// The first line is for the user; the rest is a C++ stack that only a log wants.
void set_error(const char* operation, const std::string& text) noexcept {
  try {
    t_detail = std::string(operation) + ": " + text;
    t_error = t_detail.substr(0, t_detail.find('\n'));
  } catch (...) {
  }
}

Handle wrap(at::Tensor tensor) {
  auto handle = new at::Tensor(std::move(tensor));
  s_live.fetch_add(1, std::memory_order_relaxed);
  return handle;
}

at::TensorOptions Options::tensor_options() const {
  return at::TensorOptions().dtype(static_cast<at::ScalarType>(dtype)).device(device(device_type, device_index));
}

std::vector<at::Tensor> list(Handle* tensors, int count) {
  std::vector<at::Tensor> result;
  result.reserve(count);
  for (int i = 0; i < count; i++) result.push_back(tensors[i] ? *tensors[i] : at::Tensor());
  return result;
}

}  // namespace shim

API const char* shim_last_error() { return shim::t_error.c_str(); }
API const char* shim_last_error_detail() { return shim::t_detail.c_str(); }
API int64_t shim_live_tensors() { return shim::s_live.load(); }
API void shim_free(Handle tensor) {
  if (!tensor) return;
  shim::s_live.fetch_sub(1, std::memory_order_relaxed);
  delete tensor;
}

API const char* shim_version() {
  static const std::string version = std::to_string(TORCH_VERSION_MAJOR) + "." +
                                     std::to_string(TORCH_VERSION_MINOR) + "." + std::to_string(TORCH_VERSION_PATCH);
  return version.c_str();
}
API const char* shim_configuration() {
  static const std::string text = [] {
    try {
      return at::show_config() + at::get_parallel_info();
    } catch (...) {
      return std::string();
    }
  }();
  return text.c_str();
}

API int shim_set_threads(int count) {
  return shim::run("set_num_threads", [&] { at::set_num_threads(count); });
}
API int shim_get_threads() { return at::get_num_threads(); }
API int shim_set_interop_threads(int count) {
  return shim::run("set_num_interop_threads", [&] { at::set_num_interop_threads(count); });
}
API int shim_set_flush_denormal(int on) { return at::globalContext().setFlushDenormal(on != 0); }

API int shim_manual_seed(int64_t seed) {
  return shim::run("manual_seed", [&] { at::manual_seed(static_cast<uint64_t>(seed)); });
}
API int shim_cuda_count() {
  try {
    return at::hasCUDA() ? static_cast<int>(at::detail::getCUDAHooks().getNumGPUs()) : 0;
  } catch (...) {
    return 0;
  }
}
API int shim_cuda_synchronize(int index) {
  return shim::run("cuda.synchronize", [&] {
    const auto device = static_cast<at::DeviceIndex>(index < 0 ? 0 : index);
    if (at::hasCUDA()) at::detail::getCUDAHooks().deviceSynchronize(device);
  });
}

API int shim_grad_enabled() { return c10::GradMode::is_enabled(); }
API void shim_set_grad_enabled(int on) { c10::GradMode::set_enabled(on != 0); }
API void* shim_inference_enter(int on) {
  try {
    return new c10::InferenceMode(on != 0);
  } catch (...) {
    return nullptr;
  }
}
API void shim_inference_exit(void* guard) { delete static_cast<c10::InferenceMode*>(guard); }

// A generator is a heap at::Generator. Cloning the default one works on every device without its headers.
API at::Generator* shim_generator(int64_t seed, int device_type, int device_index) {
  at::Generator* result = nullptr;
  shim::run("Generator", [&] {
    auto generator = at::globalContext().defaultGenerator(shim::device(device_type, device_index)).clone();
    generator.set_current_seed(static_cast<uint64_t>(seed));
    result = new at::Generator(std::move(generator));
  });
  return result;
}
API int shim_generator_seed(at::Generator* generator, int64_t seed) {
  return shim::run("Generator.manual_seed", [&] { generator->set_current_seed(static_cast<uint64_t>(seed)); });
}
API void shim_generator_free(at::Generator* generator) { delete generator; }
