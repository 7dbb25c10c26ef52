namespace TorchSharp;

public static partial class torch
{
    public static partial class autograd
    {
        /// <summary>What a function's forward hands to its backward.</summary>
        public class AutogradContext : IDisposable
        {
            private readonly Dictionary<string, object> _data = [];
            private List<Tensor> _saved = [];

            internal AutogradContext()
            {
            }

            /// <summary>Keeps inputs of the function. Outputs would keep themselves alive: do not save them.</summary>
            public void save_for_backward(List<Tensor> tensors) =>
                _saved = [.. tensors.Select(tensor => tensor.detach().DetachFromDisposeScope())];

            public void save_data(string key, object value) => _data[key] = value;

            public List<Tensor> get_saved_variables() => [.. _saved.Select(tensor => tensor.alias())];

            public object? get_data(string key) => _data.GetValueOrDefault(key);

            public void Dispose()
            {
                Dispose(true);
                GC.SuppressFinalize(this);
            }

            protected virtual void Dispose(bool disposing)
            {
                foreach (var tensor in _saved)
                {
                    tensor.Dispose();
                }

                _saved = [];
            }
        }
    }
}
