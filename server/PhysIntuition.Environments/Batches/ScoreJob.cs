using System.Runtime.InteropServices;

namespace PhysIntuition.Environments.Batches;

/// <summary>Scores answers, or conversations of several: the reward function of group-relative learning in one
/// call.</summary>
/// <remarks>Answers with equal seeds share the scene and its simulation, and equal answers to one-step episodes share
/// their own.</remarks>
public sealed class ScoreJob : IPendingWorlds
{
    private readonly EnvironmentBatch _scenes;
    private readonly int[] _sceneOf;
    private readonly Answer[] _answers;
    private readonly SlotAction[] _actions;
    private readonly List<StepContext> _turns = [];
    private readonly List<Counterfactual> _pending = [];
    private readonly Dictionary<(int Scene, Answer Answer), int> _turnOf = [];
    private readonly int[] _turnOfAnswer;
    private readonly EpisodeReplay? _replay;   // of conversations
    private bool _hasScenes;

    /// <summary>Begins; simulate <see cref="Pending"/> and <see cref="Resume"/> until done, or call Run.</summary>
    /// <param name="task">What is asked.</param>
    /// <param name="options">Split, task options, disclosure; slots and autoreset are ignored.</param>
    /// <param name="seeds">uint64[answers].</param>
    /// <param name="answers">Text or numbers, one per seed; with <paramref name="turns"/> all of one seed after all of
    /// the other.</param>
    /// <param name="simulator">Decides outcomes when Run is used.</param>
    /// <param name="turns">How many answers belong to each seed; empty: one. Those after an episode's end do not
    /// count.</param>
    /// <exception cref="PhysIntuitionException">Lengths differ, a number is wrong, or the task has several
    /// steps and gets one answer.</exception>
    public ScoreJob(
        ITask task, BatchOptions options, ReadOnlySpan<ulong> seeds, ReadOnlySpan<SlotAction> answers,
            ISimulator simulator, ReadOnlySpan<int> turns = default)
    {
        Check(task, seeds.Length, answers.Length, turns);
        _sceneOf = new int[seeds.Length];
        var unique = Unique(seeds, _sceneOf);
        _actions = answers.ToArray();
        _answers = new Answer[seeds.Length];
        _turnOfAnswer = new int[seeds.Length];
        Rewards = new double[seeds.Length];
        Verdicts = new string[seeds.Length];
        ParseErrors = new string?[seeds.Length];
        Distances = new double[seeds.Length];
        _scenes = new EnvironmentBatch(
            task, options with { Slots = unique.Count, Autoreset = AutoresetMode.Disabled }, simulator);
        if (!turns.IsEmpty || AttemptRule.Applies(task.Spec, options.Task ?? OptionsReader.DefaultsOf(task.Spec)))
        {
            int[] each = turns.IsEmpty ? [.. Enumerable.Repeat(1, seeds.Length)] : turns.ToArray();
            _replay = new EpisodeReplay(_scenes, _sceneOf, _actions, each, this);
        }

        _scenes.BeginReset(default, CollectionsMarshal.AsSpan(unique));
        Continue();
    }

    /// <summary>float64[seeds]: of a conversation the sum.</summary>
    public double[] Rewards { get; }

    /// <summary>One sentence per seed, about the last answer.</summary>
    public string[] Verdicts { get; }

    /// <summary>Why the last text could not be read; null where it could.</summary>
    public string?[] ParseErrors { get; }

    /// <summary>How far off each last answer was, m; NaN where distance means nothing.</summary>
    public double[] Distances { get; }

    /// <inheritdoc/>
    public IReadOnlyList<Counterfactual> Pending =>
        !_hasScenes ? _scenes.Pending : _replay is null ? _pending : _replay.Pending;

    /// <inheritdoc/>
    public bool Resume()
    {
        if (_hasScenes && _replay is not null)
        {
            return _replay.Resume();
        }

        if (_hasScenes)
        {
            Judge();
            return true;
        }

        _scenes.Resume();
        Continue();

        return Pending.Count == 0;
    }

    private void Continue()
    {
        if (_scenes.Pending.Count > 0)
        {
            return;
        }

        _hasScenes = true;
        if (_replay is not null)
        {
            _replay.Begin();
            return;
        }

        for (var i = 0; i < _answers.Length; i++)
        {
            _answers[i] = _scenes.ReadAnswer(_sceneOf[i], i, _actions[i]);
            _turnOfAnswer[i] = TurnOf(_sceneOf[i], _answers[i]);
        }

        foreach (var turn in _turns)
        {
            for (var k = 0; k < turn.Counterfactuals.Count; k++)
            {
                _pending.Add(turn.Counterfactuals[k]);
            }
        }

        if (_pending.Count == 0)
        {
            Judge();
        }
    }

    private int TurnOf(int scene, in Answer answer)
    {
        var key = answer.IsLegal ? (scene, answer) : (~scene, default);
        if (!_turnOf.TryGetValue(key, out var index))
        {
            var turn = new StepContext();
            turn.Begin(_scenes.EpisodeFor(scene), answer);
            _scenes.Task.Act(turn);
            index = _turns.Count;
            _turnOf[key] = index;
            _turns.Add(turn);
        }

        return index;
    }

    private void Judge()
    {
        _pending.Clear();
        for (var i = 0; i < _answers.Length; i++)
        {
            var verdict = _scenes.Task.Judge(_turns[_turnOfAnswer[i]]);
            (Rewards[i], Verdicts[i], Distances[i]) = (verdict.Reward, verdict.Reason, verdict.Distance);
            ParseErrors[i] = _answers[i].Error;
        }
    }

    private static List<ulong> Unique(ReadOnlySpan<ulong> seeds, int[] placeOf)
    {
        var places = new Dictionary<ulong, int>();
        var unique = new List<ulong>();
        for (var i = 0; i < seeds.Length; i++)
        {
            if (!places.TryGetValue(seeds[i], out placeOf[i]))
            {
                placeOf[i] = places[seeds[i]] = unique.Count;
                unique.Add(seeds[i]);
            }
        }

        return unique;
    }

    private static void Check(ITask task, int seeds, int answers, ReadOnlySpan<int> turns)
    {
        if (task.Spec.MaxSteps != 1 && turns.IsEmpty)
        {
            throw new PhysIntuitionException(Fault.InvalidArgument, "task",
                $"'task' is {task.Spec.Id}, which takes {task.Spec.MaxSteps} steps; scoring one answer needs a "
                + "one-step task. Say in 'turns' how many answers each seed has, or play its episodes instead.");
        }

        var wanted = turns.IsEmpty ? seeds : 0L;
        foreach (var count in turns)
        {
            wanted += count;
        }

        if (seeds == 0 || (!turns.IsEmpty && turns.Length != seeds) || wanted != answers)
        {
            throw new PhysIntuitionException(Fault.InvalidArgument, turns.IsEmpty ? "seeds" : "turns", turns.IsEmpty
                ? $"'seeds' has {seeds} entries and 'answers' {answers}; send one seed for each answer, and at least "
                    + "one."
                : $"'turns' has {turns.Length} entries with the sum {wanted}, but there are {seeds} seeds and "
                    + $"{answers} answers. Send one entry for each seed, its number of answers.");
        }
    }
}
