namespace PhysIntuition.Trainer.Rollouts;

/// <summary>What a policy was shown and wrote in one turn.</summary>
/// <param name="Prompts">The conversations so far, one for each group.</param>
/// <param name="Groups">[prompt][completion].</param>
/// <param name="Rows">For each completion, prompt by prompt, the episode that it belongs to.</param>
/// <param name="Tasks">For each prompt its task.</param>
internal sealed record Exchange(EncodedChat[] Prompts, Completion[][] Groups, int[] Rows, string[] Tasks);

/// <summary>Writes completions of prompts: prompts, their tasks, completions per prompt, number of the turn.</summary>
internal delegate Completion[][] Generate(EncodedChat[] prompts, string[] tasks, int each, int turn);

/// <summary>Plays scenes to their ends, several episodes of each; scoring runs beside what the caller does.</summary>
internal sealed class Rollout
{
    private readonly Policy _policy;
    private readonly Generate _generate;
    private readonly List<Answered>[] _before;
    private readonly int _examples;
    private int[] _open;
    private Question[] _asked;
    private Task<Turn> _scoring;

    /// <summary>Generates the first turn and starts its scoring.</summary>
    /// <param name="policy">Who plays.</param>
    /// <param name="episodes">The scenes.</param>
    /// <param name="each">Episodes of each scene.</param>
    /// <param name="generate">How completions are made.</param>
    /// <param name="examples">Solved questions that every scene's conversation begins with; null: none.</param>
    public Rollout(
        Policy policy, Episodes episodes, int each, Generate generate, IReadOnlyList<Answered[]>? examples = null)
    {
        (_policy, _generate) = (policy, generate);
        var rows = episodes.Questions.Count * each;
        _examples = examples is null ? 0 : examples[0].Length;
        _before = [.. Enumerable.Range(0, rows).Select(row => new List<Answered>(examples?[row / each] ?? []))];
        (Returns, AreReadable) = (new double[rows], [.. Enumerable.Repeat(true, rows)]);
        _open = [.. Enumerable.Range(0, rows)];
        _asked = [.. episodes.Questions.SelectMany(question => Enumerable.Repeat(question, each))];
        var texts = Write([.. episodes.Questions.Select(
            (question, i) => policy.Prompt(question, _before[i * each]))],
            [.. episodes.Questions.Select(question => question.Task)], each);
        _scoring = Task.Run(() => episodes.AnswerAsync(texts));
    }

    /// <summary>What was shown and written, turn by turn.</summary>
    public List<Exchange> Exchanges { get; } = [];

    /// <summary>What each episode earned in all its turns, scene by scene.</summary>
    public double[] Returns { get; }

    /// <summary>Whether every answer of an episode could be parsed.</summary>
    public bool[] AreReadable { get; }

    /// <summary>The answers of each episode, turn by turn.</summary>
    public IEnumerable<string[]> Texts =>
        _before.Select(row => row.Skip(_examples).Select(item => item.Answer).ToArray());

    /// <summary>Waits for the scores of the last turn, and generates the next one.</summary>
    /// <param name="waiting">Runs while this waits.</param>
    /// <returns>False once every episode has ended.</returns>
    public bool Advance(Stopwatch waiting)
    {
        waiting.Start();
        var turn = _scoring.GetAwaiter().GetResult();
        waiting.Stop();
        for (var i = 0; i < _open.Length; i++)
        {
            Returns[_open[i]] += turn.Scores[i].Reward;
            AreReadable[_open[i]] &= turn.Scores[i].IsReadable;
        }

        if (turn.Next.Count == 0)
        {
            return false;
        }

        _open = [.. turn.Follows.Select(place => _open[place])];
        _asked = [.. turn.Next];
        var texts = Write([.. _asked.Select((question, i) => _policy.Prompt(question, _before[_open[i]]))],
            [.. _asked.Select(question => question.Task)], each: 1);
        _scoring = Task.Run(() => turn.AnswerAsync([.. texts.Select(row => row[0])]));
        return true;
    }

    /// <summary>Plays several rollouts to their ends; while one is scored, another generates.</summary>
    public static void Finish(IReadOnlyList<Rollout> rollouts, Stopwatch waiting)
    {
        for (var open = rollouts; open.Count > 0;)
        {
            open = [.. open.Where(rollout => rollout.Advance(waiting))];
        }
    }

    private string[][] Write(EncodedChat[] prompts, string[] tasks, int each)
    {
        var groups = _generate(prompts, tasks, each, Exchanges.Count);
        Exchanges.Add(new Exchange(prompts, groups, _open, tasks));
        string[][] texts = [.. groups.Select(group => group.Select(item => _policy.Text(item.TokenIds)).ToArray())];
        foreach (var (row, i) in _open.Select((row, i) => (row, i)))
        {
            _before[row].Add(new Answered(_asked[i], texts[i / each][i % each]));
        }

        return texts;
    }
}

/// <summary>The episodes of one scene, which are compared with each other.</summary>
/// <param name="Turns">What was shown and written; rows count within the group.</param>
/// <param name="Returns">What each episode earned.</param>
/// <param name="AreReadable">Whether every answer of an episode could be parsed.</param>
internal sealed record EpisodeGroup(Exchange[] Turns, double[] Returns, bool[] AreReadable)
{
    /// <summary>Whether an earlier policy wrote it.</summary>
    public bool IsPast { get; init; }

    /// <summary>One group for every scene of a rollout.</summary>
    /// <param name="rollout">Played to its end.</param>
    /// <param name="each">Episodes of each scene.</param>
    public static EpisodeGroup[] Of(Rollout rollout, int each) =>
        [.. Enumerable.Range(0, rollout.Returns.Length / each).Select(scene => new EpisodeGroup(
            [.. rollout.Exchanges.Select(turn => Part(turn, scene, each)).Where(turn => turn.Rows.Length > 0)],
            rollout.Returns[(scene * each)..((scene + 1) * each)],
            rollout.AreReadable[(scene * each)..((scene + 1) * each)]))];

    /// <summary>Groups as one batch, turn by turn; rows count through all of them.</summary>
    public static Exchange[] Join(IReadOnlyList<EpisodeGroup> groups, int each) =>
        [.. Enumerable.Range(0, groups.Max(group => group.Turns.Length)).Select(number =>
        {
            (Exchange Turn, int First)[] turns = [.. groups.Select((group, i) => (group, First: i * each))
                .Where(item => item.group.Turns.Length > number)
                .Select(item => (item.group.Turns[number], item.First))];
            return new Exchange(
                [.. turns.SelectMany(item => item.Turn.Prompts)], [.. turns.SelectMany(item => item.Turn.Groups)],
                [.. turns.SelectMany(item => item.Turn.Rows.Select(row => row + item.First))],
                [.. turns.SelectMany(item => item.Turn.Tasks)]);
        })];

    private static Exchange Part(Exchange turn, int scene, int each)
    {
        var perPrompt = turn.Rows.Length / turn.Prompts.Length;
        int[] own = [.. Enumerable.Range(0, turn.Prompts.Length)
            .Where(prompt => turn.Rows[prompt * perPrompt] / each == scene)];
        return new Exchange(
            [.. own.Select(prompt => turn.Prompts[prompt])], [.. own.Select(prompt => turn.Groups[prompt])],
            [.. own.SelectMany(prompt => turn.Rows.Skip(prompt * perPrompt).Take(perPrompt))
                .Select(row => row - (scene * each))],
            [.. own.Select(prompt => turn.Tasks[prompt])]);
    }
}
