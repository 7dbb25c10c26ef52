using System.CommandLine;
using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using PhysIntuition.Faults;
using PhysIntuition.Server.Commands;

namespace PhysIntuition.Server.Tests;

/// <summary>Whatever is written on the command line ends in results or in a sentence, never in a stack trace.</summary>
public sealed class CommandLineTests : IDisposable
{
    private static readonly string[] s_nonsense =
        ["", "nonsense", "-1", "0,7", "NaN", "1e999", "99999999999999999999", "\u0001\uFFFD", "../..", "a=b=c"];

    private readonly string _folder = Directory.CreateTempSubdirectory("physintuition-commands").FullName;

    /// <summary>Each command, written so that it would be carried out.</summary>
    public static TheoryData<string> Commands { get; } =
    [
        "serve --port 0 --http-port 0 --log None --set Leaderboard:Folder=FOLDER",
        "tokens create somebody --file FOLDER/tokens.json",
        "tokens list --file FOLDER/tokens.json",
        "tokens revoke 12345678 --file FOLDER/tokens.json",
        "tasks Stability-v1",
        "export Stability-v1 FOLDER/export --items 1",
        "film Stability-v1 FOLDER/film.png --seconds 0.1 --size 16 --fps 10",
        "leaderboard open FOLDER/run.json --method m --task Stability-v1 --server http://127.0.0.1:9",
        "leaderboard resume FOLDER/run.json",
        "leaderboard close FOLDER/run.json",
        "leaderboard list --folder FOLDER",
        "leaderboard compare one two --task Stability-v1 --folder FOLDER",
        "leaderboard baselines --scenes 1 --task Stability-v1 --folder FOLDER",
        "leaderboard verify FOLDER/result.json",
        "leaderboard export FOLDER/archive.json --folder FOLDER",
        "leaderboard import FOLDER/archive.json --folder FOLDER",
        "leaderboard seasons --folder FOLDER",
        "leaderboard close-season season-1 --folder FOLDER",
        "leaderboard backup FOLDER/copy.db --folder FOLDER",
    ];

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public void Commands_OfTheProgram_AreAllTried()
    {
        var tried = Commands.Select(row => Parse(row.Data)).Select(parsed => parsed.CommandResult.Command.Name);

        Assert.Equal(Leaves(CommandLine.Create()).Order(StringComparer.Ordinal), tried.Order(StringComparer.Ordinal));
    }

    [Theory]
    [MemberData(nameof(Commands))]
    public async Task Option_WithNonsense_IsRefusedInASentence(string line)
    {
        await File.WriteAllTextAsync(Path.Combine(_folder, "file"), "nonsense");
        string[] values = [.. s_nonsense, Path.Combine(_folder, "none/none"), Path.Combine(_folder, "file"), _folder];
        foreach (var option in Parse(line).CommandResult.Command.Options)
        {
            foreach (var value in values)
            {
                await RunAsync([.. Words(line), option.Name, value]);
            }

            await RunAsync([.. Words(line), option.Name]);
        }
    }

    [Theory]
    [MemberData(nameof(Commands))]
    public async Task Argument_WithNonsense_IsRefusedInASentence(string line)
    {
        var words = Words(line);
        var first = 1 + Array.FindIndex(words, word => word == Parse(line).CommandResult.Command.Name);
        var count = words.Skip(first).TakeWhile(word => !word.StartsWith("--", StringComparison.Ordinal)).Count();
        for (var i = first; i < first + count; i++)
        {
            foreach (var value in s_nonsense)
            {
                await RunAsync([.. words[..i], value, .. words[(i + 1)..]]);
            }
        }

        var (code, _) = await RunAsync([.. words, "nonsense", "--nonsense"]);
        Assert.NotEqual(ExitCodes.Done, code);
    }

    [Theory]
    [InlineData("film Stability-v1 FOLDER/f.png --seconds 0,7", "'--seconds' is 0,7; it must be a number with")]
    [InlineData("export Stability-v1 FOLDER/e --items 0", "'--items' is 0; it must be a whole number in [1, ")]
    [InlineData("tokens create x --rate 0,5 --file FOLDER/t.json", "'--rate' is 0,5; it must be a number with a")]
    [InlineData("leaderboard baselines --scenes 0 --folder FOLDER", "'--scenes' is 0; it must be a whole number in ")]
    [InlineData("tasks --check --episodes 3", "'--episodes' is 3; it must be a whole number in [50, 100000].")]
    public async Task Number_OutsideItsRule_IsRefusedBeforeAnything(string line, string reason)
    {
        var (code, said) = await RunAsync(Words(line));

        Assert.Equal(ExitCodes.WrongUsage, code);
        Assert.StartsWith(reason, said, StringComparison.Ordinal);
        Assert.Empty(Directory.GetFileSystemEntries(_folder));
    }

    [Theory]
    [InlineData("{\"Limits\": {\"MaxSessions\": 1}}", "which has no section \"PhysIntuition\". Put its settings there")]
    [InlineData("{}", "which has no section")]
    [InlineData("{\"PhysIntuition\"", "which cannot be read: ")]
    [InlineData("{\"PhysIntuition\": {\"Limits\": {\"MaxSession\": 1}}}", "MaxSession is no setting")]
    public async Task Serve_WithAConfigFileThatSaysNothing_IsRefused(string json, string reason)
    {
        var file = Path.Combine(_folder, "settings.json");
        await File.WriteAllTextAsync(file, json);
        var (code, said) = await RunAsync(["serve", "--port", "0", "--http-port", "0", "--config", file]);

        Assert.Equal(ExitCodes.WrongUsage, code);
        Assert.Contains(reason, said, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("--port")]
    [InlineData("--http-port")]
    public async Task Serve_OnAPortThatIsTaken_SaysSoInOneSentence(string option)
    {
        using var other = new TcpListener(IPAddress.Loopback, 0);
        other.Start();
        var port = ((IPEndPoint)other.LocalEndpoint).Port;
        string[] ports = option == "--port" ? ["--http-port", "0"] : ["--port", "0"];

        // As a process, whose log goes to the same place.
        using var server = Start(["serve", option, $"{port}", .. ports, "--log", "Warning"]);
        var said = await server.StandardError.ReadToEndAsync().WaitAsync(RunningServer.Patience);
        await server.WaitForExitAsync().WaitAsync(RunningServer.Patience);

        Assert.Equal(ExitCodes.Failed, server.ExitCode);
        Assert.StartsWith($"Failed to bind to address http://127.0.0.1:{port}: address already in use. Another program",
            said, StringComparison.Ordinal);
        Assert.Single(said.Trim().Split('\n'));
    }

    [Fact]
    public async Task Export_ToldToStop_SaysWhereItGoesOn()
    {
        var folder = Path.Combine(_folder, "export");
        using var export = Start(["export", "Stability-v1", folder, "--items", "1000000"]);
        var buffer = new char[1];
        await export.StandardError.ReadAsync(buffer).AsTask().WaitAsync(RunningServer.Patience); // The first progress.
        using var kill = Process.Start("kill", ["-INT", $"{export.Id}"]);
        var said = await export.StandardError.ReadToEndAsync().WaitAsync(RunningServer.Patience);
        await export.WaitForExitAsync().WaitAsync(RunningServer.Patience);

        Assert.Equal(ExitCodes.Failed, export.ExitCode);
        Assert.EndsWith($"\nStopped. What is in {folder} stays; the same command goes on from there.\n", said,
            StringComparison.Ordinal);
    }

    [Fact]
    public async Task Leaderboard_InAFolderThatCannotBe_IsRefusedWithTheSetting()
    {
        var file = Path.Combine(_folder, "file");
        await File.WriteAllTextAsync(file, "");
        var (code, said) = await RunAsync(
            ["leaderboard", "baselines", "--scenes", "1", "--folder", Path.Combine(file, "board")]);

        Assert.Equal(ExitCodes.Failed, code);
        Assert.StartsWith($"The leaderboard's folder is {file}/board, which cannot be used: ", said,
            StringComparison.Ordinal);
        Assert.Contains("Leaderboard:Folder, or with --folder.", said, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Defaults_OfWhatIsWritten_AreTheUsersFolders()
    {
        var here = Directory.CreateDirectory(Path.Combine(_folder, "here")).FullName;
        using var create = Start(["tokens", "create", "somebody"], here, ("XDG_CONFIG_HOME", _folder));
        await create.WaitForExitAsync().WaitAsync(RunningServer.Patience);
        using var play = Start(
            ["leaderboard", "baselines", "--scenes", "1", "--task", "Stability-v1"], here, ("XDG_DATA_HOME", _folder));
        await play.WaitForExitAsync().WaitAsync(RunningServer.Patience);

        Assert.Empty(Directory.GetFileSystemEntries(here));
        Assert.True(File.Exists(Path.Combine(_folder, "physintuition/tokens.json")));
        Assert.True(File.Exists(Path.Combine(_folder, "physintuition/leaderboard.db")));
    }

    private async Task<(int Code, string Said)> RunAsync(string[] words)
    {
        using var stop = new CancellationTokenSource(RunningServer.Patience);
        await using var output = new StopWhenListening(stop);
        await using var said = new StringWriter();
        var code = await CommandLine.RunAsync(words, output, said, stop.Token).WaitAsync(RunningServer.Patience * 2);

        var text = said.ToString();
        var told = $"{string.Join(' ', words)}: {code}, {text}";
        Assert.True(code is ExitCodes.Done or ExitCodes.Failed or ExitCodes.WrongUsage, told);
        Assert.True(code == ExitCodes.Done || text.Length > 0, told);
        Assert.DoesNotContain("   at ", text, StringComparison.Ordinal);
        Assert.False(text.Contains("fault of the program", StringComparison.Ordinal), told);
        Assert.True(text.Split('\n').Max(line => line.Length) < 1000, told);
        return (code, text);
    }

    private string[] Words(string line) => [.. line.Split(' ').Select(
        word => word.Replace("FOLDER", _folder, StringComparison.Ordinal))];

    private static ParseResult Parse(string line) => CommandLine.Create().Parse(line.Split(' '));

    private static IEnumerable<string> Leaves(Command command) => command.Subcommands.Count == 0
        ? [command.Name]
        : command.Subcommands.SelectMany(Leaves);

    private static Process Start(
        string[] words, string? folder = null, params (string Name, string Value)[] variables)
    {
        var program = Path.Combine(AppContext.BaseDirectory, "PhysIntuition.Server.dll");
        // It hears SIGINT even where the tests run in the background.
        var start = new ProcessStartInfo("env", ["--default-signal=INT", "dotnet", program, .. words])
        {
            RedirectStandardError = true,
            RedirectStandardOutput = true,
            WorkingDirectory = folder ?? "",
        };
        foreach (var (name, value) in variables)
        {
            start.Environment[name] = value;
        }

        return Process.Start(start)!;
    }

    // A server that starts in spite of the nonsense is stopped at once.
    private sealed class StopWhenListening(CancellationTokenSource stop) : StringWriter
    {
        public override void WriteLine(string? value)
        {
            base.WriteLine(value);
            if (value?.StartsWith("PhysIntuition listens", StringComparison.Ordinal) == true)
            {
                stop.Cancel();
            }
        }
    }
}
