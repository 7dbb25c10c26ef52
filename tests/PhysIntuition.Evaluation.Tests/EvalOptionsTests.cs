using System.Text.Json.Nodes;

namespace PhysIntuition.Evaluation.Tests;

/// <summary>Options of eval at their ends: what is taken, what is refused and how.</summary>
public sealed class EvalOptionsTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData("--questions", "0", " in [1, 1000000]")]
    [InlineData("--questions", "1000001", " in [1, 1000000]")]
    [InlineData("--repeats", "0", " in [1, 1000]")]
    [InlineData("--repeats", "1001", " in [1, 1000]")]
    [InlineData("--examples", "65", " in [0, 64]")]
    [InlineData("--history", "-1", " in [0, 2147483647]")]
    [InlineData("--picture-size", "15", " in [16, 1024]")]
    [InlineData("--picture-size", "1025", " in [16, 1024]")]
    [InlineData("--temperature", "2.1", " in [0, 2]")]
    [InlineData("--temperature", "NaN", "--temperature")]
    [InlineData("--top-p", "1.01", " in [0, 1]")]
    [InlineData("--min-p", "-0.1", " in [0, 1]")]
    [InlineData("--max-tokens", "0", " in [1, 1000000]")]
    [InlineData("--seed", "-2", " in [-1, 2147483647]")]
    [InlineData("--concurrency", "0", " in [1, 4096]")]
    [InlineData("--concurrency", "4097", " in [1, 4096]")]
    [InlineData("--retries", "0", " in [1, 100]")]
    [InlineData("--timeout", "0.5", " in [1, 3600]")]
    [InlineData("--films", "-1", " in [0, 1000000]")]
    [InlineData("--limit-cost", "-1", " in [0, 1000000]")]
    [InlineData("--questions", "many", "--questions")]
    [InlineData("--split", "tset", "Did you mean 'test'?")]
    [InlineData("--reasoning-effort", "hihg", "Did you mean 'high'?")]
    [InlineData("--extra-body", "{", "it must be a JSON object")]
    [InlineData("--task-options", """{"dificulty": "hard"}""", "'dificulty'")]
    [InlineData("--server", "localhost", "is no address")]
    public void Eval_ValueOutsideItsRule_IsRefusedWithTheRule(string option, string value, string says)
    {
        var (status, said) = Run(option, value, "--out", _folder.At("run"));

        Assert.Equal(2, status);
        Assert.Contains(says, said);
    }

    [Theory]
    [InlineData("--questions", "1")]
    [InlineData("--questions", "1000000")]
    [InlineData("--repeats", "1000")]
    [InlineData("--examples", "64")]
    [InlineData("--picture-size", "16")]
    [InlineData("--picture-size", "1024")]
    [InlineData("--temperature", "2")]
    [InlineData("--top-p", "1")]
    [InlineData("--seed", "-1")]
    [InlineData("--concurrency", "4096")]
    [InlineData("--timeout", "3600")]
    [InlineData("--films", "0")]
    public void Eval_ValueAtAnEnd_IsTaken(string option, string value) =>
        Assert.Equal(0, Run(option, value, "--dry-run").Status);

    [Fact]
    public void Eval_DryRun_CountsAndLeavesNothing()
    {
        var (status, said) = Run(
            "--task", "OffsetX-v1", "--examples", "0", "3", "--repeats", "2", "--questions", "50", "--suite",
            "tall-v1", "--out", _folder.At("run"), "--dry-run");

        Assert.Equal(0, status);
        Assert.Contains("8 cells, 800 scenes; at least 800 requests", said);   // 2 tasks, 2 splits, 2 examples
        Assert.Contains("4 picture(s) of 224 x 224 pixels and at most 4096 tokens", said);
        Assert.False(Directory.Exists(_folder.At("run")));
    }

    [Fact]
    public void Eval_WithoutAFolder_AsksForOne()
    {
        var (status, said) = Run();

        Assert.Equal(2, status);
        Assert.Contains("'--out' is missing", said);
    }

    [Fact]
    public void Eval_UnknownTaskAndOption_HaveTheNearName()
    {
        Assert.Contains("Did you mean 'OffsetX-v1'?", Run("--task", "OfsetX-v1", "--dry-run").Said);
        Assert.Contains("'--qestions' is no option of ./physintuition eval. Did you mean '--questions'?",
            Run("--qestions", "3", "--dry-run").Said);
    }

    [Fact]
    public void Eval_FolderOfWeights_IsLeftToTheProgramThatOpensThem()
    {
        using var said = new StringWriter();

        var status = EvaluationCommands.Run(EvaluationCommands.Create(),
            ["eval", "--model", _folder.Root, "--task", "Stability-v1", "--out", _folder.At("run")], said);

        Assert.Equal(2, status);
        Assert.Contains("which the trainer's program opens", said.ToString());
    }

    [Fact]
    public void Eval_ResolvedOptions_AreWrittenDown()
    {
        Assert.Equal(0, Run("--questions", "1", "--picture-size", "32", "--temperature", "0.5", "--seed", "9",
            "--reasoning-effort", "low", "--min-p", "0.25", "--stop", "END", "--out", _folder.At("run")).Status);

        var plan = JsonNode.Parse(File.ReadAllText(_folder.At("run/run.json")))!["plan"]!;
        Assert.Equal((1, 32), ((int)plan["questions"]!, (int)plan["picture_size"]!));
        var generation = plan["generation"]!;
        Assert.Equal((0.5, 9L), ((double)generation["temperature"]!, (long)generation["seed"]!));
        Assert.Equal("low", (string)generation["extra_body"]!["reasoning_effort"]!);
        Assert.Equal(0.25, (double)generation["extra_body"]!["min_p"]!);
        Assert.Equal("END", (string)generation["stop"]![0]!);
    }

    [Fact]
    public void Rescore_FolderOfSomethingElse_IsRefused()
    {
        using var said = new StringWriter();

        var status = EvaluationCommands.Run(
            EvaluationCommands.Create(), ["eval", "rescore", _folder.Root], said);

        Assert.Equal(2, status);
        Assert.Contains("it holds no run.json. Name a folder that eval wrote.", said.ToString());
    }

    private static (int Status, string Said) Run(params string[] more)
    {
        using var said = new StringWriter();
        var status = EvaluationCommands.Run(EvaluationCommands.Create(),
            ["eval", "--model", "player:expert", "--task", "Stability-v1", .. more], said);
        return (status, said.ToString());
    }
}
