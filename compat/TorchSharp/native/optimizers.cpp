// Optimiser updates, all parameters in one call.
#include "shim.h"

#include <ATen/Parallel.h>
#include <c10/core/GradMode.h>

#include <cmath>

namespace {

// Factors of one step, the same for every element.
struct Step {
  float keep, mean_rate, square_rate, size, correction, eps;
};

// One pass over memory: the update is limited by it, and operator by operator would take four.
void update(float* p, float* m, float* v, const float* g, int64_t count, Step s) {
  at::parallel_for(0, count, 1 << 15, [&](int64_t begin, int64_t end) {
    for (int64_t i = begin; i < end; i++) {
      m[i] += s.mean_rate * (g[i] - m[i]);
      v[i] += s.square_rate * (g[i] * g[i] - v[i]);
      p[i] = p[i] * s.keep - s.size * m[i] / (std::sqrt(v[i]) * s.correction + s.eps);
    }
  });
}

bool is_plain(const at::Tensor& tensor) {
  return tensor.device().is_cpu() && tensor.scalar_type() == at::kFloat && tensor.is_contiguous();
}

}  // namespace

// Decoupled weight decay, bias-corrected moments (Loshchilov and Hutter, "Decoupled Weight Decay Regularization").
API int shim_adamw(Handle* parameters, Handle* means, Handle* squares, int count, int64_t step, double lr, double beta1,
                   double beta2, double eps, double decay) {
  return shim::run("AdamW", [&] {
    c10::NoGradGuard no_grad;
    const double correction1 = 1.0 - std::pow(beta1, static_cast<double>(step));
    const double correction2 = std::sqrt(1.0 - std::pow(beta2, static_cast<double>(step)));
    const Step factors{static_cast<float>(1.0 - lr * decay),  static_cast<float>(1.0 - beta1),
                       static_cast<float>(1.0 - beta2),       static_cast<float>(lr / correction1),
                       static_cast<float>(1.0 / correction2), static_cast<float>(eps)};
    for (int i = 0; i < count; i++) {
      auto& parameter = *parameters[i];
      auto& gradient = parameter.mutable_grad();
      if (!gradient.defined()) continue;
      auto& mean = *means[i];
      auto& square = *squares[i];
      if (is_plain(parameter) && is_plain(gradient) && is_plain(mean) && is_plain(square)) {
        update(parameter.data_ptr<float>(), mean.data_ptr<float>(), square.data_ptr<float>(),
               gradient.data_ptr<float>(), parameter.numel(), factors);
        continue;
      }
      parameter.mul_(1.0 - lr * decay);
      mean.mul_(beta1).add_(gradient, 1.0 - beta1);
      square.mul_(beta2).addcmul_(gradient, gradient, 1.0 - beta2);
      auto denominator = square.sqrt().div_(correction2).add_(eps);
      parameter.addcdiv_(mean, denominator, -lr / correction1);
    }
  });
}
