namespace PhysIntuition.Environments.Players;

/// <summary>Lets scripted players play many episodes.</summary>
/// <param name="task">What is played.</param>
/// <param name="choice">The split, and perhaps a suite.</param>
/// <param name="simulator">Decides outcomes.</param>
/// <param name="renderer">Draws pictures for players that see; null leaves them out.</param>
public sealed class Match(ITask task, SplitChoice choice, ISimulator simulator, IRenderer? renderer)
{
    private const int ChunkSlots = 256;         // episodes that are played side by side
    private const int PictureSide = 224;        // pixels

    /// <summary>Total reward of each episode of one player; null if it does not play this task.</summary>
    /// <param name="player">Who plays.</param>
    /// <param name="firstSeed">Episode i has seed firstSeed + i.</param>
    /// <param name="episodes">How many.</param>
    public double[]? Play(IPlayer player, ulong firstSeed, int episodes)
    {
        if (player.NeedsPicture && renderer is null)
        {
            return null;
        }

        var returns = new double[episodes];
        for (var done = 0; done < episodes; done += ChunkSlots)
        {
            var count = Math.Min(ChunkSlots, episodes - done);
            if (!PlayChunk(player, firstSeed + (ulong)done, returns.AsSpan(done, count)))
            {
                return null;
            }
        }

        return returns;
    }

    private bool PlayChunk(IPlayer player, ulong seed, Span<double> returns)
    {
        var batch = new EnvironmentBatch(
            task, new BatchOptions
            {
                Slots = returns.Length, Split = choice.Split, Autoreset = AutoresetMode.Disabled,
                Task = choice.Apply(Options.OptionsReader.DefaultsOf(task.Spec)),
            }, simulator, renderer);
        batch.Reset(seed);
        var (actions, mask) = (new SlotAction[returns.Length], new bool[returns.Length]);
        for (var step = 0; batch.FindRunning(mask); step++)
        {
            for (var i = 0; i < actions.Length; i++)
            {
                if (!mask[i])
                {
                    continue;
                }

                var picture = player.NeedsPicture ? batch.View.Picture(i, PictureSide) : null;
                var random = new RandomStream(seed + (ulong)i, (ulong)step);
                var answer = player.Answer(task, batch.EpisodeFor(i), picture, random);
                if (!answer.IsLegal)
                {
                    return false;
                }

                var numbers = new double[answer.Count];
                for (var k = 0; k < numbers.Length; k++)
                {
                    numbers[k] = answer[k];
                }

                actions[i] = SlotAction.OfNumbers(numbers);
            }

            batch.Step(actions, mask);
            for (var i = 0; i < actions.Length; i++)
            {
                returns[i] += batch.TrueReward(i);
            }
        }

        return true;
    }
}
