using static TorchSharp.torch;

namespace PhysIntuition.Vlm.Models;

/// <summary>Weights drawn from normal distributions; the same seed gives the same model.</summary>
internal sealed class RandomWeights(WeightPlacement placement, ulong seed) : WeightSource(placement)
{
    private readonly Generator _generator = new(seed, placement.Device);

    internal override Tensor Take(string name, long[] shape, Initial initial)
    {
        using var off = no_grad();
        var values = empty(shape, ScalarType.Float32, Placement.Device);
        if (initial.Deviation > 0)
        {
            values.normal_(initial.Mean, initial.Deviation, _generator);
        }
        else
        {
            values.fill_(initial.Mean);
        }

        return values.to(Placement.Type, disposeAfter: Placement.Type != ScalarType.Float32);
    }
}
