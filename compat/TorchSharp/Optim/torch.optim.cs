using TorchSharp.Modules;

namespace TorchSharp;

public static partial class torch
{
    public static partial class optim
    {
        public static AdamW AdamW(
            IEnumerable<Parameter> parameters,
            double lr = 1e-3,
            double beta1 = 0.9,
            double beta2 = 0.999,
            double eps = 1e-8,
            double weight_decay = 0,
            bool amsgrad = false,
            bool maximize = false) =>
            AdamW([new AdamW.ParamGroup(parameters)], lr, beta1, beta2, eps, weight_decay, amsgrad, maximize);

        public static AdamW AdamW(
            IEnumerable<AdamW.ParamGroup> parameters,
            double lr = 1e-3,
            double beta1 = 0.9,
            double beta2 = 0.999,
            double eps = 1e-8,
            double weight_decay = 0,
            bool amsgrad = false,
            bool maximize = false)
        {
            if (amsgrad || maximize)
            {
                throw new NotSupportedException("AdamW is supported without amsgrad and maximize.");
            }

            return new AdamW(parameters, lr, beta1, beta2, eps, weight_decay);
        }

        public static SGD SGD(
            IEnumerable<Parameter> parameters,
            double learningRate,
            double momentum = 0.0,
            double dampening = 0.0,
            double weight_decay = 0.0,
            bool nesterov = false,
            bool maximize = false)
        {
            if (dampening != 0 || nesterov || maximize)
            {
                throw new NotSupportedException("SGD is supported without dampening, nesterov, and maximize.");
            }

            return new SGD(parameters, learningRate, momentum, weight_decay);
        }
    }
}
