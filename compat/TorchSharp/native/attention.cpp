#include "attention.h"

#include <cmath>

#include "shim.h"

namespace shim {

#if TORCH_VERSION_MAJOR >= 2

at::Tensor attention(const at::Tensor& q, const at::Tensor& k, const at::Tensor& v, const at::Tensor& mask,
                     double dropout, bool causal) {
  auto given = mask.defined() ? opt::optional<at::Tensor>(mask) : opt::optional<at::Tensor>();
  return at::scaled_dot_product_attention(q, k, v, given, dropout, causal);
}

#else

at::Tensor attention(const at::Tensor& q, const at::Tensor& k, const at::Tensor& v, const at::Tensor& mask,
                     double dropout, bool causal) {
  auto scores = at::matmul(q, k.transpose(-2, -1)).mul(1.0 / std::sqrt(static_cast<double>(q.size(-1))));
  // The type's lowest value, not -inf: a row that may look nowhere then stays finite.
  const double lowest = q.scalar_type() == at::kHalf ? -65504.0 : -3.3895313892515355e38;
  if (causal) {
    auto hidden = at::ones({q.size(-2), k.size(-2)}, q.options().dtype(at::kBool)).triu(1);
    scores = scores.masked_fill(hidden, lowest);
  }
  if (mask.defined()) {
    scores = mask.scalar_type() == at::kBool ? scores.masked_fill(mask.logical_not(), lowest) : scores + mask;
  }
  auto weights = at::softmax(scores, -1, at::kFloat).to(v.scalar_type());
  if (dropout > 0) weights = at::dropout(weights, dropout, true);
  return at::matmul(weights, v);
}

#endif

}  // namespace shim
