using System.Runtime.InteropServices;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace PhysIntuition.Trainer.Training;

/// <summary>Adds the gradients of all processes of a team.</summary>
internal static class GradientSum
{
    /// <summary>After this every process holds the same gradients; a parameter without one counts as zero.</summary>
    public static void Exchange(ProcessGroup team, IEnumerable<Parameter> parameters)
    {
        if (team.Size == 1)
        {
            return;
        }

        using var none = no_grad();
        using var scope = NewDisposeScope();
        Parameter[] learned = [.. parameters];
        var values = new float[learned.Sum(parameter => parameter.numel())];
        Walk(learned, values, (parameter, part) =>
        {
            if (parameter.grad is { } gradient)
            {
                gradient.to(ScalarType.Float32).cpu().contiguous().data<float>().ToArray().CopyTo(part);
            }
        });
        team.Sum<float>(values);
        Walk(learned, values, (parameter, part) =>
        {
            if (parameter.grad is { } gradient)
            {
                gradient.copy_(tensor(part.ToArray(), parameter.shape));
            }
        });
    }

    private static void Walk(Parameter[] parameters, float[] values, Action<Parameter, Memory<float>> visit)
    {
        var at = 0;
        foreach (var parameter in parameters)
        {
            var count = (int)parameter.numel();
            visit(parameter, values.AsMemory(at, count));
            at += count;
        }
    }
}
