using System.CommandLine;
using PhysIntuition.Vlm;

namespace PhysIntuition.Trainer;

public sealed class CommandLineTests : IDisposable
{
    private static readonly string[] s_nonsense = ["0,7", "-1", "nonsense", "", "\u0001", "{]", "1e999"];

    private readonly TemporaryFolder _folder = new();

    public CommandLineTests() => NativeTorch.Require();

    public void Dispose() => _folder.Dispose();

    public static TheoryData<string> Commands => [.. Walk(TrainerCommands.Create(), "").Select(item => item.Path)];

    [Theory]
    [MemberData(nameof(Commands))]
    public void Run_NonsenseForEachOption_IsRefusedInASentence(string path)
    {
        var command = Walk(TrainerCommands.Create(), "").Single(item => item.Path == path).Command;
        foreach (var option in command.Options.Where(option => option.ValueType != typeof(bool)))
        {
            foreach (var nonsense in s_nonsense)
            {
                string[] arguments = [.. path.Split(' '), .. Needed(command, option), $"{option.Name}={nonsense}"];
                var (status, said) = Run(arguments);

                var line = string.Join(' ', arguments);
                Assert.True(status is 1 or 2, $"{line} ended with {status}");
                Assert.False(said.Contains("   at ", StringComparison.Ordinal), $"{line} said: {said}");
                Assert.False(said.Contains("fault of the program", StringComparison.Ordinal), $"{line} said: {said}");
                Assert.False(string.IsNullOrWhiteSpace(said), $"{line} said nothing");
            }
        }
    }

    [Theory]
    [InlineData("--temperature", "0,7", "is 0,7; it must be a number with a decimal point, in [0, 2].")]
    [InlineData("--questions", "0", "'--questions' is 0; it must be a whole number in [1, 1000000].")]
    [InlineData("--adapt=5 --json", "nodir/x.json", "'--json' is nodir/x.json; there is no folder ")]
    [InlineData("--adapt=5 --leaderboard", "http://127.0.0.1:1", "'--adapt' learns from solved scenes")]
    [InlineData("--json", "x.json", "'--json' goes with --adapt; without it the table is in --out")]
    [InlineData("--extra-body", """{"min_pp":0.1}""", "'--extra-body' is 'min_pp', which is unknown. Did you mean")]
    [InlineData("--split", "tset", "'--split' is 'tset', which is unknown. Did you mean 'test'?")]
    [InlineData("--suite", "tal-v1", "'--suite' is 'tal-v1', which is unknown. Did you mean 'tall-v1'?")]
    [InlineData("--task", "Stabilty-v1", "Did you mean 'Stability-v1'?")]
    public void Eval_ValueThatCannotBe_IsRefusedBeforeAnythingIsAsked(string option, string value, string says)
    {
        File.WriteAllText(_folder.At("config.json"), "{}");
        string[] task = option == "--task" ? [] : ["--task", "Stability-v1"];

        var (status, said) = Run(
        [
            "eval", "--model", _folder.Root, "--out", _folder.At("run"), .. task, .. option.Split(' '), value,
        ]);

        Assert.Equal(2, status);
        Assert.Contains(says, said);
    }

    [Fact]
    public void Eval_SecondModelThatIsMissing_IsRefusedBeforeTheFirstIsAsked()
    {
        File.WriteAllText(_folder.At("config.json"), "{}");

        var (status, said) = Run(
        [
            "eval", "--task", "Stability-v1", "--out", _folder.At("run"), "--model", _folder.Root,
            "--model", _folder.At("nomodel"),
        ]);

        Assert.Equal(2, status);
        Assert.Contains("nomodel; there is no such folder.", said);
    }

    [Theory]
    [InlineData("lr=3e-4/final", "lr=3e-4/final")]
    [InlineData("./lr=3e-4/final", "lr=3e-4/final")]
    [InlineData("mine=lr=3e-4/final", "mine")]
    public void Model_FolderWithAnEqualsSign_IsAFolder(string text, string name)
    {
        Directory.CreateDirectory(_folder.At("lr=3e-4/final"));
        File.WriteAllText(_folder.At("lr=3e-4/final/config.json"), "{}");
        var absolute = text.Contains("mine", StringComparison.Ordinal)
            ? $"mine={_folder.At("lr=3e-4/final")}"
            : Path.Combine(_folder.Root, text);

        Assert.Equal(name, FolderEvalCommand.Model(absolute).Name);
    }

    [Fact]
    public void Csv_NameWithCommaAndQuote_IsQuoted()
    {
        var cell = new Cell("a,\"b\"", "Stability-v1", "test", 0, 0, 0, 0, new EvaluationResult(1, 0, 0, 0, 1, 1));

        Assert.StartsWith("\"a,\"\"b\"\"\",Stability-v1,test,", cell.Csv);
    }

    private static (int Status, string Said) Run(string[] arguments)
    {
        using var said = new StringWriter();
        return (TrainerCommands.Run(arguments, said), said.ToString());
    }

    private static IEnumerable<(string Path, Command Command)> Walk(Command command, string path)
    {
        if (path.Length > 0 && command.Options.Count > 0)
        {
            yield return (path, command);
        }

        foreach (var item in command.Subcommands.SelectMany(inner => Walk(inner, $"{path} {inner.Name}".Trim())))
        {
            yield return item;
        }
    }

    /// <summary>What the command must have; a value that cannot be, so that nothing long begins.</summary>
    private IEnumerable<string> Needed(Command command, Option under)
    {
        var values = new Dictionary<string, string>
        {
            ["--out"] = _folder.At("run"), ["--steps"] = "0", ["--model"] = _folder.At("nomodel"),
            ["--task"] = "Stability-v1", ["--scale"] = "smoke",
        };
        return command.Options.Where(option => option != under && values.ContainsKey(option.Name))
            .SelectMany(option => new[] { option.Name, values[option.Name] });
    }
}
