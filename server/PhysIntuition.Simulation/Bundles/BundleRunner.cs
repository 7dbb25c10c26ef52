namespace PhysIntuition.Simulation.Bundles;

/// <summary>Works through a queue with one bundle; lanes that finish are refilled at once.</summary>
internal abstract class BundleRunner : IDisposable
{
    public static BundleRunner Create(LaneWidth width) => width switch
    {
        LaneWidth.Sixteen => new BundleRunner<Lane16>(),
        LaneWidth.Eight => new BundleRunner<Lane8>(),
        _ => new BundleRunner<Lane1>(),
    };

    public abstract void Dispose();

    /// <summary>Runs until the queue is empty, with at most so many worlds at a time.</summary>
    public abstract void Run(WorldQueue queue, int maxLanes);
}

/// <inheritdoc/>
internal sealed class BundleRunner<V> : BundleRunner where V : unmanaged, ILanes<V>
{
    private readonly BundleLanes<V> _x = new(), _y = new();

    public override void Dispose()
    {
        _x.Dispose();
        _y.Dispose();
    }

    public override void Run(WorldQueue queue, int maxLanes)
    {
        var lanesX = Math.Min(maxLanes, V.Count);
        var lanesY = V.Count == 1 ? 0 : Math.Min(maxLanes - lanesX, V.Count);
        _x.Prepare(queue.MaxBodies);
        if (lanesY > 0)
        {
            _y.Prepare(queue.MaxBodies);
        }

        while (Refill(queue, lanesX, lanesY))
        {
            var second = _y.Busy > 0 ? _y : null;
            _x.Begin();
            second?.Begin();
            WorldStep<V>.End(_x.Bundle, second?.Bundle);
            _x.End(queue);
            second?.End(queue);
        }
    }

    private bool Refill(WorldQueue queue, int lanesX, int lanesY)
    {
        _x.Refill(queue, lanesX);
        _y.Refill(queue, lanesY);
        if (_y.Busy > 0 && _x.Busy + _y.Busy <= lanesX)
        {
            _x.TakeOver(_y);   // one full bundle is faster than two half empty ones
        }

        return _x.Busy > 0;
    }
}
