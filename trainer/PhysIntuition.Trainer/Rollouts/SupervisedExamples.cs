using PhysIntuition.Vlm.Tokenization;

namespace PhysIntuition.Trainer.Rollouts;

/// <summary>The expert's play as prompts and answers to imitate, one for each turn.</summary>
/// <param name="Prompts">The conversations so far.</param>
/// <param name="Answers">The expert's tokens, end token included.</param>
internal sealed record SupervisedExamples(EncodedChat[] Prompts, int[][] Answers)
{
    /// <summary>Plays every scene as the expert does.</summary>
    public static SupervisedExamples Of(Policy policy, Episodes episodes)
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
                prompts.Add(policy.Prompt(questions[i], before[rows[i]]));
                answers.Add(policy.Answer(questions[i].Expert));
                before[rows[i]].Add(questions[i].WithExpert);
            }
        }
    }
}
