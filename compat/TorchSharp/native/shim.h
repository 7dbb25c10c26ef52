// The C boundary between .NET and libtorch.
//
// Every entry point catches all C++ exceptions. A failing entry returns null or a non-zero code and leaves a text
// for shim_last_error (one line, begins with the operator's name) and shim_last_error_detail (the library's full text).
// A tensor crosses the boundary as a pointer to a heap at::Tensor, one reference each; shim_free gives it back.
#pragma once
#include <ATen/ATen.h>
#include <torch/version.h>

#include <cstdint>
#include <string>
#include <vector>

#define API extern "C" __attribute__((visibility("default")))

#if TORCH_VERSION_MAJOR > 2 || (TORCH_VERSION_MAJOR == 2 && TORCH_VERSION_MINOR >= 1)
#include <optional>
namespace opt = std;
#else
namespace opt = c10;
#endif

namespace shim {

using Handle = at::Tensor*;

// Marks an optional integer that was not given.
constexpr int64_t kAbsent = INT64_MIN;

void set_error(const char* operation, const std::string& text) noexcept;
Handle wrap(at::Tensor tensor);

// Runs a body that makes one tensor.
template <class Body>
Handle make(const char* operation, Body&& body) noexcept {
  try {
    return wrap(body());
  } catch (const c10::Error& error) {
    set_error(operation, error.what_without_backtrace());
  } catch (const std::exception& error) {
    set_error(operation, error.what());
  } catch (...) {
    set_error(operation, "unknown C++ exception");
  }
  return nullptr;
}

// Runs a body for its effect: 0 on success, -1 on failure.
template <class Body>
int run(const char* operation, Body&& body) noexcept {
  try {
    body();
    return 0;
  } catch (const c10::Error& error) {
    set_error(operation, error.what_without_backtrace());
  } catch (const std::exception& error) {
    set_error(operation, error.what());
  } catch (...) {
    set_error(operation, "unknown C++ exception");
  }
  return -1;
}

// A number that is either an integer or a float, as .NET passes it.
struct Number {
  double real;
  int64_t integer;
  int32_t is_integer;

  at::Scalar scalar() const { return is_integer ? at::Scalar(integer) : at::Scalar(real); }
};

// Element type and place of a new tensor.
struct Options {
  int32_t dtype;
  int32_t device_type;
  int32_t device_index;

  at::TensorOptions tensor_options() const;
};

inline at::IntArrayRef dims(const int64_t* values, int count) { return {values, static_cast<size_t>(count)}; }
inline at::Device device(int type, int index) {
  return {static_cast<at::DeviceType>(type), static_cast<at::DeviceIndex>(index)};
}
inline opt::optional<at::Tensor> maybe(Handle tensor) {
  return tensor ? opt::optional<at::Tensor>(*tensor) : opt::optional<at::Tensor>();
}
inline opt::optional<at::ScalarType> maybe_type(int dtype) {
  using Type = opt::optional<at::ScalarType>;
  return dtype < 0 ? Type() : Type(static_cast<at::ScalarType>(dtype));
}
inline opt::optional<int64_t> maybe_int(int64_t value) {
  return value == kAbsent ? opt::optional<int64_t>() : opt::optional<int64_t>(value);
}
std::vector<at::Tensor> list(Handle* tensors, int count);

}  // namespace shim

using shim::Handle;
using shim::Number;
using shim::Options;
