// What CUDA C has built in, for a C++ compiler: the text of the kernels then runs in a loop on the processor.
#pragma once
#include <math.h>
#include <stddef.h>
#include <string.h>

#include <utility>

#define __device__
#define __global__
#define __forceinline__ inline
#define __launch_bounds__(threads)

struct Places {
  unsigned x, y, z;
};
static thread_local Places blockIdx, blockDim, threadIdx;

static inline float __fsqrt_rn(float x) { return sqrtf(x); }
static inline float __fmaf_rn(float x, float y, float z) { return fmaf(x, y, z); }
static inline int __ffsll(long long bits) { return __builtin_ffsll(bits); }
static inline float __uint_as_float(unsigned bits) {
  float number;
  memcpy(&number, &bits, sizeof number);
  return number;
}

// A GPU refuses a number at an address that is no multiple of its size; the compiler's checks call this where one is.
static bool is_misaligned = false;
extern "C" void __ubsan_handle_type_mismatch_v1(void*, void*) { is_misaligned = true; }

// Like a GPU: every block, every thread of it, in some order.
template <class... A, size_t... I>
void run_everywhere(void (*kernel)(A...), const Places& grid, const Places& block, void* const* arguments,
                    std::index_sequence<I...>) {
  blockDim = block;
  for (blockIdx.z = 0; blockIdx.z < grid.z; blockIdx.z++)
    for (blockIdx.y = 0; blockIdx.y < grid.y; blockIdx.y++)
      for (blockIdx.x = 0; blockIdx.x < grid.x; blockIdx.x++)
        for (threadIdx.z = 0; threadIdx.z < block.z; threadIdx.z++)
          for (threadIdx.y = 0; threadIdx.y < block.y; threadIdx.y++)
            for (threadIdx.x = 0; threadIdx.x < block.x; threadIdx.x++) kernel(*(A*)arguments[I]...);
}

template <class... A>
void run_everywhere(void (*kernel)(A...), const Places& grid, const Places& block, void* const* arguments) {
  run_everywhere(kernel, grid, block, arguments, std::index_sequence_for<A...>());
}

template <class... A>
constexpr size_t count_of(void (*)(A...)) {
  return sizeof...(A);
}

template <class... A>
size_t size_of(void (*)(A...), size_t index) {
  const size_t sizes[] = {sizeof(A)...};
  return sizes[index];
}

// The stand-in adds one line of this for each kernel of a text.
#define STAND_IN_KERNEL(name)                                                                      \
  extern "C" bool name##_run(const Places* grid, const Places* block, void* const* arguments) {    \
    run_everywhere(name, *grid, *block, arguments);                                                \
    return !is_misaligned;                                                                         \
  }                                                                                                \
  extern "C" size_t name##_count() { return count_of(name); }                                      \
  extern "C" size_t name##_size(size_t index) { return size_of(name, index); }
