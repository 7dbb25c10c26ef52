using TorchSharp;
using static TorchSharp.torch;

namespace PhysIntuition.Trainer.Recipes;

/// <summary>Group-relative policy optimisation: the better of several answers become more probable.</summary>
/// <remarks>
/// A step: ask, generate, judge, draw again where nothing can be learned, advantage, then per update and micro batch
/// score, loss, and apply. The first update sees ratios of exactly 1; further ones, and answers from the past, compare
/// with the probabilities at generation. All turns of an episode learn from what the whole episode earned.
/// </remarks>
internal sealed class Grpo
{
    private readonly TrainingRun _run;
    private readonly Policy? _reference;
    private readonly RemoteSampler? _sampler;
    private readonly GrpoOptions _options;
    private readonly EntropyControl _entropy;
    private readonly ReplayBuffer _past;
    private readonly Dictionary<Exchange, Tensor> _before = [];   // log p of the first update, for the next ones

    private Grpo(TrainingRun run, Policy? reference, RemoteSampler? sampler, GrpoOptions options)
    {
        (_run, _reference, _sampler, _options) = (run, reference, sampler, options);
        _entropy = new EntropyControl(options.EntropyTarget, options.EntropyStep, options.EntropyCoefficient);
        _past = new ReplayBuffer(options.Replay);
        if (run.Resumed is { } folder)
        {
            _entropy.Restore(folder);
            _past.Restore(folder);
        }

        run.Saving = at =>
        {
            _entropy.Save(at);
            _past.Save(at);
        };
    }

    public static void Train(
        GrpoOptions options, string folder, CancellationToken cancellation, ProcessGroup? group = null)
    {
        using var run = new TrainingRun(options, folder, group);
        using var reference = options.Beta != 0 ? run.OpenReference() : null;
        using var sampler = options.Sampler.Length > 0 ? new RemoteSampler(options.Sampler, run.Folder) : null;
        run.Loop(new Grpo(run, reference, sampler, options).Step, cancellation);
    }

    private int[] Batches => _run.ProcessGroup.ShareOf(_options.Prompts / _options.MicroPrompts);

    private Dictionary<string, double> Step(long step)
    {
        var metrics = new Dictionary<string, double>();
        var questions = _run.Questions(step, _options.Prompts, _options.MicroPrompts);
        var watch = Stopwatch.StartNew();
        _sampler?.Load(_run.Policy, step, _run.ProcessGroup);
        Rollout[] rollouts = [.. questions.Select((scenes, i) => Play(scenes, step, Batches[i], round: 0))];
        _run.Finish(rollouts);
        Report(questions, rollouts, metrics);
        EpisodeGroup[][] groups = [.. rollouts.Select(rollout => EpisodeGroup.Of(rollout, _options.Completions))];
        DrawAgain(groups, step, metrics);
        metrics["time/generate"] = watch.Elapsed.TotalSeconds;

        var advantages = Weigh(groups);                                           // [micro batch][episode]
        Exchange[][] turns = [.. groups.Select(batch => EpisodeGroup.Join(batch, _options.Completions))];
        for (var update = 0; update < _options.Iterations; update++)
        {
            Learn(groups, turns, advantages, (step, update), metrics);
            _run.Apply(step, new
            {
                task = _options.Task, firstSeed = _run.SceneSeed(step, _options.Prompts),
                texts = rollouts.SelectMany(rollout => rollout.Texts),
                returns = rollouts.SelectMany(rollout => rollout.Returns),
            }, metrics);
        }

        foreach (var scores in _before.Values)
        {
            scores.Dispose();
        }

        _before.Clear();
        _entropy.Add(metrics["entropy"]);
        metrics["time/learn"] = watch.Elapsed.TotalSeconds - metrics["time/generate"];
        return metrics;
    }

    private Rollout Play(Episodes scenes, long step, int microBatch, int round) => new(
        _run.Policy, scenes, _options.Completions, (prompts, tasks, each, turn) =>
        {
            var generation = (_options with { Seed = _options.Seed + ((ulong)round << 32) })
                .Generation(_run.Policy.StopTokens, step, microBatch, turn, each) with
            {
                Constraints = _run.Constraints.Of(tasks),
            };
            return _sampler?.Write(prompts, generation) ?? _run.Policy.Write(prompts, generation);
        });

    private void Report(Episodes[] questions, Rollout[] rollouts, Dictionary<string, double> metrics)
    {
        double[] Of(Func<Rollout, IEnumerable<double>> numbers) => [.. _run.ProcessGroup
            .Collect([.. rollouts.Select(rollout => numbers(rollout).ToArray())]).SelectMany(part => part)];
        var returns = Of(rollout => rollout.Returns);
        var groups = returns.Chunk(_options.Completions).Select(group => Advantages.Deviation(group)).ToArray();
        var lengths = Of(rollout => Completions(rollout.Exchanges).Select(item => (double)item.TokenIds.Length));
        metrics["reward"] = returns.Average();
        metrics["success"] = _run.ProcessGroup.Collect([.. questions.Zip(
            rollouts, (scenes, rollout) => new[] { scenes.Success(rollout.Returns) })]).Average(part => part[0]);
        metrics["reward_std"] = groups.Average();
        metrics["frac_reward_zero_std"] = groups.Count(deviation => deviation == 0) / (double)groups.Length;
        metrics["readable"] =
            Of(rollout => rollout.AreReadable.Select(isReadable => isReadable ? 1.0 : 0)).Average();
        metrics["completions/mean_length"] = lengths.Average();
        metrics["completions/max_length"] = lengths.Max();
        metrics["completions/clipped_ratio"] =
            Of(rollout => Completions(rollout.Exchanges).Select(item => item.IsStopped ? 0.0 : 1)).Average();
    }

    private static IEnumerable<Completion> Completions(IEnumerable<Exchange> exchanges) =>
        exchanges.SelectMany(exchange => exchange.Groups).SelectMany(group => group);

    /// <summary>Replaces groups whose answers all earned the same: by new scenes (Yu et al., DAPO, 2025), bounded,
    /// and what is left by groups from the past.</summary>
    private void DrawAgain(EpisodeGroup[][] batches, long step, Dictionary<string, double> metrics)
    {
        var drawn = 0;
        for (var round = 1; round <= _options.Redraws; round++)
        {
            int[] open = [.. Enumerable.Range(0, batches.Length).Where(i => batches[i].Any(TeachesNothing))];
            Rollout[] again = [.. open.Select(i =>
            {
                var batch = Batches[i];
                var first = _run.SceneSeed(step, _options.Prompts) + (ulong)(batch * _options.MicroPrompts);
                // A step's own scenes lie far below 2^27; a run's are the next 2^32.
                var scenes = _run.Ask(first + ((ulong)round << 27), batches[i].Count(TeachesNothing));
                drawn += scenes.Questions.Count;
                return Play(scenes, step, batch, round);
            })];
            _run.Finish(again);
            foreach (var (i, rollout) in open.Zip(again))
            {
                Replace(batches[i], EpisodeGroup.Of(rollout, _options.Completions).Where(one => !TeachesNothing(one)));
            }
        }

        EpisodeGroup[] fresh = [.. batches.SelectMany(batch => batch).Where(one => !TeachesNothing(one))];
        for (var i = 0; i < batches.Length; i++)
        {
            var seed = SeedSequence.Seed(_options.Seed, step, Batches[i], turn: 0);
            Replace(batches[i], _past.Draw(batches[i].Count(TeachesNothing), seed));
        }

        _past.Add(fresh);
        if (_options.Redraws > 0 || _options.Replay > 0)
        {
            double CountAll(Func<EpisodeGroup, bool> isCounted) =>
                _run.ProcessGroup.Sum(batches.Sum(batch => batch.Count(isCounted)));
            metrics["redraw/drawn"] = _run.ProcessGroup.Sum(drawn);
            metrics["redraw/past"] = CountAll(group => group.IsPast);
            metrics["redraw/idle"] = CountAll(TeachesNothing) / _options.Prompts;
        }
    }

    private void Replace(EpisodeGroup[] batch, IEnumerable<EpisodeGroup> others)
    {
        foreach (var (place, other) in Enumerable.Range(0, batch.Length).Where(i => TeachesNothing(batch[i])).ToArray()
            .Zip(others))
        {
            batch[place] = other;
        }
    }

    private bool TeachesNothing(EpisodeGroup group)
    {
        double[] sums = [.. Rewards(group).Select(row => row[0] + row[1] + (row[2] * _options.FormReward))];
        return Array.TrueForAll(sums, sum => sum == sums[0]);
    }

    private double[][] Weigh(EpisodeGroup[][] batches)
    {
        double[][] rewards = [.. batches.SelectMany(batch => batch).SelectMany(Rewards)];
        return [.. Advantages.Compute(
            rewards, [1, 1, _options.FormReward], _options.Completions, _options.Scale, _options.Aggregation)
            .Chunk(_options.MicroPrompts * _options.Completions)];
    }

    /// <summary>[episode][the task's, the length's, the form's].</summary>
    private double[][] Rewards(EpisodeGroup group)
    {
        double[][] rewards = [.. group.Returns.Zip(group.AreReadable, (earned, isReadable) =>
            new[] { earned, 0, isReadable ? 1 : 0 })];
        foreach (var exchange in _options.OverlongMargin == 0 ? [] : group.Turns)
        {
            foreach (var (completion, row) in exchange.Groups.SelectMany(one => one).Zip(exchange.Rows))
            {
                rewards[row][1] += Overlong(
                    completion.TokenIds.Length, _options.MaxCompletionTokens, _options.OverlongMargin);
            }
        }

        return rewards;
    }

    /// <summary>0 up to limit - margin, falling to -1 at the limit (Yu et al., DAPO, 2025, equation 13).</summary>
    internal static double Overlong(int tokens, int limit, int margin) =>
        tokens <= limit - margin ? 0
        : tokens <= limit ? (limit - margin - tokens) / (double)margin
        : -1;

    private void Learn(
        EpisodeGroup[][] groups, Exchange[][] turns, double[][] advantages, (long Step, int Update) at,
        Dictionary<string, double> metrics)
    {
        _run.Policy.Adapters?.BeginStep(at.Step);
        var count = (int)_run.ProcessGroup.Max(turns.Max(batch => batch.Length));
        var parts = _options.Prompts / _options.MicroPrompts * count;
        var tokens = _run.ProcessGroup.Sum((double)turns.SelectMany(Completions).Sum(Counted));
        var options = _options with { EntropyCoefficient = _entropy.Weight };
        string[] names = [];
        var terms = new List<double[]>();
        for (var turn = 0; turn < count; turn++)   // all first turns, then all second ones, in every process alike
        {
            for (var i = 0; i < turns.Length; i++)
            {
                if (turn >= turns[i].Length)
                {
                    terms.Add([]);
                }
                else
                {
                    using var scope = NewDisposeScope();
                    var exchange = turns[i][turn];
                    bool[] arePast = [.. exchange.Rows.Select(row => groups[i][row / _options.Completions].IsPast)];
                    var result = PolicyLoss.Compute(
                        Score(exchange, arePast, advantages[i], at.Update) with
                        {
                            TokensInGeneration = tokens, AccumulationSteps = parts,
                        },
                        options with { Seed = SeedSequence.Seed(_options.Seed, at.Step, Batches[i], at.Update) });
                    result.Loss.backward();
                    names = [.. result.Metrics.Keys];
                    terms.Add([result.Loss.ToDouble(), .. result.Metrics.Values.Select(value => value / parts)]);
                }

                _run.AddGradients();
            }
        }

        foreach (var (name, value) in names.Prepend("loss").Zip(_run.ProcessGroup.SumPieces(terms)))
        {
            metrics[name] = value;
        }

        if (_options.EntropyTarget > 0)
        {
            metrics["entropy_coefficient"] = _entropy.Weight;
        }
    }

    private PolicyBatch Score(Exchange exchange, bool[] arePast, double[] advantages, int update)
    {
        Completion[] completions = [.. exchange.Groups.SelectMany(group => group)];
        int[][] ids = [.. completions.Select(item => item.TokenIds)];
        var scores = _run.Policy.Score(exchange.Prompts, ids, _options.Temperature,
            learnsEntropy: _entropy.Weight != 0, _run.Constraints.Of(exchange.Tasks));
        float[] own = [.. exchange.Rows.Select(row => (float)advantages[row])];
        var generated = Masks.Pad([.. completions.Select(item => item.LogProbabilities)], _run.Policy.Model.Device);
        if (_sampler is not null && update == 0 && _options.Iterations > 1)
        {
            _before[exchange] = scores.LogProbabilities.detach().clone().DetachFromDisposeScope();
        }

        return new PolicyBatch(scores.LogProbabilities, MaskOf(completions), tensor(own))
        {
            OldLogProbs = update > 0 ? _sampler is null ? generated : _before[exchange]
                : arePast.Contains(true) ? where(
                    tensor(arePast, [arePast.Length, 1], device: generated.device), generated,
                    scores.LogProbabilities.detach())
                : null,
            SamplerLogProbs = _sampler is null || _options.ImportanceCap == 0 ? null : generated,
            ReferenceLogProbs = _options.Beta == 0 ? null : ReferenceScores(exchange, ids),
            Entropies = scores.Entropies,
        };
    }

    private int Counted(Completion completion) =>
        _options.MasksTruncated && !completion.IsStopped ? 0 : completion.TokenIds.Length;

    private Tensor MaskOf(Completion[] completions)
    {
        var mask = Masks.Of([.. completions.Select(item => item.TokenIds)], _run.Policy.Model.Device);
        if (!_options.MasksTruncated)
        {
            return mask;
        }

        float[] kept = [.. completions.Select(item => item.IsStopped ? 1f : 0)];
        return mask * tensor(kept, [kept.Length, 1], device: _run.Policy.Model.Device);
    }

    private Tensor ReferenceScores(Exchange exchange, int[][] ids)
    {
        using var none = no_grad();
        using var adaptersOff = _reference is null ? _run.Policy.Adapters?.Disabled() : null;
        return (_reference ?? _run.Policy).Score(exchange.Prompts, ids, _options.Temperature,
            constraints: _run.Constraints.Of(exchange.Tasks)).LogProbabilities;
    }
}
