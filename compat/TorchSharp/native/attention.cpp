#include "attention.h"

#include <ATen/Parallel.h>
#include <torch/csrc/autograd/custom_function.h>

#include <cmath>

#include "attention_kernel.h"
#include "shim.h"

namespace shim {

#if TORCH_VERSION_MAJOR >= 2

at::Tensor attention(const at::Tensor& q, const at::Tensor& k, const at::Tensor& v, const at::Tensor& mask,
                     double dropout, bool causal) {
  auto given = mask.defined() ? opt::optional<at::Tensor>(mask) : opt::optional<at::Tensor>();
  return at::scaled_dot_product_attention(q, k, v, given, dropout, causal);
}

#else

namespace {

// [batch, heads, rows, width] with contiguous rows, seen head by head.
struct Heads {
  explicit Heads(const at::Tensor& tensor)
      : data(tensor.data_ptr<float>()), heads(tensor.size(1)), strides(tensor.strides()) {}
  Rows at(int64_t index) const {
    return {data + index / heads * strides[0] + index % heads * strides[1], strides[2]};
  }
  const float* data;
  int64_t heads;
  at::IntArrayRef strides;
};

at::Tensor with_plain_rows(const at::Tensor& tensor) {
  return tensor.stride(-1) == 1 ? tensor : tensor.contiguous();
}

HeadShape shape_of(const at::Tensor& q, const at::Tensor& k, bool causal) {
  const float scale = 1.0f / std::sqrt(static_cast<float>(q.size(-1)));
  return {q.size(2), k.size(2), q.size(3), scale, causal};
}

// The result lies in memory as [batch, rows, heads, width]: what follows joins the heads without a copy.
at::Tensor forward(const at::Tensor& q, const at::Tensor& k, const at::Tensor& v, const at::Tensor& mask, bool causal) {
  const int64_t batch = q.size(0), heads = q.size(1), rows = q.size(2), width = q.size(3);
  auto out = at::empty({batch, rows, heads, width}, q.options());
  const HeadShape shape = shape_of(q, k, causal);
  const Heads qs(q), ks(k), vs(v);
  float* to = out.data_ptr<float>();
  at::parallel_for(0, batch * heads, 1, [&](int64_t begin, int64_t end) {
    for (int64_t i = begin; i < end; i++) {
      attention_head_forward(shape, qs.at(i), ks.at(i), vs.at(i), mask.defined() ? Heads(mask).at(i) : Rows{nullptr, 0},
                             to + (i / heads * rows * heads + i % heads) * width, heads * width);
    }
  });
  return out.transpose(1, 2);
}

// The mask goes by address: an argument that is a tensor must be defined.
class FusedAttention : public torch::autograd::Function<FusedAttention> {
 public:
  static at::Tensor forward(torch::autograd::AutogradContext* context, const at::Tensor& q, const at::Tensor& k,
                            const at::Tensor& v, const at::Tensor* mask, bool causal) {
    auto out = shim::forward(q, k, v, *mask, causal);
    context->save_for_backward({q, k, v, *mask, out});
    context->saved_data["causal"] = causal;
    return out;
  }

  static torch::autograd::variable_list backward(torch::autograd::AutogradContext* context,
                                                 torch::autograd::variable_list gradients) {
    auto saved = context->get_saved_variables();
    const auto &q = saved[0], &k = saved[1], &v = saved[2], &mask = saved[3], &out = saved[4];
    auto grad_out = with_plain_rows(gradients[0]);
    auto grad_q = at::empty(q.sizes(), q.options()), grad_k = at::empty(k.sizes(), k.options());
    auto grad_v = at::empty(v.sizes(), v.options());
    const HeadShape shape = shape_of(q, k, context->saved_data["causal"].toBool());
    const Heads qs(q), ks(k), vs(v), outs(out), grads(grad_out);
    float *to_q = grad_q.data_ptr<float>(), *to_k = grad_k.data_ptr<float>(), *to_v = grad_v.data_ptr<float>();
    const int64_t of_q = shape.rows * shape.width, of_k = shape.keys * shape.width;
    at::parallel_for(0, q.size(0) * q.size(1), 1, [&](int64_t begin, int64_t end) {
      for (int64_t i = begin; i < end; i++) {
        attention_head_backward(shape, qs.at(i), ks.at(i), vs.at(i),
                                mask.defined() ? Heads(mask).at(i) : Rows{nullptr, 0}, outs.at(i), grads.at(i),
                                to_q + i * of_q, to_k + i * of_k, to_v + i * of_k);
      }
    });
    return {grad_q, grad_k, grad_v, at::Tensor(), at::Tensor()};
  }
};

bool can_fuse(const at::Tensor& q, const at::Tensor& k, const at::Tensor& v, const at::Tensor& mask, double dropout) {
  const bool plain_mask = !mask.defined() || (mask.scalar_type() == at::kFloat && !mask.requires_grad());
  return q.device().is_cpu() && q.scalar_type() == at::kFloat && k.scalar_type() == at::kFloat &&
         v.scalar_type() == at::kFloat && q.dim() == 4 && k.dim() == 4 && v.sizes() == k.sizes() &&
         q.size(0) == k.size(0) && q.size(1) == k.size(1) && q.size(3) == k.size(3) && k.size(2) > 0 && plain_mask &&
         dropout == 0;
}

at::Tensor composed(const at::Tensor& q, const at::Tensor& k, const at::Tensor& v, const at::Tensor& mask,
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

}  // namespace

at::Tensor attention(const at::Tensor& q, const at::Tensor& k, const at::Tensor& v, const at::Tensor& mask,
                     double dropout, bool causal) {
  if (!can_fuse(q, k, v, mask, dropout)) return composed(q, k, v, mask, dropout, causal);
  auto wide = mask.defined()
                  ? with_plain_rows(mask.expand({q.size(0), q.size(1), q.size(2), k.size(2)}))
                  : mask;
  auto rows_q = with_plain_rows(q), rows_k = with_plain_rows(k), rows_v = with_plain_rows(v);
  const bool learns = at::GradMode::is_enabled() && (q.requires_grad() || k.requires_grad() || v.requires_grad());
  return learns ? FusedAttention::apply(rows_q, rows_k, rows_v, &wide, causal)
                : forward(rows_q, rows_k, rows_v, wide, causal);
}

#endif

}  // namespace shim
