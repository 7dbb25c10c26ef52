namespace PhysIntuition.Gpu.Tests;

/// <summary>Tests that count what the stand-in has given out, or make its next call fail.</summary>
[CollectionDefinition("alone", DisableParallelization = true)]
public sealed class Alone;
