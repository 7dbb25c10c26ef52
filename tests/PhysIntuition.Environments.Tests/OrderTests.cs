using PhysIntuition.Environments.Options;
using PhysIntuition.Environments.Players;
using PhysIntuition.Environments.Tasks;
using PhysIntuition.Simulation;

namespace PhysIntuition.Environments.Tests;

/// <summary>Who knows more plays better: expert, then heuristic, then chance, each by more than luck.</summary>
public sealed class OrderTests
{
    private const int Episodes = 100;
    private const double Sigmas = 3;   // of the mean of paired differences; the seeds are fixed

    public static TheoryData<string> Tasks => Given.Tasks;

    [Theory]
    [MemberData(nameof(Tasks))]
    public void Play_ExpertHeuristicAndRandom_ComeInThisOrder(string id)
    {
        var task = TaskCatalog.Find(id);
        var match = new Match(task, new SplitChoice(Split.Val, null), Given.Simulator, Given.Renderer);
        var heuristic = Given.HeuristicOf(task);
        double[] expert = match.Play(ScriptedPlayers.Expert, 0, Episodes)!,
            guesses = match.Play(heuristic, 0, Episodes)!,
            random = match.Play(ScriptedPlayers.Random, 0, Episodes)!;

        // The expert knows the outcome: no episode has a better answer, but for what rounding to hundredths costs.
        Assert.All(expert.Zip(guesses.Zip(random, Math.Max)), pair => Assert.True(pair.First >= pair.Second - 0.02));
        Assert.True(Lower(guesses, random) > 0, $"{guesses.Average()} against {random.Average()}");
        Assert.True(Lower(expert, random) > 0, $"{expert.Average()} against {random.Average()}");
        Assert.InRange(expert.Average(), task.Spec.Anchors.Perfect - 0.01, task.Spec.Anchors.Perfect);
    }

    [Theory]
    [MemberData(nameof(Tasks))]
    public void Play_Random_IsAtTheStatedAnchor(string id)
    {
        const int many = 200;
        var task = TaskCatalog.Find(id);
        var match = new Match(task, new SplitChoice(Split.Train, null), Given.Simulator, Given.Renderer);

        var returns = match.Play(ScriptedPlayers.Random, 0, many)!;

        var error = Sigmas * Deviation(returns) / Math.Sqrt(many);
        var slack = 0.05 * (task.Spec.Anchors.Perfect - task.Spec.Anchors.Random);   // anchors are rounded
        Assert.InRange(returns.Average(), task.Spec.Anchors.Random - error - slack,
            task.Spec.Anchors.Random + error + slack);
    }

    [Theory]
    [MemberData(nameof(Tasks))]
    public void Answer_EveryPlayer_IsLegalOrNone(string id)
    {
        var task = TaskCatalog.Find(id);
        var batch = Given.Batch(id, 8);
        batch.Reset(0);
        foreach (var player in ScriptedPlayers.All.Where(player => !player.NeedsPicture))
        {
            for (var slot = 0; slot < 8; slot++)
            {
                var answer = player.Answer(task, batch.EpisodeFor(slot), null, new RandomStream((ulong)slot));
                Assert.True(answer.Count == task.Spec.Answer.Count || (answer.Count == 0 && task is IPictureTask));
                for (var k = 0; k < answer.Count; k++)
                {
                    var axis = task.Spec.Answer[k];
                    Assert.InRange(answer[k], axis.Min, axis.Max);
                    Assert.True(!axis.IsInteger || answer[k] == Math.Floor(answer[k]));
                }
            }
        }
    }

    [Fact]
    public void Play_TwoChunksOrOne_GivesTheSameReturns()
    {
        var match = new Match(new PushRest(), new SplitChoice(Split.Test, null), Given.Simulator, renderer: null);

        var whole = match.Play(ScriptedPlayers.Geometric, 10, 300)!;

        Assert.Equal(whole[256..], match.Play(ScriptedPlayers.Geometric, 266, 44)!);
        Assert.Null(match.Play(ScriptedPlayers.Vision, 0, 1));   // has nothing to see with
    }

    [Fact]
    public void RandomPlayer_ManyAnswers_ReachBothEndsOfEveryAxis()
    {
        var (player, seen) = (ScriptedPlayers.Random, new HashSet<double>());
        for (var i = 0UL; i < 200; i++)
        {
            seen.Add(player.Answer(new SslJigsaw(), new(), null, new RandomStream(i))[3]);
        }

        Assert.Equal([1, 2, 3, 4], seen.Order());
    }

    // The lower end of an interval of the mean of one's returns over the other's, episode by episode.
    private static double Lower(double[] one, double[] other)
    {
        double[] differences = [.. one.Zip(other, (a, b) => a - b)];

        return differences.Average() - (Sigmas * Deviation(differences) / Math.Sqrt(differences.Length));
    }

    private static double Deviation(double[] values)
    {
        var mean = values.Average();

        return Math.Sqrt(values.Sum(value => (value - mean) * (value - mean)) / (values.Length - 1));
    }
}
