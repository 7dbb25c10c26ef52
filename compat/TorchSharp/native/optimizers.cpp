// Optimiser updates, all parameters in one call.
#include "shim.h"

#include <cmath>

// Decoupled weight decay, bias-corrected moments (Loshchilov and Hutter, "Decoupled Weight Decay Regularization").
API int shim_adamw(Handle* parameters, Handle* means, Handle* squares, int count, int64_t step, double lr, double beta1,
                   double beta2, double eps, double decay) {
  return shim::run("AdamW", [&] {
    at::NoGradGuard no_grad;
    const double correction1 = 1.0 - std::pow(beta1, static_cast<double>(step));
    const double correction2 = std::sqrt(1.0 - std::pow(beta2, static_cast<double>(step)));
    for (int i = 0; i < count; i++) {
      auto& parameter = *parameters[i];
      auto& gradient = parameter.mutable_grad();
      if (!gradient.defined()) continue;
      auto& mean = *means[i];
      auto& square = *squares[i];
      parameter.mul_(1.0 - lr * decay);
      mean.mul_(beta1).add_(gradient, 1.0 - beta1);
      square.mul_(beta2).addcmul_(gradient, gradient, 1.0 - beta2);
      auto denominator = square.sqrt().div_(correction2).add_(eps);
      parameter.addcdiv_(mean, denominator, -lr / correction1);
    }
  });
}
