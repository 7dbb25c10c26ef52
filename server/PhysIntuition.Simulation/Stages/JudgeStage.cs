namespace PhysIntuition.Simulation.Stages;

/// <summary>Sees which lanes rest and which bodies fell.</summary>
/// <remarks>
/// <para>Layout: one call per step and bundle; masks per body become bits per lane.</para>
/// <para>Stages: 1 speeds, 2 heights.</para>
/// <para>Reference: the one-lane instance.</para>
/// <para>Source: twice the kinetic energy per mass is v² + (gyration radius times omega)².</para>
/// </remarks>
internal static unsafe class JudgeStage<V> where V : unmanaged, ILanes<V>
{
    /// <summary>Lanes in which every body is slower than the resting speed.</summary>
    [MethodImpl(MethodImplOptions.NoInlining)]
    public static uint Resting(Bundle<V> bundle)
    {
        var limit = V.Splat(EngineConstants.RestSpeed * EngineConstants.RestSpeed);
        var isResting = V.Less(V.Zero, limit);
        for (var i = 0; i < bundle.BodyCount; i++)
        {
            var o = bundle.Body(i);
            var energy = V.Zero;
            var motion = Twist<V>.Parts(&o->Motion);
            for (var k = 0; k < Twist<V>.Count; k++)
            {
                energy = V.Fma(motion[k], motion[k], energy);
            }

            isResting = V.And(isResting, V.Less(energy, limit));   // unlike a maximum, never hides a NaN
        }

        return V.Bits(isResting);
    }

    /// <summary>Lanes in which this body's centre is below its falling height.</summary>
    [MethodImpl(MethodImplOptions.NoInlining)]
    public static uint Fallen(WideBody<V>* body) =>
        V.Bits(V.And(V.Less(body->Position.Y, body->FallHeight),
            V.Greater(body->IsDynamic, V.Zero)));

    /// <summary>Lanes in which this body's centre is below the given height.</summary>
    [MethodImpl(MethodImplOptions.NoInlining)]
    public static uint Below(WideBody<V>* body, V height) =>
        V.Bits(V.And(V.Less(body->Position.Y, height), V.Greater(body->IsDynamic, V.Zero)));
}
