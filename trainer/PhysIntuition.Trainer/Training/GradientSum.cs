using System.Runtime.InteropServices;
using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace PhysIntuition.Trainer.Training;

/// <summary>Adds the gradients of all processes of a group, micro batch by micro batch.</summary>
/// <remarks>
/// On CPUs process i adds the i-th part of all gradients, in the order of the micro batches: the sum that one process
/// accumulates. On GPUs NCCL adds once per update, in an order of its own.
/// </remarks>
internal sealed class GradientSum : IDisposable
{
    private const int Window = 1 << 20;   // floats of a part that travel at once; bounds the buffers

    private readonly ProcessGroup _group;
    private readonly Parameter[] _parameters;
    private readonly Nccl? _nccl;
    private readonly int _flags;   // where, behind the gradients, stands whether each parameter has one
    private readonly int _part;    // floats that each process adds
    private readonly float[] _values, _sum, _parts, _received;
    private bool _isEmpty = true;

    /// <summary>Nothing is added yet.</summary>
    /// <param name="group">Who adds.</param>
    /// <param name="parameters">The same in every process.</param>
    public GradientSum(ProcessGroup group, IEnumerable<Parameter> parameters)
    {
        (_group, _parameters) = (group, [.. parameters]);
        (_values, _sum, _parts, _received) = ([], [], [], []);
        if (group.Size == 1)
        {
            return;
        }

        if (_parameters.Length > 0 && _parameters[0].device.type == DeviceType.CUDA)
        {
            _nccl = new Nccl(group, _parameters[0].device.index);
            return;
        }

        _flags = checked((int)_parameters.Sum(parameter => parameter.numel()));
        _part = (_flags + _parameters.Length + group.Size - 1) / group.Size;
        _values = new float[_part * group.Size];
        _sum = new float[_part];
        _parts = new float[Math.Min(Window, _part) * group.Size];
        _received = new float[_parts.Length];
    }

    /// <summary>Adds the gradients of one micro batch of each process; every process calls it as often.</summary>
    public void Add()
    {
        if (_group.Size == 1 || _nccl is not null)
        {
            return;   // they add up where they are
        }

        Take();
        for (var start = 0; start < _part; start += Window)
        {
            var width = Math.Min(Window, _part - start);
            for (var process = 0; process < _group.Size; process++)
            {
                _values.AsSpan((process * _part) + start, width).CopyTo(_parts.AsSpan(process * width));
            }

            var received = _received.AsSpan(0, width * _group.Size);
            _group.Exchange<float>(_parts.AsSpan(0, received.Length), received);
            AddInOrder(received, _sum.AsSpan(start, width));
        }

        _isEmpty = false;
    }

    /// <summary>Every process's parameters get the sum of all; the next <see cref="Add"/> begins anew.</summary>
    public void Finish()
    {
        if (_nccl is not null)
        {
            foreach (var gradient in _parameters.Select(parameter => parameter.grad).OfType<Tensor>())
            {
                _nccl.Add(gradient);
            }

            return;
        }

        if (_isEmpty)
        {
            return;
        }

        for (var start = 0; start < _part; start += Window)
        {
            var width = Math.Min(Window, _part - start);
            var all = _received.AsSpan(0, width * _group.Size);
            _group.Gather<float>(_sum.AsSpan(start, width), all);
            for (var process = 0; process < _group.Size; process++)
            {
                all.Slice(process * width, width).CopyTo(_values.AsSpan((process * _part) + start));
            }
        }

        _isEmpty = true;
        Give();
    }

    /// <summary>Leaves NCCL.</summary>
    public void Dispose() => _nccl?.Dispose();

    private void AddInOrder(ReadOnlySpan<float> received, Span<float> sum)
    {
        for (var process = 0; process < _group.Size; process++)
        {
            var own = received.Slice(process * sum.Length, sum.Length);
            if (_isEmpty && process == 0)
            {
                own.CopyTo(sum);
                continue;
            }

            for (var i = 0; i < sum.Length; i++)
            {
                sum[i] += own[i];
            }
        }
    }

    private void Take()
    {
        using var none = no_grad();
        using var scope = NewDisposeScope();
        var rest = _values.AsSpan();
        for (var i = 0; i < _parameters.Length; i++)
        {
            var part = rest[..(int)_parameters[i].numel()];
            rest = rest[part.Length..];
            var gradient = _parameters[i].grad;
            _values[_flags + i] = gradient is null ? 0 : 1;
            if (gradient is null)
            {
                part.Clear();
                continue;
            }

            MemoryMarshal.Cast<byte, float>(gradient.to(ScalarType.Float32).cpu().contiguous().bytes).CopyTo(part);
            gradient.zero_();
        }
    }

    private void Give()
    {
        using var scope = NewDisposeScope();
        var rest = _values.AsMemory();
        for (var i = 0; i < _parameters.Length; i++)
        {
            var part = rest[..(int)_parameters[i].numel()];
            rest = rest[part.Length..];
            if (_values[_flags + i] == 0)
            {
                continue;
            }

            if (_parameters[i].grad is null)
            {
                using var zeros = zeros_like(_parameters[i]);
                (_parameters[i] * zeros).sum().backward();   // makes one
            }

            using var none = no_grad();
            _parameters[i].grad!.copy_(tensor(part.ToArray(), _parameters[i].shape));
        }
    }
}
