#include "attention_kernel.h"

#include <algorithm>
#include <cmath>
#include <cstring>
#include <vector>

// The same text is compiled for each instruction set; the loader picks the best that the CPU has.
#if defined(__x86_64__) && defined(__GNUC__) && __GNUC__ >= 12
#define FOR_EVERY_CPU __attribute__((target_clones("arch=x86-64-v4", "arch=x86-64-v3", "default")))
#else
#define FOR_EVERY_CPU
#endif
#define INLINE static inline __attribute__((always_inline))

namespace shim {
namespace {

constexpr int64_t kLanes = 8;          // what AVX2 holds; wider types are taken apart through memory
constexpr int64_t kColumns = 2 * kLanes;
constexpr int64_t kTile = 6;           // rows of a product's tile: its twelve sums fit the sixteen registers
constexpr int64_t kBlock = 8 * kTile;  // rows of scores that live at a time

typedef float Vec __attribute__((vector_size(32)));
typedef int32_t IntVec __attribute__((vector_size(32)));

int64_t padded(int64_t count) { return (count + kColumns - 1) / kColumns * kColumns; }

INLINE Vec load(const float* from) {
  Vec value;
  std::memcpy(&value, from, sizeof(value));
  return value;
}
INLINE void store(float* to, Vec value) { std::memcpy(to, &value, sizeof(value)); }
INLINE Vec all(float value) { return value - Vec{}; }

// exp with a relative error of 2e-7; exactly zero far below zero, so that hidden keys weigh nothing.
INLINE Vec exp_of(Vec x) {
  const Vec low = all(-87.0f);
  Vec safe = x > low ? x : low;
  Vec n = safe * 1.44269504f + 12582912.0f - 12582912.0f;
  Vec r = safe - n * 0.693359375f + n * 2.12194440e-4f;
  Vec p = all(1.9875691500e-4f);
  p = p * r + 1.3981999507e-3f;
  p = p * r + 8.3334519073e-3f;
  p = p * r + 4.1665795894e-2f;
  p = p * r + 1.6666665459e-1f;
  p = p * r + 5.0000001201e-1f;
  p = p * r * r + r + 1.0f;
  IntVec bits = (__builtin_convertvector(n, IntVec) + 127) << 23;
  Vec scale;
  std::memcpy(&scale, &bits, sizeof(scale));
  return x > low ? p * scale : Vec{};
}

// C[count, columns] (+)= A B; A's element (i, k) is a[i * row + k * column]; B and C have padded rows.
template <int kRows>
INLINE void tile(const float* a, int64_t row, int64_t column, const float* b, int64_t b_stride, float* c,
                 int64_t c_stride, int64_t depth, bool adds) {
  Vec left_sums[kRows], right_sums[kRows];
  for (int i = 0; i < kRows; i++) {
    left_sums[i] = adds ? load(c + i * c_stride) : Vec{};
    right_sums[i] = adds ? load(c + i * c_stride + kLanes) : Vec{};
  }
  for (int64_t k = 0; k < depth; k++) {
    const Vec left = load(b + k * b_stride), right = load(b + k * b_stride + kLanes);
    for (int i = 0; i < kRows; i++) {
      const Vec factor = all(a[i * row + k * column]);
      left_sums[i] += factor * left;
      right_sums[i] += factor * right;
    }
  }
  for (int i = 0; i < kRows; i++) {
    store(c + i * c_stride, left_sums[i]);
    store(c + i * c_stride + kLanes, right_sums[i]);
  }
}

INLINE void multiply(const float* a, int64_t row, int64_t column, const float* b, int64_t b_stride, float* c,
                     int64_t c_stride, int64_t count, int64_t columns, int64_t depth, bool adds) {
  for (int64_t j = 0; j < columns; j += kColumns) {
    int64_t i = 0;
    for (; i + kTile <= count; i += kTile)
      tile<kTile>(a + i * row, row, column, b + j, b_stride, c + i * c_stride + j, c_stride, depth, adds);
    for (; i + 2 <= count; i += 2)
      tile<2>(a + i * row, row, column, b + j, b_stride, c + i * c_stride + j, c_stride, depth, adds);
    for (; i < count; i++)
      tile<1>(a + i * row, row, column, b + j, b_stride, c + i * c_stride + j, c_stride, depth, adds);
  }
}

void copy_rows(Rows from, int64_t count, int64_t width, float scale, float* to, int64_t stride) {
  for (int64_t i = 0; i < count; i++) {
    for (int64_t j = 0; j < width; j++) to[i * stride + j] = from.data[i * from.stride + j] * scale;
    std::fill(to + i * stride + width, to + (i + 1) * stride, 0.0f);
  }
}

// to[width, padded count]
void copy_transposed(Rows from, int64_t count, int64_t width, float* to, int64_t stride) {
  for (int64_t j = 0; j < width; j++) {
    for (int64_t i = 0; i < count; i++) to[j * stride + i] = from.data[i * from.stride + j];
    std::fill(to + j * stride + count, to + (j + 1) * stride, 0.0f);
  }
}

// Scores of one row become what the softmax sees: masked, and hidden behind the last key that may be seen.
INLINE void mask_row(const HeadShape& shape, Rows mask, int64_t row, float* scores, int64_t stride) {
  if (mask.data) {
    for (int64_t j = 0; j < shape.keys; j++) scores[j] += mask.data[row * mask.stride + j];
  }
  const int64_t seen = shape.causal ? std::min(shape.keys, row + 1) : shape.keys;
  std::fill(scores + seen, scores + stride, -INFINITY);
}

INLINE float horizontal_sum(Vec values) {
  float sum = 0;
  for (int i = 0; i < kLanes; i++) sum += values[i];
  return sum;
}

INLINE void softmax_row(float* scores, int64_t stride) {
  Vec best = load(scores);
  for (int64_t j = kLanes; j < stride; j += kLanes) {
    Vec next = load(scores + j);
    best = next > best ? next : best;
  }
  float highest = best[0];
  for (int i = 1; i < kLanes; i++) highest = std::max(highest, best[i]);
  Vec sums = Vec{};
  for (int64_t j = 0; j < stride; j += kLanes) {
    Vec weight = exp_of(load(scores + j) - highest);
    store(scores + j, weight);
    sums += weight;
  }
  const float inverse = 1.0f / horizontal_sum(sums);
  for (int64_t j = 0; j < stride; j += kLanes) store(scores + j, load(scores + j) * inverse);
}

}  // namespace

FOR_EVERY_CPU
void attention_head_forward(const HeadShape& shape, Rows q, Rows k, Rows v, Rows mask, float* out,
                            int64_t out_stride) {
  const int64_t width = padded(shape.width), keys = padded(shape.keys);
  thread_local std::vector<float> memory;
  memory.resize(shape.width * keys + shape.keys * width + kBlock * (keys + 2 * width));
  float* key_columns = memory.data();                     // [width, keys]
  float* values = key_columns + shape.width * keys;       // [keys, width]
  float* scores = values + shape.keys * width;            // [block, keys]
  float* queries = scores + kBlock * keys;                // [block, width]
  float* products = queries + kBlock * width;             // [block, width]
  copy_transposed(k, shape.keys, shape.width, key_columns, keys);
  copy_rows(v, shape.keys, shape.width, 1.0f, values, width);
  for (int64_t first = 0; first < shape.rows; first += kBlock) {
    const int64_t count = std::min(kBlock, shape.rows - first);
    copy_rows({q.data + first * q.stride, q.stride}, count, shape.width, shape.scale, queries, width);
    multiply(queries, width, 1, key_columns, keys, scores, keys, count, keys, shape.width, false);
    for (int64_t i = 0; i < count; i++) {
      mask_row(shape, mask, first + i, scores + i * keys, keys);
      softmax_row(scores + i * keys, keys);
    }
    multiply(scores, keys, 1, values, width, products, width, count, width, shape.keys, false);
    for (int64_t i = 0; i < count; i++)
      std::memcpy(out + (first + i) * out_stride, products + i * width, shape.width * sizeof(float));
  }
}

FOR_EVERY_CPU
void attention_head_backward(const HeadShape& shape, Rows q, Rows k, Rows v, Rows mask, Rows out, Rows grad_out,
                             float* grad_q, float* grad_k, float* grad_v) {
  const int64_t width = padded(shape.width), keys = padded(shape.keys);
  thread_local std::vector<float> memory;
  memory.resize(2 * shape.width * keys + 3 * shape.keys * width + kBlock * (2 * keys + 3 * width));
  float* key_columns = memory.data();                          // [width, keys]
  float* value_columns = key_columns + shape.width * keys;     // [width, keys]
  float* key_rows = value_columns + shape.width * keys;        // [keys, width]
  float* key_sums = key_rows + shape.keys * width;             // [keys, width]
  float* value_sums = key_sums + shape.keys * width;           // [keys, width]
  float* weights = value_sums + shape.keys * width;            // [block, keys]
  float* slopes = weights + kBlock * keys;                     // [block, keys]
  float* queries = slopes + kBlock * keys;                     // [block, width]
  float* gradients = queries + kBlock * width;                 // [block, width]
  float* products = gradients + kBlock * width;                // [block, width]
  copy_transposed(k, shape.keys, shape.width, key_columns, keys);
  copy_transposed(v, shape.keys, shape.width, value_columns, keys);
  copy_rows(k, shape.keys, shape.width, shape.scale, key_rows, width);
  std::fill(key_sums, key_sums + 2 * shape.keys * width, 0.0f);
  for (int64_t first = 0; first < shape.rows; first += kBlock) {
    const int64_t count = std::min(kBlock, shape.rows - first);
    copy_rows({q.data + first * q.stride, q.stride}, count, shape.width, shape.scale, queries, width);
    copy_rows({grad_out.data + first * grad_out.stride, grad_out.stride}, count, shape.width, 1.0f, gradients, width);
    multiply(queries, width, 1, key_columns, keys, weights, keys, count, keys, shape.width, false);
    multiply(gradients, width, 1, value_columns, keys, slopes, keys, count, keys, shape.width, false);
    for (int64_t i = 0; i < count; i++) {
      float* weight = weights + i * keys;
      float* slope = slopes + i * keys;
      mask_row(shape, mask, first + i, weight, keys);
      softmax_row(weight, keys);
      float delta = 0;
      for (int64_t j = 0; j < shape.width; j++)
        delta += out.data[(first + i) * out.stride + j] * gradients[i * width + j];
      for (int64_t j = 0; j < keys; j += kLanes) {
        store(slope + j, load(weight + j) * (load(slope + j) - delta));
      }
    }
    multiply(weights, 1, keys, gradients, width, value_sums, width, shape.keys, width, count, true);
    multiply(slopes, 1, keys, queries, width, key_sums, width, shape.keys, width, count, true);
    multiply(slopes, keys, 1, key_rows, width, products, width, count, width, shape.keys, false);
    for (int64_t i = 0; i < count; i++)
      std::memcpy(grad_q + (first + i) * shape.width, products + i * width, shape.width * sizeof(float));
  }
  for (int64_t i = 0; i < shape.keys; i++) {
    std::memcpy(grad_k + i * shape.width, key_sums + i * width, shape.width * sizeof(float));
    std::memcpy(grad_v + i * shape.width, value_sums + i * width, shape.width * sizeof(float));
  }
}

}  // namespace shim
