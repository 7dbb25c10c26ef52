// Gradients: flags, backward passes, and functions whose backward is written in .NET.
#include "shim.h"

#include <c10/core/GradMode.h>
#include <torch/csrc/autograd/autograd.h>
#include <torch/csrc/autograd/function.h>
#include <torch/csrc/autograd/functions/utils.h>

using shim::list;
using shim::make;
using shim::run;

API int shim_requires_grad(Handle a) { return a->requires_grad(); }
API int shim_set_requires_grad(Handle a, int on) {
  return run("requires_grad", [&] { a->set_requires_grad(on != 0); });
}
API int shim_is_leaf(Handle a) { return a->is_leaf(); }
API int shim_grad(Handle a, Handle* out) {
  return run("grad", [&] {
    auto& gradient = a->mutable_grad();
    *out = gradient.defined() ? shim::wrap(gradient) : nullptr;
  });
}
API int shim_set_grad(Handle a, Handle gradient) {
  return run("grad", [&] { a->mutable_grad() = gradient ? *gradient : at::Tensor(); });
}
API int shim_backward(Handle a, Handle gradient, int retain, int create) {
  return run("backward", [&] { a->backward(gradient ? *gradient : at::Tensor(), retain != 0, create != 0); });
}
API int shim_autograd_grad(Handle* outputs, int n_out, Handle* inputs, int n_in, Handle* gradients, int n_grad,
                           int retain, int create, int allow_unused, Handle* results) {
  return run("autograd.grad", [&] {
    auto found = torch::autograd::grad(list(outputs, n_out), list(inputs, n_in), list(gradients, n_grad), retain != 0,
                                       create != 0, allow_unused != 0);
    for (int i = 0; i < n_in; i++) results[i] = found[i].defined() ? shim::wrap(found[i]) : nullptr;
  });
}
// Scales all gradients in place so that their joint 2-norm is at most max_norm; the norm before goes to total.
API int shim_clip_grad_norm(Handle* parameters, int count, double max_norm, double* total) {
  return run("clip_grad_norm_", [&] {
    c10::NoGradGuard no_grad;
    std::vector<at::Tensor> gradients, norms;
    for (int i = 0; i < count; i++) {
      auto& gradient = parameters[i]->mutable_grad();
      if (!gradient.defined()) continue;
      gradients.push_back(gradient);
      norms.push_back(gradient.norm(2, at::kFloat));
    }
    *total = gradients.empty() ? 0.0 : at::stack(norms).norm().item<double>();
    double scale = max_norm / (*total + 1e-6);
    if (scale < 1.0) {
      for (auto& gradient : gradients) gradient.mul_(scale);
    }
  });
}

namespace {

// Writes up to n_in new handles (or nulls) for the gradients of the inputs. Non-zero: failed, text says why.
using BackwardCallback = int (*)(void* state, Handle* grad_outputs, int n_out, Handle* grad_inputs, int n_in,
                                 const char** text);
using ReleaseCallback = void (*)(void* state);

class ManagedNode : public torch::autograd::Node {
 public:
  ManagedNode(BackwardCallback backward, ReleaseCallback release, void* state, int n_in)
      : backward_(backward), release_(release), state_(state), n_in_(n_in) {}
  ~ManagedNode() override { release_(state_); }
  std::string name() const override { return "ManagedFunction"; }

  torch::autograd::variable_list apply(torch::autograd::variable_list&& gradients) override {
    std::vector<Handle> given, found(n_in_, nullptr);
    for (auto& gradient : gradients) given.push_back(gradient.defined() ? shim::wrap(gradient) : nullptr);
    const char* text = nullptr;
    int code = backward_(state_, given.data(), static_cast<int>(given.size()), found.data(), n_in_, &text);
    torch::autograd::variable_list results;
    for (auto handle : found) {
      results.push_back(handle ? *handle : at::Tensor());
      shim_release(handle);
    }
    TORCH_CHECK(code == 0, text ? text : "a backward written in .NET failed");
    return results;
  }

 private:
  static void shim_release(Handle handle);
  BackwardCallback backward_;
  ReleaseCallback release_;
  void* state_;
  int n_in_;
};

}  // namespace

API void shim_free(Handle tensor);
void ManagedNode::shim_release(Handle handle) { shim_free(handle); }

// Gives the outputs a history: their backward is the callback, their inputs' history continues behind it.
API int shim_function_attach(Handle* inputs, int n_in, Handle* outputs, int n_out, BackwardCallback backward,
                             ReleaseCallback release, void* state, Handle* attached) {
  return run("autograd.Function", [&] {
    std::shared_ptr<ManagedNode> node(new ManagedNode(backward, release, state, n_in), torch::autograd::deleteNode);
    node->set_next_edges(torch::autograd::collect_next_edges(list(inputs, n_in)));
    for (int i = 0; i < n_out; i++) {
      auto output = outputs[i]->detach();
      torch::autograd::set_history(output, node);
      attached[i] = shim::wrap(output);
    }
  });
}
