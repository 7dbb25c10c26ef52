namespace PhysIntuition.Environments.Batches;

/// <summary>Solved examples to show before a question.</summary>
public static class ExampleBatch
{
    /// <summary>Opens the examples of a slot's episode: a batch of the train split, one example a slot.</summary>
    /// <param name="batch">Whose simulator and renderer are used.</param>
    /// <param name="slot">The option <c>examples</c> of its episode says how many; which ones is a pure function of
    /// its scene.</param>
    /// <exception cref="PhysIntuitionException">The options ask for no examples.</exception>
    public static EnvironmentBatch Open(EnvironmentBatch batch, int slot)
    {
        var episode = batch.EpisodeFor(slot);
        var count = episode.Options.Examples;
        if (count == 0)
        {
            throw new PhysIntuitionException(Fault.InvalidArgument, "options.examples",
                "'examples' is 0, so there are none. Set it to 3 or 5.");
        }

        var random = new RandomStream(
            SceneSeed.Of(batch.Task.Spec.Id, episode.Split, episode.Seed), (ulong)SeedUse.Examples);
        var seeds = new ulong[count];
        for (var i = 0; i < count; i++)
        {
            seeds[i] = random.NextBits() >> 16;   // 48 bits: the range of open seeds
        }

        var examples = new EnvironmentBatch(
            batch.Task, new BatchOptions { Slots = count, Split = Split.Train, Task = episode.Options },
            batch.Simulator, batch.Renderer);
        examples.Reset(default, seeds);

        return examples;
    }
}
