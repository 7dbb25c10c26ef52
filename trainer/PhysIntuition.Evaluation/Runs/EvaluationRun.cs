using Microsoft.Extensions.AI;

namespace PhysIntuition.Evaluation.Runs;

/// <summary>Asks models about scenes, many at a time, and keeps every answer as it comes.</summary>
/// <param name="plan">Who is asked about what.</param>
/// <param name="client">Where environments run.</param>
/// <param name="folder">Where samples are kept.</param>
/// <param name="prices">Null: no dollars, and no limit on them.</param>
public sealed class EvaluationRun(
    EvaluationPlan plan, IEnvironmentClient client, RunFolder folder, Prices? prices)
{
    private const int FirstScenes = 64, ScenesTogether = 256;
    private const ulong FirstExampleSeed = 1UL << 40;   // far from the scenes that are asked about
    private const double Rounding = 1e-6;   // rewards travel as float32

    private readonly Questioner _questioner = new(plan, folder, prices);

    /// <summary>Asks what is not answered yet.</summary>
    /// <param name="open">Opens a model for the scenes of one environment.</param>
    /// <param name="limits">Requests in flight, by model.</param>
    /// <param name="progress">Told after every sample: how many are there of how many.</param>
    /// <param name="cancellation">Sends nothing more; what is in flight is waited for.</param>
    public async Task RunAsync(
        Func<ModelName, ConversationBatch, IChatClient> open, Func<ModelName, AdaptiveLimit> limits,
        Action<int, int> progress, CancellationToken cancellation)
    {
        var all = plan.Cells.Count() * plan.Questions * plan.Repeats;
        var done = folder.Samples.Count(sample => sample.Outcome != SampleOutcome.Undelivered);
        void Keep(EvaluationSample sample)
        {
            folder.Add(sample);
            progress(Interlocked.Increment(ref done), all);
        }

        var (playing, asked) = (Task.CompletedTask, (ModelName?)null);
        try
        {
            foreach (var (model, chunk) in Chunks().TakeWhile(_ => !cancellation.IsCancellationRequested))
            {
                if (model != asked)
                {
                    await playing.ConfigureAwait(false);   // opening a folder's weights closes the folder before it
                    asked = model;
                }

                // The next scenes are made while the last ones are asked about, so that requests are always in flight.
                var key = chunk[0];
                var scenes = await OpenAsync(
                    key.Task, key.Split, [.. chunk.Select(one => one.Seed)], cancellation).ConfigureAwait(false);
                var next = PlayAsync(
                    chunk, scenes, batch => open(model, batch), limits(model), Keep, cancellation);
                await playing.ConfigureAwait(false);
                playing = next;
            }
        }
        finally
        {
            await playing.ConfigureAwait(false);
        }
    }

    /// <summary>What is not answered yet, in parts that share an environment; few at first, so that asking begins at
    /// once.</summary>
    private IEnumerable<(ModelName Model, SampleKey[] Keys)> Chunks()
    {
        var together = FirstScenes;
        foreach (var cell in plan.Cells)
        {
            SampleKey[] missing = [.. from repeat in Enumerable.Range(0, plan.Repeats)
                from seed in Enumerable.Range(0, plan.Questions)
                let key = new SampleKey(cell.Model.Label, cell.Task, cell.Split, cell.Examples, (ulong)seed, repeat)
                where !folder.IsDelivered(key)
                select key];
            for (var at = 0; at < missing.Length;)
            {
                var chunk = missing.AsSpan(at, Math.Min(together, missing.Length - at)).ToArray();
                yield return (cell.Model, chunk);
                (at, together) = (at + chunk.Length, ScenesTogether);
            }
        }
    }

    private async Task PlayAsync(
        SampleKey[] chunk, ConversationBatch scenes, Func<ConversationBatch, IChatClient> open, AdaptiveLimit limit,
        Action<EvaluationSample> keep, CancellationToken cancellation)
    {
        await using var opened = scenes.ConfigureAwait(false);
        var key = chunk[0];
        var shown = await ShownAsync(key.Task, key.Split, key.Examples, chunk, cancellation).ConfigureAwait(false);
        using var chat = open(scenes);
        await Task.WhenAll(chunk.Select(async (one, slot) =>
        {
            if (await PlayAsync(new Scene(one, slot, scenes, shown?[slot] ?? []), chat, limit, cancellation)
                .ConfigureAwait(false) is { } sample)
            {
                keep(sample);
            }
        })).ConfigureAwait(false);
    }

    private Task<ConversationBatch> OpenAsync(
        string task, string split, ulong[] seeds, CancellationToken cancellation) =>
        ConversationBatch.OpenAsync(client, new EnvironmentSettings(task) { Split = split, Options = plan.TaskOptions },
            seeds, plan.PictureSize, cancellation);

    /// <summary>For each scene other ones with the expert's answers.</summary>
    private async Task<VisualPrompt[][]?> ShownAsync(
        string task, string split, int examples, SampleKey[] chunk, CancellationToken cancellation)
    {
        if (examples == 0)
        {
            return null;
        }

        ulong[] seeds = [.. chunk.SelectMany(key => Enumerable.Range(0, examples)
            .Select(i => FirstExampleSeed + (key.Seed * (ulong)examples) + (ulong)i))];
        await using var scenes = await OpenAsync(task, split, seeds, cancellation).ConfigureAwait(false);
        return [.. scenes.Questions.Chunk(examples)];
    }

    /// <summary>Plays one scene to its end; null where it was not begun.</summary>
    private async Task<EvaluationSample?> PlayAsync(
        Scene scene, IChatClient chat, AdaptiveLimit limit, CancellationToken cancellation)
    {
        var exchanges = new List<ConversationTurn>();
        var question = scene.Batch.Questions[scene.Slot];
        JudgedAnswer? verdict = null;
        do
        {
            var (exchange, error) = await _questioner.AskAsync(
                scene.Asked, chat, limit, question, exchanges, cancellation).ConfigureAwait(false);
            if (exchange is null)
            {
                return error is null ? null : Undelivered(scene, exchanges, error);
            }

            verdict = await scene.Batch.AnswerAsync(scene.Slot, exchange.Answer).ConfigureAwait(false);
            exchanges.Add(exchange with
            {
                Reward = verdict.Reward, Verdict = verdict.Text, ParseError = verdict.ParseError,
            });
            question = verdict.Next ?? question;
        }
        while (!verdict.IsLast);

        var reward = exchanges.Sum(exchange => exchange.Reward);
        return new EvaluationSample
        {
            Key = scene.Key, Exchanges = exchanges, Reward = reward,
            ExpertReward = scene.Batch.ExpertReturns[scene.Slot],
            Outcome = Judge(exchanges[^1], reward >= scene.Batch.ExpertReturns[scene.Slot] - Rounding),
        };
    }

    /// <summary>Judges a sample's answers again, without asking.</summary>
    /// <param name="sample">As it was kept.</param>
    /// <param name="scenes">Its scene among others.</param>
    /// <param name="slot">The scene's place there.</param>
    public static async Task<EvaluationSample> RescoreAsync(EvaluationSample sample, ConversationBatch scenes, int slot)
    {
        if (sample.Outcome == SampleOutcome.Undelivered)
        {
            return sample;
        }

        var exchanges = new List<ConversationTurn>();
        foreach (var exchange in sample.Exchanges)
        {
            var verdict = await scenes.AnswerAsync(slot, exchange.Answer).ConfigureAwait(false);
            exchanges.Add(exchange with
            {
                Reward = verdict.Reward, Verdict = verdict.Text, ParseError = verdict.ParseError,
            });
        }

        var (reward, expert) = (exchanges.Sum(exchange => exchange.Reward), scenes.ExpertReturns[slot]);
        return sample with
        {
            Exchanges = exchanges, Reward = reward, ExpertReward = expert,
            Outcome = Judge(exchanges[^1], reward >= expert - Rounding),
            Film = reward == sample.Reward ? sample.Film : null,   // another verdict: physics does something else now
        };
    }

    private static SampleOutcome Judge(ConversationTurn last, bool isRight) =>
        last.ParseError is null ? isRight ? SampleOutcome.Right : SampleOutcome.Wrong
        : last.IsCut || last.Answer.Length == 0 ? SampleOutcome.CutOff
        : SampleOutcome.Unreadable;

    private static EvaluationSample Undelivered(Scene scene, List<ConversationTurn> exchanges, string error) => new()
    {
        Key = scene.Key, Outcome = SampleOutcome.Undelivered, Exchanges = exchanges, Error = error,
        ExpertReward = scene.Batch.ExpertReturns[scene.Slot],
    };

    /// <summary>One scene of a batch.</summary>
    private sealed record Scene(SampleKey Key, int Slot, ConversationBatch Batch, IReadOnlyList<VisualPrompt> Shown)
    {
        public AskedScene Asked { get; } = new(Key, Slot, Shown);
    }
}
