using PhysIntuition.Simulation;
using PhysIntuition.Simulation.Bodies;

namespace PhysIntuition.Environments.Tests;

/// <summary>The engine of the tests, which counts what it is asked and can be made to break.</summary>
internal sealed class CountingSimulator : ISimulator
{
    public int Calls { get; private set; }

    public int Worlds { get; private set; }

    public bool IsBroken { get; set; }

    public string Name => Given.Simulator.Name;

    public void Settle(ReadOnlySpan<World> worlds, SettleOptions options, Span<Outcome> outcomes)
    {
        Given.Simulator.Settle(worlds, options, outcomes);
        Count(worlds.Length);
    }

    public void Settle(ReadOnlySpan<World> worlds, ReadOnlySpan<SettleOptions> options, Span<Outcome> outcomes)
    {
        Given.Simulator.Settle(worlds, options, outcomes);
        Count(worlds.Length);
    }

    public void Advance(ReadOnlySpan<World> worlds, float duration)
    {
        Given.Simulator.Advance(worlds, duration);
        Count(worlds.Length);
    }

    private void Count(int worlds)
    {
        (Calls, Worlds) = (Calls + 1, Worlds + worlds);
        if (IsBroken)
        {
            throw new InvalidOperationException("The engine is broken.");
        }
    }
}
