// Making tensors, reading them, moving them.
#include "shim.h"

#include <cstring>

using shim::dims;
using shim::make;
using shim::run;

API Handle shim_share(Handle a) {
  return make("alias", [&] { return *a; });
}
API int shim_ndim(Handle a) { return static_cast<int>(a->dim()); }
API void shim_sizes(Handle a, int64_t* out) {
  auto sizes = a->sizes();
  std::memcpy(out, sizes.data(), sizes.size() * sizeof(int64_t));
}
API void shim_strides(Handle a, int64_t* out) {
  auto strides = a->strides();
  std::memcpy(out, strides.data(), strides.size() * sizeof(int64_t));
}
API int64_t shim_numel(Handle a) { return a->numel(); }
API int shim_dtype(Handle a) { return static_cast<int>(a->scalar_type()); }
API int shim_device_type(Handle a) { return static_cast<int>(a->device().type()); }
API int shim_device_index(Handle a) { return a->device().index(); }
API int shim_is_contiguous(Handle a) { return a->is_contiguous(); }
API int shim_data(Handle a, void** out) {
  return run("data", [&] { *out = a->data_ptr(); });
}
API int shim_item(Handle a, double* real, int64_t* integer) {
  return run("item", [&] {
    auto value = a->item();
    *real = value.toDouble();
    *integer = value.isFloatingPoint() ? static_cast<int64_t>(*real) : value.toLong();
  });
}

// Copies bytes in. The tensor must be new, contiguous and on the CPU.
API Handle shim_from_bytes(const void* data, int64_t bytes, const int64_t* sizes, int count, int dtype) {
  return make("tensor", [&] {
    auto result = at::empty(dims(sizes, count), at::TensorOptions().dtype(static_cast<at::ScalarType>(dtype)));
    int64_t needed = static_cast<int64_t>(result.nbytes());
    TORCH_CHECK(needed == bytes, "the data has ", bytes, " bytes; shape ", result.sizes(), " needs ", needed);
    if (bytes) std::memcpy(result.data_ptr(), data, static_cast<size_t>(bytes));
    return result;
  });
}
API int shim_to_bytes(Handle a, void* data, int64_t bytes) {
  return run("data", [&] {
    auto source = a->detach().to(at::kCPU).contiguous();
    int64_t have = static_cast<int64_t>(source.nbytes());
    TORCH_CHECK(have == bytes, "the buffer has ", bytes, " bytes; the tensor has ", have);
    if (bytes) std::memcpy(data, source.data_ptr(), static_cast<size_t>(bytes));
  });
}

API Handle shim_empty(const int64_t* s, int n, Options o) {
  return make("empty", [&] { return at::empty(dims(s, n), o.tensor_options()); });
}
API Handle shim_zeros(const int64_t* s, int n, Options o) {
  return make("zeros", [&] { return at::zeros(dims(s, n), o.tensor_options()); });
}
API Handle shim_ones(const int64_t* s, int n, Options o) {
  return make("ones", [&] { return at::ones(dims(s, n), o.tensor_options()); });
}
API Handle shim_full(const int64_t* s, int n, Number value, Options o) {
  return make("full", [&] { return at::full(dims(s, n), value.scalar(), o.tensor_options()); });
}
API Handle shim_rand(const int64_t* s, int n, at::Generator* g, Options o) {
  return make("rand", [&] {
    return g ? at::rand(dims(s, n), *g, o.tensor_options()) : at::rand(dims(s, n), o.tensor_options());
  });
}
API Handle shim_randn(const int64_t* s, int n, at::Generator* g, Options o) {
  return make("randn", [&] {
    return g ? at::randn(dims(s, n), *g, o.tensor_options()) : at::randn(dims(s, n), o.tensor_options());
  });
}
API Handle shim_arange(Number start, Number stop, Number step, Options o) {
  return make("arange", [&] { return at::arange(start.scalar(), stop.scalar(), step.scalar(), o.tensor_options()); });
}
API Handle shim_zeros_like(Handle a, int dtype) {
  return make("zeros_like", [&] {
    return dtype < 0 ? at::zeros_like(*a) : at::zeros_like(*a, at::TensorOptions().dtype(*shim::maybe_type(dtype)));
  });
}
API Handle shim_empty_like(Handle a, int dtype) {
  return make("empty_like", [&] {
    return dtype < 0 ? at::empty_like(*a) : at::empty_like(*a, at::TensorOptions().dtype(*shim::maybe_type(dtype)));
  });
}

API Handle shim_to(Handle a, int dtype, int device_type, int device_index, int copy, int non_blocking) {
  return make("to", [&] {
    auto type = dtype < 0 ? a->scalar_type() : static_cast<at::ScalarType>(dtype);
    auto place = device_type < 0 ? a->device() : shim::device(device_type, device_index);
    return a->to(place, type, non_blocking != 0, copy != 0);
  });
}
