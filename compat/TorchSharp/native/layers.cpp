// The neural-network functions that models are made of.
#include "shim.h"

#include "attention.h"

using shim::dims;
using shim::make;
using shim::maybe;

API Handle shim_linear(Handle x, Handle weight, Handle bias) {
  return make("linear", [&] { return at::linear(*x, *weight, maybe(bias)); });
}
API Handle shim_layer_norm(Handle x, const int64_t* s, int n, Handle weight, Handle bias, double eps) {
  return make("layer_norm", [&] { return at::layer_norm(*x, dims(s, n), maybe(weight), maybe(bias), eps); });
}
API Handle shim_embedding(Handle weight, Handle ids, int64_t padding) {
  return make("embedding", [&] { return at::embedding(*weight, *ids, padding); });
}
API Handle shim_dropout(Handle x, double p, int training) {
  return make("dropout", [&] { return at::dropout(*x, p, training != 0); });
}
API Handle shim_conv2d(Handle x, Handle w, Handle b, const int64_t* stride, const int64_t* padding,
                       const int64_t* dilation, int64_t groups) {
  return make("conv2d", [&] {
    return at::conv2d(*x, *w, maybe(b), dims(stride, 2), dims(padding, 2), dims(dilation, 2), groups);
  });
}
API Handle shim_cross_entropy(Handle x, Handle target, Handle weight, int64_t reduction, int64_t ignore,
                              double smoothing) {
  return make("cross_entropy", [&] {
    return at::cross_entropy_loss(*x, *target, maybe(weight), reduction, ignore, smoothing);
  });
}
API Handle shim_attention(Handle q, Handle k, Handle v, Handle mask, double dropout, int causal) {
  return make("scaled_dot_product_attention", [&] {
    return shim::attention(*q, *k, *v, mask ? *mask : at::Tensor(), dropout, causal != 0);
  });
}
