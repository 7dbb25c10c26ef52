// Element-wise operators, comparisons, reductions, and matrix products.
#include "shim.h"

using shim::dims;
using shim::make;
using shim::run;

#define UNARY(name) \
  API Handle shim_##name(Handle a) { return make(#name, [&] { return at::name(*a); }); }
UNARY(neg)
UNARY(abs)
UNARY(exp)
UNARY(log)
UNARY(sqrt)
UNARY(rsqrt)
UNARY(square)
UNARY(sin)
UNARY(cos)
UNARY(tanh)
UNARY(sigmoid)
UNARY(relu)
UNARY(silu)
UNARY(floor)
UNARY(round)
UNARY(sign)
UNARY(isfinite)
UNARY(isnan)
UNARY(logical_not)
UNARY(clone)
UNARY(all)
UNARY(any)
UNARY(max)
UNARY(min)
API Handle shim_contiguous(Handle a) {
  return make("contiguous", [&] { return a->contiguous(); });
}
API Handle shim_detach(Handle a) {
  return make("detach", [&] { return a->detach(); });
}
API Handle shim_gelu(Handle a, int tanh) {
  return make("gelu", [&] { return at::gelu(*a, tanh ? "tanh" : "none"); });
}

#define BINARY(name) \
  API Handle shim_##name(Handle a, Handle b) { return make(#name, [&] { return at::name(*a, *b); }); }
BINARY(mul)
BINARY(div)
BINARY(matmul)
BINARY(bmm)
BINARY(maximum)
BINARY(minimum)
BINARY(pow)
BINARY(eq)
BINARY(ne)
BINARY(lt)
BINARY(le)
BINARY(gt)
BINARY(ge)
BINARY(logical_and)
BINARY(logical_or)
BINARY(bitwise_and)
API Handle shim_add(Handle a, Handle b, Number alpha) {
  return make("add", [&] { return at::add(*a, *b, alpha.scalar()); });
}
API Handle shim_sub(Handle a, Handle b, Number alpha) {
  return make("sub", [&] { return at::sub(*a, *b, alpha.scalar()); });
}

#define WITH_NUMBER(name) \
  API Handle shim_##name##_number(Handle a, Number b) { return make(#name, [&] { return at::name(*a, b.scalar()); }); }
WITH_NUMBER(add)
WITH_NUMBER(sub)
WITH_NUMBER(mul)
WITH_NUMBER(div)
WITH_NUMBER(pow)
WITH_NUMBER(eq)
WITH_NUMBER(ne)
WITH_NUMBER(lt)
WITH_NUMBER(le)
WITH_NUMBER(gt)
WITH_NUMBER(ge)
WITH_NUMBER(bitwise_and)
WITH_NUMBER(rsub)
API Handle shim_bitwise_right_shift_number(Handle a, Number b) {
  return make("bitwise_right_shift", [&] { return at::bitwise_right_shift(*a, b.scalar()); });
}

#define IN_PLACE(name) \
  API int shim_##name##_(Handle a, Handle b) { return run(#name "_", [&] { a->name##_(*b); }); }
IN_PLACE(mul)
IN_PLACE(div)
API int shim_add_(Handle a, Handle b, Number alpha) {
  return run("add_", [&] { a->add_(*b, alpha.scalar()); });
}
API int shim_sub_(Handle a, Handle b, Number alpha) {
  return run("sub_", [&] { a->sub_(*b, alpha.scalar()); });
}
API int shim_copy_(Handle a, Handle b, int non_blocking) {
  return run("copy_", [&] { a->copy_(*b, non_blocking != 0); });
}
#define IN_PLACE_NUMBER(name) \
  API int shim_##name##_number_(Handle a, Number b) { return run(#name "_", [&] { a->name##_(b.scalar()); }); }
IN_PLACE_NUMBER(add)
IN_PLACE_NUMBER(sub)
IN_PLACE_NUMBER(mul)
IN_PLACE_NUMBER(div)
IN_PLACE_NUMBER(fill)
API int shim_zero_(Handle a) {
  return run("zero_", [&] { a->zero_(); });
}
API int shim_sqrt_(Handle a) {
  return run("sqrt_", [&] { a->sqrt_(); });
}
API int shim_normal_(Handle a, double mean, double std, at::Generator* g) {
  return run("normal_", [&] { g ? a->normal_(mean, std, *g) : a->normal_(mean, std); });
}
API int shim_uniform_(Handle a, double from, double to, at::Generator* g) {
  return run("uniform_", [&] { g ? a->uniform_(from, to, *g) : a->uniform_(from, to); });
}
API int shim_addcmul_(Handle a, Handle b, Handle c, Number value) {
  return run("addcmul_", [&] { a->addcmul_(*b, *c, value.scalar()); });
}
API int shim_addcdiv_(Handle a, Handle b, Handle c, Number value) {
  return run("addcdiv_", [&] { a->addcdiv_(*b, *c, value.scalar()); });
}
API int shim_lerp_(Handle a, Handle end, Number weight) {
  return run("lerp_", [&] { a->lerp_(*end, weight.scalar()); });
}
API int shim_masked_fill_(Handle a, Handle mask, Number value) {
  return run("masked_fill_", [&] { a->masked_fill_(*mask, value.scalar()); });
}

API Handle shim_addcmul(Handle a, Handle b, Handle c, Number value) {
  return make("addcmul", [&] { return at::addcmul(*a, *b, *c, value.scalar()); });
}
API Handle shim_clamp(Handle a, int has_min, Number min, int has_max, Number max) {
  return make("clamp", [&] {
    opt::optional<at::Scalar> low, high;
    if (has_min) low = min.scalar();
    if (has_max) high = max.scalar();
    return at::clamp(*a, low, high);
  });
}
API Handle shim_where(Handle condition, Handle a, Handle b) {
  return make("where", [&] { return at::where(*condition, *a, *b); });
}
API Handle shim_masked_fill(Handle a, Handle mask, Number value) {
  return make("masked_fill", [&] { return at::masked_fill(*a, *mask, value.scalar()); });
}
API Handle shim_baddbmm(Handle a, Handle b, Handle c, double beta, double alpha) {
  return make("baddbmm", [&] { return at::baddbmm(*a, *b, *c, beta, alpha); });
}
API Handle shim_addmm(Handle a, Handle b, Handle c, double beta, double alpha) {
  return make("addmm", [&] { return at::addmm(*a, *b, *c, beta, alpha); });
}

API Handle shim_sum(Handle a, int dtype) {
  return make("sum", [&] { return at::sum(*a, shim::maybe_type(dtype)); });
}
API Handle shim_mean(Handle a) {
  return make("mean", [&] { return at::mean(*a); });
}
API Handle shim_sum_dims(Handle a, const int64_t* d, int n, int keep, int dtype) {
  return make("sum", [&] { return at::sum(*a, dims(d, n), keep != 0, shim::maybe_type(dtype)); });
}
API Handle shim_mean_dims(Handle a, const int64_t* d, int n, int keep, int dtype) {
  return make("mean", [&] { return at::mean(*a, dims(d, n), keep != 0, shim::maybe_type(dtype)); });
}
API Handle shim_std(Handle a, int unbiased) {
  return make("std", [&] { return at::std(*a, unbiased != 0); });
}
API Handle shim_any_dim(Handle a, int64_t dim, int keep) {
  return make("any", [&] { return at::any(*a, dim, keep != 0); });
}
API Handle shim_all_dim(Handle a, int64_t dim, int keep) {
  return make("all", [&] { return at::all(*a, dim, keep != 0); });
}
API Handle shim_argmax(Handle a, int64_t dim, int keep) {
  return make("argmax", [&] { return at::argmax(*a, shim::maybe_int(dim), keep != 0); });
}
API int shim_max_dim(Handle a, int64_t dim, int keep, Handle* values, Handle* indices) {
  return run("max", [&] {
    auto result = at::max(*a, dim, keep != 0);
    *values = shim::wrap(std::get<0>(result));
    *indices = shim::wrap(std::get<1>(result));
  });
}
API int shim_min_dim(Handle a, int64_t dim, int keep, Handle* values, Handle* indices) {
  return run("min", [&] {
    auto result = at::min(*a, dim, keep != 0);
    *values = shim::wrap(std::get<0>(result));
    *indices = shim::wrap(std::get<1>(result));
  });
}
API int shim_topk(Handle a, int64_t k, int64_t dim, int largest, int sorted, Handle* values, Handle* indices) {
  return run("topk", [&] {
    auto result = at::topk(*a, k, dim, largest != 0, sorted != 0);
    *values = shim::wrap(std::get<0>(result));
    *indices = shim::wrap(std::get<1>(result));
  });
}
API int shim_sort(Handle a, int64_t dim, int descending, int stable, Handle* values, Handle* indices) {
  return run("sort", [&] {
    auto result = at::sort(*a, opt::optional<bool>(stable != 0), dim, descending != 0);
    *values = shim::wrap(std::get<0>(result));
    *indices = shim::wrap(std::get<1>(result));
  });
}
API Handle shim_softmax(Handle a, int64_t dim, int dtype) {
  return make("softmax", [&] { return at::softmax(*a, dim, shim::maybe_type(dtype)); });
}
API Handle shim_log_softmax(Handle a, int64_t dim, int dtype) {
  return make("log_softmax", [&] { return at::log_softmax(*a, dim, shim::maybe_type(dtype)); });
}
API Handle shim_logsumexp(Handle a, int64_t dim, int keep) {
  return make("logsumexp", [&] { return at::logsumexp(*a, dim, keep != 0); });
}
API Handle shim_cumsum(Handle a, int64_t dim, int dtype) {
  return make("cumsum", [&] { return at::cumsum(*a, dim, shim::maybe_type(dtype)); });
}
API Handle shim_multinomial(Handle a, int64_t count, int replacement, at::Generator* g) {
  return make("multinomial", [&] {
    return g ? at::multinomial(*a, count, replacement != 0, *g) : at::multinomial(*a, count, replacement != 0);
  });
}
