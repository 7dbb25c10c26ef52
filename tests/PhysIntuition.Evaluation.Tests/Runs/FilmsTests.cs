using System.Text.Json;
using PhysIntuition.Evaluation.Runs;

namespace PhysIntuition.Evaluation.Tests.Runs;

/// <summary>What physics did, for the page of a run.</summary>
public sealed class FilmsTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Eval_WithFilms_DrawsThoseOfTheFirstScenesAndSharesEqualAnswers()
    {
        Run("eval", "--model", "a=player:constant", "b=player:constant", "--task", "Stability-v1", "OffsetRetry-v1",
            "--questions", "3", "--films", "2", "--picture-size", "32", "--out", _folder.At("run"));

        var samples = RunFolder.Read(_folder.At("run"));
        Assert.All(samples, sample => Assert.Equal(sample.Key.Seed < 2, sample.Film is not null));
        Assert.All(samples.Where(sample => sample.Film is not null)
            .GroupBy(sample => (sample.Key.Task, sample.Key.Seed)), scene => Assert.Single(
                scene.Select(sample => sample.Film).Distinct()));
        var film = File.ReadAllBytes(_folder.At(Path.Combine("run", samples[0].Film!)));
        Assert.Contains("acTL", System.Text.Encoding.Latin1.GetString(film));   // PNG's animation control
        Assert.Contains(samples[0].Film!, File.ReadAllText(_folder.At("run/index.html")));
    }

    [Fact]
    public void Eval_TaskOfSeveralAttempts_AsksAgainWithANewPictureAndFilmsTheLastAnswer()
    {
        Run("eval", "--model", "player:random", "--task", "OffsetX-v1", "--task-options", """{"attempts": 3}""",
            "--questions", "6", "--picture-size", "32", "--out", _folder.At("run"));

        var samples = RunFolder.Read(_folder.At("run"));
        Assert.Contains(samples, sample =>
            sample.Exchanges.Select(exchange => exchange.Picture).Distinct().Count() == 3);
        Assert.All(samples, sample => Assert.NotNull(sample.Film));
    }

    [Fact]
    public void Rescore_WithMoreFilms_DrawsWhatIsMissingAlone()
    {
        Run("eval", "--model", "player:random", "--task", "Stability-v1", "--questions", "3", "--films", "1",
            "--picture-size", "32", "--out", _folder.At("run"));
        var first = RunFolder.Read(_folder.At("run"))[0].Film!;
        File.WriteAllText(_folder.At(Path.Combine("run", first)), "kept");

        Run("eval", "rescore", _folder.At("run"), "--films", "3");

        Assert.Equal(3, RunFolder.Read(_folder.At("run")).Count(sample => sample.Film is not null));
        Assert.Equal("kept", File.ReadAllText(_folder.At(Path.Combine("run", first))));
    }

    [Fact]
    public void Rescore_OfAnswersThatEarnSomethingElse_ForgetsTheirFilms()
    {
        Run("eval", "--model", "player:expert", "--task", "Stability-v1", "--questions", "2", "--picture-size", "32",
            "--out", _folder.At("run"));
        var samples = RunFolder.Read(_folder.At("run"));
        RunFolder.WriteSamples(_folder.At("run"), samples.Select(sample => sample with { Reward = 0.25 }));

        Run("eval", "rescore", _folder.At("run"), "--films", "0");

        Assert.All(RunFolder.Read(_folder.At("run")), sample => Assert.Null(sample.Film));
    }

    [Fact]
    public void Eval_PicturesPutTogetherFromOthers_HaveNoFilm()
    {
        Run("eval", "--model", "player:random", "--task", "SslJigsaw-v1", "--questions", "1",
            "--out", _folder.At("run"));

        Assert.Null(Assert.Single(RunFolder.Read(_folder.At("run"))).Film);
    }

    [Fact]
    public void Page_AnswerThatEndsAScript_StaysText()
    {
        const string evil = "</script><script>alert(1)</script>";
        var sample = new EvaluationSample
        {
            Key = new SampleKey("m", "Stability-v1", "test", 0, 3, 0), Outcome = SampleOutcome.Unreadable,
            Exchanges = [new ConversationTurn { Prompt = "Will it fall?", Picture = "pictures/a.png", Answer = evil }],
            Film = "pictures/film.png",
        };

        var page = Viewer.Page([], [sample]);

        Assert.Single(page.Split("</script>")[1..]);   // the page's own
        var data = page[(page.IndexOf("const data = ", StringComparison.Ordinal) + 13)..];
        using var read = JsonDocument.Parse(data[..data.IndexOf(";\nconst outcomes", StringComparison.Ordinal)]);
        var shown = read.RootElement.GetProperty("samples")[0];
        Assert.Equal(evil, shown.GetProperty("exchanges")[0].GetProperty("answer").GetString());
        Assert.Equal("pictures/film.png", shown.GetProperty("film").GetString());
        Assert.Equal("unreadable", shown.GetProperty("outcome").GetString());
    }

    private static void Run(params string[] arguments) =>
        Assert.Equal(0, EvaluationCommands.Run(EvaluationCommands.Create(), arguments));
}
