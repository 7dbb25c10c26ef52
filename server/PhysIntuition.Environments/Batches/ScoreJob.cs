using System.Runtime.InteropServices;
using PhysIntuition.Environments.Answers;
using PhysIntuition.Environments.Episodes;
using PhysIntuition.Environments.Options;
using PhysIntuition.Environments.Tasks;
using PhysIntuition.Faults;
using PhysIntuition.Simulation;

namespace PhysIntuition.Environments.Batches;

/// <summary>Scores answers to one-step episodes: the reward function of group-relative learning in one call.</summary>
/// <remarks>Answers with equal seeds share the scene and its simulation, and equal answers share their own.</remarks>
public sealed class ScoreJob : IPendingWorlds
{
    private readonly EnvironmentBatch _scenes;
    private readonly int[] _sceneOf;
    private readonly Answer[] _answers;
    private readonly SlotAction[] _actions;
    private readonly List<StepContext> _turns = [];
    private readonly List<Counterfactual> _pending = [];
    private readonly Dictionary<(int Scene, double, double, double, double), int> _turnOf = [];
    private readonly int[] _turnOfAnswer;
    private bool _hasScenes;

    /// <summary>Begins; simulate <see cref="Pending"/> and <see cref="Resume"/> until done, or call Run.</summary>
    /// <param name="task">Has one step.</param>
    /// <param name="options">Split, task options, disclosure; slots and autoreset are ignored.</param>
    /// <param name="seeds">uint64[answers].</param>
    /// <param name="answers">Text or numbers, one per seed.</param>
    /// <param name="simulator">Decides outcomes when
    /// <see cref="Run(ITask, BatchOptions, ReadOnlySpan{ulong}, ReadOnlySpan{SlotAction}, ISimulator)"/> is
    /// used.</param>
    /// <exception cref="PhysIntuitionException">Lengths differ, a number is wrong, or the task has several
    /// steps.</exception>
    public ScoreJob(
        ITask task, BatchOptions options, ReadOnlySpan<ulong> seeds, ReadOnlySpan<SlotAction> answers,
            ISimulator simulator)
    {
        Check(task, seeds.Length, answers.Length);
        _sceneOf = new int[seeds.Length];
        var unique = Unique(seeds, _sceneOf);
        _actions = answers.ToArray();
        _answers = new Answer[answers.Length];
        _turnOfAnswer = new int[answers.Length];
        Rewards = new double[answers.Length];
        Verdicts = new string[answers.Length];
        ParseErrors = new string?[answers.Length];
        Distances = new double[answers.Length];
        _scenes = new EnvironmentBatch(
            task, options with { Slots = unique.Count, Autoreset = AutoresetMode.Disabled }, simulator);
        _scenes.BeginReset(default, CollectionsMarshal.AsSpan(unique));
        Continue();
    }

    /// <summary>float64[answers].</summary>
    public double[] Rewards { get; }

    /// <summary>One sentence per answer.</summary>
    public string[] Verdicts { get; }

    /// <summary>Why a text could not be read; null where it could.</summary>
    public string?[] ParseErrors { get; }

    /// <summary>How far off each answer was, m; NaN where distance means nothing.</summary>
    public double[] Distances { get; }

    /// <inheritdoc/>
    public IReadOnlyList<Counterfactual> Pending => _hasScenes ? _pending : _scenes.Pending;

    /// <summary>Scores everything at once.</summary>
    public static ScoreJob Run(
        ITask task, BatchOptions options, ReadOnlySpan<ulong> seeds, ReadOnlySpan<SlotAction> answers,
            ISimulator simulator)
    {
        var job = new ScoreJob(task, options, seeds, answers, simulator);
        new WorldRunner(simulator).Run(job);

        return job;
    }

    /// <inheritdoc/>
    public bool Resume()
    {
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
        var key = answer.IsLegal ? (scene, answer[0], answer[1], answer[2], answer[3]) : (~scene, 0, 0, 0, 0);
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

    private static void Check(ITask task, int seeds, int answers)
    {
        if (task.Spec.MaxSteps != 1)
        {
            throw new PhysIntuitionException(Fault.InvalidArgument, "task",
                $"'task' is {task.Spec.Id}, which takes {task.Spec.MaxSteps} steps; scoring in one call needs a "
                + "one-step task. Play its episodes instead.");
        }

        if (seeds != answers || seeds == 0)
        {
            throw new PhysIntuitionException(Fault.InvalidArgument, "seeds",
                $"'seeds' has {seeds} entries and 'answers' {answers}; send one seed for each answer, and at least "
                    + $"one.");
        }
    }
}
