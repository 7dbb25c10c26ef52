// Views, joins, and indexing.
#include "shim.h"

using shim::dims;
using shim::make;
using shim::run;

API Handle shim_view(Handle a, const int64_t* s, int n) {
  return make("view", [&] { return a->view(dims(s, n)); });
}
API Handle shim_reshape(Handle a, const int64_t* s, int n) {
  return make("reshape", [&] { return a->reshape(dims(s, n)); });
}
API Handle shim_expand(Handle a, const int64_t* s, int n) {
  return make("expand", [&] { return a->expand(dims(s, n)); });
}
API Handle shim_permute(Handle a, const int64_t* s, int n) {
  return make("permute", [&] { return a->permute(dims(s, n)); });
}
API Handle shim_repeat(Handle a, const int64_t* s, int n) {
  return make("repeat", [&] { return a->repeat(dims(s, n)); });
}
API Handle shim_repeat_interleave(Handle a, int64_t repeats, int64_t dim) {
  return make("repeat_interleave", [&] { return a->repeat_interleave(repeats, shim::maybe_int(dim)); });
}
API Handle shim_transpose(Handle a, int64_t dim0, int64_t dim1) {
  return make("transpose", [&] { return a->transpose(dim0, dim1); });
}
API Handle shim_unsqueeze(Handle a, int64_t dim) {
  return make("unsqueeze", [&] { return a->unsqueeze(dim); });
}
API Handle shim_squeeze(Handle a, int64_t dim) {
  return make("squeeze", [&] { return dim == shim::kAbsent ? a->squeeze() : a->squeeze(dim); });
}
API Handle shim_flatten(Handle a, int64_t start, int64_t end) {
  return make("flatten", [&] { return a->flatten(start, end); });
}
API Handle shim_narrow(Handle a, int64_t dim, int64_t start, int64_t length) {
  return make("narrow", [&] { return a->narrow(dim, start, length); });
}
API Handle shim_select(Handle a, int64_t dim, int64_t index) {
  return make("select", [&] { return a->select(dim, index); });
}
API Handle shim_slice(Handle a, int64_t dim, int64_t start, int64_t finish, int64_t step) {
  return make("slice", [&] { return a->slice(dim, start, finish, step); });
}
API Handle shim_flip(Handle a, const int64_t* d, int n) {
  return make("flip", [&] { return a->flip(dims(d, n)); });
}
API Handle shim_tril(Handle a, int64_t diagonal) {
  return make("tril", [&] { return a->tril(diagonal); });
}
API Handle shim_triu(Handle a, int64_t diagonal) {
  return make("triu", [&] { return a->triu(diagonal); });
}
API Handle shim_cat(Handle* tensors, int count, int64_t dim) {
  return make("cat", [&] { return at::cat(shim::list(tensors, count), dim); });
}
API Handle shim_stack(Handle* tensors, int count, int64_t dim) {
  return make("stack", [&] { return at::stack(shim::list(tensors, count), dim); });
}
// Parts are written to out, which has room for `capacity`; the number of parts comes back, or -1.
API int shim_split(Handle a, const int64_t* sizes, int n, int64_t dim, Handle* out, int capacity) {
  int count = -1;
  run("split", [&] {
    auto parts = n == 1 ? a->split(sizes[0], dim) : a->split_with_sizes(dims(sizes, n), dim);
    TORCH_CHECK(static_cast<int>(parts.size()) <= capacity, parts.size(), " parts; room for ", capacity);
    for (size_t i = 0; i < parts.size(); i++) out[i] = shim::wrap(parts[i]);
    count = static_cast<int>(parts.size());
  });
  return count;
}

API Handle shim_gather(Handle a, int64_t dim, Handle index) {
  return make("gather", [&] { return at::gather(*a, dim, *index); });
}
API Handle shim_scatter(Handle a, int64_t dim, Handle index, Handle source) {
  return make("scatter", [&] { return at::scatter(*a, dim, *index, *source); });
}
API int shim_scatter_(Handle a, int64_t dim, Handle index, Handle source) {
  return run("scatter_", [&] { a->scatter_(dim, *index, *source); });
}
API Handle shim_index_select(Handle a, int64_t dim, Handle index) {
  return make("index_select", [&] { return at::index_select(*a, dim, *index); });
}
API Handle shim_index_add(Handle a, int64_t dim, Handle index, Handle source, Number alpha) {
  return make("index_add", [&] { return at::index_add(*a, dim, *index, *source, alpha.scalar()); });
}
API Handle shim_index_copy(Handle a, int64_t dim, Handle index, Handle source) {
  return make("index_copy", [&] { return at::index_copy(*a, dim, *index, *source); });
}
