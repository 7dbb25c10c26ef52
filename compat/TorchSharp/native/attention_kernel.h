#pragma once
#include <cstdint>

namespace shim {

// One head's attention on the CPU in float32: softmax(scale q k^T + mask) v, without keeping the scores.
//
// Layout   every operand is copied to rows padded to a vector; a block of rows of scores lives at a time.
// Stages   forward: scores, softmax, product with v. backward: the same scores again, then five products.
// Source   the idea of computing scores again: Dao, Fu, Ermon, Rudra, Re, "FlashAttention", 2022.
struct HeadShape {
  int64_t rows, keys, width;
  float scale;
  bool causal;
};

// A matrix with contiguous rows at any distance; a null mask is none, a mask row distance of 0 repeats one row.
struct Rows {
  const float* data;
  int64_t stride;
};

// out: rows x width at out_stride.
void attention_head_forward(const HeadShape& shape, Rows q, Rows k, Rows v, Rows mask, float* out,
                            int64_t out_stride);

// Gradients are written contiguously: rows x width for q, keys x width for k and v.
void attention_head_backward(const HeadShape& shape, Rows q, Rows k, Rows v, Rows mask, Rows out, Rows grad_out,
                             float* grad_q, float* grad_k, float* grad_v);

}  // namespace shim
