#pragma once
#include <ATen/ATen.h>

namespace shim {

// softmax(q k^T / sqrt(d) + mask) v on [batch, heads, tokens, d]. The mask is boolean (true: look) or added.
// libtorch 2 brings a fused one; libtorch 1.13 gets the kernel beside this on a CPU in float32, else a composition.
at::Tensor attention(const at::Tensor& q, const at::Tensor& k, const at::Tensor& v, const at::Tensor& mask,
                     double dropout, bool causal);

}  // namespace shim
