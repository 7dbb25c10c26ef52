using PhysIntuition.Environments.Answers;
using PhysIntuition.Environments.Tasks;
using PhysIntuition.Simulation;

namespace PhysIntuition.Trainer.Rollouts;

/// <summary>The expert's play as prompts and answers to imitate, one for each turn.</summary>
/// <param name="Prompts">The conversations so far.</param>
/// <param name="Answers">The expert's tokens, end token included.</param>
internal sealed record SupervisedExamples(EncodedChat[] Prompts, int[][] Answers)
{
    /// <summary>Plays every scene as the expert does.</summary>
    /// <param name="policy">Who will learn from it.</param>
    /// <param name="episodes">The scenes.</param>
    /// <param name="formTasks">Tasks whose questions get the expert's answer to another scene: what answers look like
    /// and how often each comes can be learned from that, and nothing of the scenes.</param>
    public static SupervisedExamples Of(Policy policy, Episodes episodes, params IReadOnlyList<string> formTasks)
    {
        var prompts = new List<EncodedChat>();
        var answers = new List<int[]>();
        var before = episodes.Questions.Select(_ => new List<Answered>()).ToArray();
        Add(episodes.Questions, [.. Enumerable.Range(0, before.Length)]);
        if (!episodes.HaveOneTurn)
        {
            var turn = episodes.AnswerAsync([.. episodes.Questions.Select(question => new[] { question.Expert })])
                .GetAwaiter().GetResult();
            int[] open = [.. Enumerable.Range(0, before.Length)];
            while (turn.Next.Count > 0)
            {
                open = [.. turn.Follows.Select(place => open[place])];
                Add(turn.Next, open);
                turn = turn.AnswerAsync([.. turn.Next.Select(question => question.Expert)]).GetAwaiter().GetResult();
            }
        }

        return new SupervisedExamples([.. prompts], [.. answers]);

        void Add(IReadOnlyList<Question> questions, int[] rows)
        {
            for (var i = 0; i < rows.Length; i++)
            {
                var answer = formTasks.Contains(questions[i].Task) ? Elsewhere(questions, i) : questions[i].Expert;
                prompts.Add(policy.Prompt(questions[i], before[rows[i]]));
                answers.Add(policy.Answer(answer));
                before[rows[i]].Add(questions[i].WithExpert);
            }
        }
    }

    /// <summary>The same examples in groups of like length.</summary>
    /// <inheritdoc cref="LengthGroups.Of"/>
    public IEnumerable<SupervisedExamples> ByLength(double padding = LengthGroups.Padding) =>
        LengthGroups.Of([.. Prompts.Zip(Answers, (prompt, answer) => prompt.Ids.Length + answer.Length)], padding)
            .Select(rows => new SupervisedExamples(
                [.. rows.Select(row => Prompts[row])], [.. rows.Select(row => Answers[row])]));

    /// <summary>The answer to the next scene of the same task; a scene without another gets any legal answer.</summary>
    private static string Elsewhere(IReadOnlyList<Question> questions, int at)
    {
        var own = questions[at];
        for (var i = 1; i < questions.Count; i++)
        {
            if (questions[(at + i) % questions.Count] is var other && other.Task == own.Task && other.Seed != own.Seed)
            {
                return other.Expert;
            }
        }

        var (axes, random) = (TaskCatalog.Find(own.Task).Spec.Answer, new RandomStream(own.Seed));
        double[] numbers =
            [.. axes.Select(axis => Math.Round(axis.Min + ((axis.Max - axis.Min) * random.NextFloat())))];
        return AnswerText.Write(Answer.Of(numbers), axes);
    }
}
