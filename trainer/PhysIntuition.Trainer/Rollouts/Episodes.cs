namespace PhysIntuition.Trainer.Rollouts;

/// <summary>Scenes that have been asked about, of one or several tasks; each can be answered many times.</summary>
public sealed class Episodes
{
    private readonly IReadOnlyList<SceneBatch> _parts;

    internal Episodes(IReadOnlyList<SceneBatch> parts)
    {
        _parts = parts;
        Questions = [.. parts.SelectMany(part => part.Questions)];
    }

    /// <summary>The first question of every scene.</summary>
    public IReadOnlyList<Question> Questions { get; }

    /// <summary>Whether no scene asks again after the first answer.</summary>
    public bool HaveOneTurn => _parts.All(part => part.MaxTurns == 1);

    /// <summary>Mean of what episodes earned, from 0, as a random player, to 1, as the expert.</summary>
    /// <param name="returns">[scene, episode], equally many episodes for every scene.</param>
    public double Success(IReadOnlyList<double> returns)
    {
        var each = returns.Count / Questions.Count;
        var anchors = _parts.SelectMany(part => Enumerable.Repeat(part.Anchors, part.Questions.Count * each));
        return returns.Zip(anchors, (earned, anchor) => (earned - anchor.Random) / (anchor.Expert - anchor.Random))
            .Average();
    }

    /// <summary>Plays the first turn, each answer on a copy of its scene.</summary>
    /// <param name="answers">[scene, answer]; equally many for every scene.</param>
    public async Task<Turn> AnswerAsync(IReadOnlyList<IReadOnlyList<string>> answers)
    {
        var at = 0;
        var turns = new List<Task<PartTurn>>();
        foreach (var part in _parts)
        {
            turns.Add(part.AnswerAsync([.. answers.Skip(at).Take(part.Questions.Count)]));
            at += part.Questions.Count;
        }

        return Turn.Join(await Task.WhenAll(turns).ConfigureAwait(false));
    }
}

/// <summary>What the answers of one turn earned, and what is asked next.</summary>
public sealed class Turn
{
    private readonly IReadOnlyList<PartTurn> _parts;

    private Turn(IReadOnlyList<PartTurn> parts, Score[] scores, Question[] next)
    {
        (_parts, Scores, Next) = (parts, scores, next);
    }

    /// <summary>One for each answer, in order.</summary>
    public IReadOnlyList<Score> Scores { get; }

    /// <summary>What the episodes that go on ask now.</summary>
    public IReadOnlyList<Question> Next { get; }

    /// <summary>For each question of <see cref="Next"/>, which answer of this turn it follows.</summary>
    public IReadOnlyList<int> Follows
    {
        get
        {
            var (follows, start) = (new List<int>(), 0);
            foreach (var part in _parts)
            {
                follows.AddRange(part.GoOn.Select(row => start + row));
                start += part.Scores.Length;
            }

            return follows;
        }
    }

    /// <summary>Plays the next turn.</summary>
    /// <param name="answers">One for each question of <see cref="Next"/>.</param>
    public async Task<Turn> AnswerAsync(IReadOnlyList<string> answers)
    {
        var at = 0;
        var turns = new List<Task<PartTurn>>();
        foreach (var part in _parts.Where(part => part.Next.Length > 0))
        {
            turns.Add(part.Batch.ContinueAsync(part, [.. answers.Skip(at).Take(part.Next.Length)]));
            at += part.Next.Length;
        }

        return Join(await Task.WhenAll(turns).ConfigureAwait(false));
    }

    internal static Turn Join(PartTurn[] parts) => new(
        parts, [.. parts.SelectMany(part => part.Scores)], [.. parts.SelectMany(part => part.Next)]);
}
