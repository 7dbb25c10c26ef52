using TorchSharp.Modules;

namespace TorchSharp;

public static partial class torch
{
    public static partial class nn
    {
        /// <summary>A tree of named parameters, buffers, and modules.</summary>
        public class Module : IDisposable
        {
            private readonly Dictionary<string, Parameter> _parameters = [];
            private readonly Dictionary<string, (Tensor Value, bool Persistent)> _buffers = [];
            private readonly Dictionary<string, Module> _modules = [];
            private readonly List<string> _moduleOrder = [];
            private readonly List<string> _parameterOrder = [];
            private readonly List<string> _bufferOrder = [];
            private readonly string _name;

            protected Module(string name) => _name = name;

            public virtual bool training { get; private set; } = true;

            public virtual string GetName() => _name;

            public virtual void register_parameter(string name, Parameter param)
            {
                CheckName(name);
                if (!_parameters.TryAdd(name, param))
                {
                    throw new InvalidOperationException($"Parameter '{name}' is already registered.");
                }

                param.DetachFromDisposeScope();
                _parameterOrder.Add(name);
            }

            public virtual void register_buffer(string name, Tensor tensor, bool persistent = true)
            {
                CheckName(name);
                if (!_buffers.TryAdd(name, (tensor, persistent)))
                {
                    throw new InvalidOperationException($"Buffer '{name}' is already registered.");
                }

                tensor.DetachFromDisposeScope();
                _bufferOrder.Add(name);
            }

            public virtual void register_module(string name, Module submodule)
            {
                CheckName(name);
                if (!_modules.TryAdd(name, submodule))
                {
                    throw new InvalidOperationException($"Module '{name}' is already registered.");
                }

                _moduleOrder.Add(name);
            }

            public void add_module(string name, Module module) => register_module(name, module);

            public virtual IEnumerable<(string name, Module module)> named_children() =>
                _moduleOrder.Select(name => (name, _modules[name]));

            public virtual IEnumerable<Module> children() => named_children().Select(child => child.module);

            public virtual IEnumerable<(string name, Module module)> named_modules() =>
                named_children().SelectMany(child => child.module.named_modules()
                    .Select(inner => ($"{child.name}.{inner.name}", inner.module)).Prepend(child));

            public virtual IEnumerable<Module> modules() => named_modules().Select(item => item.module);

            public virtual IEnumerable<(string name, Parameter parameter)> named_parameters(bool recurse = true)
            {
                var own = _parameterOrder.Select(name => (name, _parameters[name]));
                return recurse
                    ? own.Concat(named_children().SelectMany(child => child.module.named_parameters()
                        .Select(inner => ($"{child.name}.{inner.name}", inner.parameter))))
                    : own;
            }

            public virtual IEnumerable<Parameter> parameters(bool recurse = true) =>
                named_parameters(recurse).Select(item => item.parameter);

            public virtual IEnumerable<(string name, Tensor buffer)> named_buffers(
                bool recurse = true, bool include_nonpersistent = true)
            {
                var own = _bufferOrder.Where(name => include_nonpersistent || _buffers[name].Persistent)
                    .Select(name => (name, _buffers[name].Value));
                return recurse
                    ? own.Concat(named_children().SelectMany(child => child.module
                        .named_buffers(true, include_nonpersistent)
                        .Select(inner => ($"{child.name}.{inner.name}", inner.buffer))))
                    : own;
            }

            public virtual IEnumerable<Tensor> buffers(bool recurse = true, bool include_nonpersistent = true) =>
                named_buffers(recurse, include_nonpersistent).Select(item => item.buffer);

            public virtual Parameter? get_parameter(string target) =>
                named_parameters().FirstOrDefault(item => item.name == target).parameter;

            public virtual Tensor? get_buffer(string target) =>
                named_buffers().FirstOrDefault(item => item.name == target).buffer;

            public virtual void train(bool train = true)
            {
                training = train;
                foreach (var child in children())
                {
                    child.train(train);
                }
            }

            public virtual void eval() => train(false);

            public virtual void zero_grad(bool set_to_none = true)
            {
                foreach (var parameter in parameters())
                {
                    if (set_to_none)
                    {
                        parameter.grad = null;
                    }
                    else
                    {
                        using var gradient = parameter.grad;
                        gradient?.zero_();
                    }
                }
            }

            public virtual Dictionary<string, Tensor> state_dict()
            {
                var result = named_parameters().ToDictionary(item => item.name, item => (Tensor)item.parameter);
                foreach (var (name, buffer) in named_buffers(include_nonpersistent: false))
                {
                    result.Add(name, buffer);
                }

                return result;
            }

            /// <summary>Copies values in. With strict, a missing or an unexpected name is an error.</summary>
            public virtual (IList<string> missing_keys, IList<string> unexpected_keyes) load_state_dict(
                Dictionary<string, Tensor> source, bool strict = true)
            {
                var own = state_dict();
                List<string> missing = [.. own.Keys.Where(name => !source.ContainsKey(name))];
                List<string> unexpected = [.. source.Keys.Where(name => !own.ContainsKey(name))];
                if (strict && missing.Count + unexpected.Count > 0)
                {
                    throw new InvalidOperationException(
                        $"Missing: {string.Join(", ", missing)}. Unexpected: {string.Join(", ", unexpected)}.");
                }

                using var off = no_grad();
                foreach (var (name, target) in own)
                {
                    if (source.TryGetValue(name, out var value))
                    {
                        target.copy_(value);
                    }
                }

                return (missing, unexpected);
            }

            public void Dispose()
            {
                Dispose(true);
                GC.SuppressFinalize(this);
            }

            protected virtual void Dispose(bool disposing)
            {
                foreach (var parameter in _parameters.Values)
                {
                    parameter.Dispose();
                }

                foreach (var (buffer, _) in _buffers.Values)
                {
                    buffer.Dispose();
                }

                foreach (var module in _modules.Values)
                {
                    module.Dispose();
                }
            }

            private static void CheckName(string name)
            {
                if (name.Length == 0 || name.Contains('.'))
                {
                    throw new ArgumentException(
                        $"'{name}' cannot name a component: empty, or has a dot.", nameof(name));
                }
            }
        }
    }
}
