using PhysIntuition.Evaluation;
namespace PhysIntuition.Trainer.Rollouts;

public sealed class QuestionSourceTests : IDisposable
{
    private readonly EnvironmentClients _clients = EnvironmentClients.Open("");

    public void Dispose() => _clients.Dispose();

    [Fact]
    public void Ask_SameSeeds_GivesTheSameQuestionsInAnyBatch()
    {
        using var first = Open("Stability-v1");
        using var second = Open("Stability-v1");

        var all = first.Ask(100, 6).Questions;
        var part = second.Ask(103, 2).Questions;

        static (ulong, string, string) Words(Question question) => (question.Seed, question.Prompt, question.Expert);
        Assert.Equal(all.Skip(3).Take(2).Select(Words), part.Select(Words));
        Assert.Equal(all[4].Picture.Pixels, part[1].Picture.Pixels);
        Assert.NotEqual(all[0].Picture.Pixels, all[1].Picture.Pixels);
    }

    [Fact]
    public async Task Answer_ExpertAndOthers_ScoresEachByItselfAndAnyTime()
    {
        using var source = Open("Stability-v1");
        var episodes = source.Ask(0, 4);
        source.Ask(50, 4);   // the scenes asked about first stay answerable

        var scores = (await episodes.AnswerAsync([.. episodes.Questions.Select(q => new[]
        {
            q.Expert, "no idea", q.Expert.Contains("yes") ? "<answer>no</answer>" : "<answer>yes</answer>",
        })])).Scores;

        Score[] expected = [new(1, true), new(-1, false), new(0, true)];
        Assert.All(scores.Chunk(3), row => Assert.Equal(expected, row));
        var again = await episodes.AnswerAsync([.. episodes.Questions.Select(q => new[] { q.Expert })]);
        Assert.All(again.Scores, score => Assert.Equal(expected[0], score));
    }

    [Fact]
    public async Task Answer_TaskOfSeveralTurns_AsksAgainWithTheAnswerBefore()
    {
        using var source = Open("OffsetRetry-v1");
        var episodes = source.Ask(3, 2);

        var first = await episodes.AnswerAsync([["<answer>0, 0</answer>", "nonsense"], ["<answer>1, 1</answer>", "?"]]);
        var second = await first.AnswerAsync([.. first.Next.Select(question => question.Expert)]);
        var third = await second.AnswerAsync([.. second.Next.Select(question => question.Expert)]);

        Assert.False(episodes.HaveOneTurn);
        Assert.Equal([true, false, true, false], first.Scores.Select(score => score.IsReadable));
        Assert.Equal([0, 1, 2, 3], first.Follows);
        Assert.Contains("Attempt 1 of 3 was (0, 0)", first.Next[0].Prompt);
        Assert.Contains("unreadable", first.Next[1].Prompt);
        Assert.Empty(third.Next);

        // An episode's rewards add up to the last attempt's score: 10 for the expert, less the width of rounding.
        for (var row = 0; row < 4; row++)
        {
            var sum = first.Scores[row].Reward + second.Scores[row].Reward + third.Scores[row].Reward;
            Assert.Equal(10, sum, 0.05);
        }
    }

    [Fact]
    public async Task Answer_EpisodesOfDifferentLengths_GoOnEachToItsOwnEnd()
    {
        using var source = Open("Jenga-v1");
        var episodes = source.Ask(3, 4);
        string[] experts = [.. episodes.Questions.Select(question => question.Expert)];

        var turn = await episodes.AnswerAsync(
            [[experts[0], "?"], [experts[1], "<answer>stop</answer>"], [experts[2], "?"], [experts[3], "?"]]);

        double[] sums = [.. turn.Scores.Select(score => score.Reward)];
        var (rows, turns) = (turn.Follows, new List<int> { sums.Length });
        Assert.Equal([0, 2, 4, 6], rows);
        while (turn.Next.Count > 0)
        {
            turn = await turn.AnswerAsync([.. turn.Next.Select(question => question.Expert)]);
            turns.Add(turn.Scores.Count);
            for (var i = 0; i < rows.Count; i++)
            {
                sums[rows[i]] += turn.Scores[i].Reward;
            }

            rows = [.. turn.Follows.Select(i => rows[i])];
        }

        Assert.Equal([1, -1, 1, 0, 1, -1, 1, -1], sums.Select(sum => Math.Round(sum, 5)));
        Assert.True(turns.Distinct().Count() >= 3, string.Join(' ', turns));   // some ended before others
    }

    [Fact]
    public void Ask_Suite_ChangesTheScenesOfTheSameSeeds()
    {
        using var usual = Open("Stability-v1");
        using var tall = new QuestionSource(_clients, "Stability-v1", "", "test/tall-v1", 32);

        var facts = tall.Facts(0, 8);

        Assert.All(facts, scene => Assert.InRange(scene.Blocks, 6, 10));
        Assert.All(usual.Facts(0, 8), scene => Assert.InRange(scene.Blocks, 2, 5));
        Assert.All(facts, scene => Assert.NotEqual(0, scene.Margin));
    }

    [Fact]
    public void Facts_TaskThatAsksForANumber_HoldTheExpertsNumber()
    {
        using var source = Open("OffsetX-v1");

        var facts = source.Facts(5, 3);

        Assert.Equal(source.Ask(5, 3).Questions.Select(question => question.Expert),
            facts.Select(scene => $"<answer>{scene.Offset}</answer>"));
    }

    [Theory]
    [InlineData("localhost:50051")]
    [InlineData("http://a,nowhere")]
    public void Open_WrongAddress_SaysHowToWriteIt(string servers) => Assert.Contains("http://HOST:PORT",
        Assert.Throws<ArgumentException>(() => EnvironmentClients.Open(servers)).Message);

    private QuestionSource Open(string task) => new(_clients, task, "", "train", pictureSize: 32);
}
