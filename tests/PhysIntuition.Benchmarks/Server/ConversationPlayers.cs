using System.Diagnostics;
using System.Text;
using System.Text.Json;
using PhysIntuition.TestKit;

namespace PhysIntuition.Benchmarks.Server;

/// <summary>Programs in the other languages of clients/, which carry recorded conversations out in durable sessions.
/// </summary>
/// <param name="address">The balancer, host:port.</param>
/// <param name="tally">Where they count.</param>
/// <param name="progress">Told of every reply.</param>
internal sealed class ConversationPlayers(string address, Tally tally, Progress progress)
{
    private const int LongestComplaint = 1000;

    private static readonly TimeSpan s_think = TimeSpan.FromMilliseconds(50);
    private static readonly string[] s_names = ["same-step", "snapshots", "attempts", "next-step", "options"];

    private readonly (string File, string[] Replies)[] _conversations = [.. s_names.Select(name =>
        (At($"{name}.json"), File.ReadAllLines(At($"{name}.jsonl"))))];

    /// <summary>Those that are built; says why others are left out.</summary>
    public static IReadOnlyList<ConversationDriver> FindAll()
    {
        var drivers = new List<ConversationDriver>();
        foreach (var file in Directory.GetFiles(Repository.At("clients"), "conformance.json", s_oneDeep)
            .Order(StringComparer.Ordinal))
        {
            var language = Path.GetFileName(Path.GetDirectoryName(file)!);
            if (language == "csharp")
            {
                continue;   // DurablePlayers
            }

            var driver = JsonSerializer.Deserialize<ConversationDriver>(
                File.ReadAllBytes(file), JsonSerializerOptions.Web)! with { Language = language };
            if (Array.Find(driver.Needs, need => !File.Exists(Repository.At(need))) is { } missing)
            {
                Console.Error.WriteLine($"Left out {language}: {missing} is missing; {driver.Setup} makes it.");
                continue;
            }

            drivers.Add(driver);
        }

        return drivers;
    }

    /// <summary>Carries out one conversation after another until told to stop.</summary>
    public async Task PlayAsync(int player, ConversationDriver driver, CancellationToken end)
    {
        var name = $"{driver.Language} {player}";
        using var process = Start(driver);
        var complaints = new StringBuilder();
        process.ErrorDataReceived += (_, line) => complaints.AppendLine(line.Data);
        process.BeginErrorReadLine();
        progress.Add(name);
        try
        {
            for (var game = player; !end.IsCancellationRequested; game++)
            {
                await ConverseAsync(name, process, _conversations[game % _conversations.Length]);
                tally.Add("games");
                await Task.Delay(s_think, CancellationToken.None);
            }

            process.StandardInput.Close();
            await process.WaitForExitAsync(CancellationToken.None);
        }
        catch (IOException failure)
        {
            process.Kill(entireProcessTree: true);
            await process.WaitForExitAsync(CancellationToken.None);
            var words = $"{complaints}".Trim();
            tally.Complain("wrong_ends", $"{name}: {failure.Message} " +
                words[Math.Max(0, words.Length - LongestComplaint)..]);
        }

        progress.Remove(name);
    }

    private async Task ConverseAsync(string player, Process process, (string File, string[] Replies) conversation)
    {
        var began = Stopwatch.GetTimestamp();
        await process.StandardInput.WriteLineAsync(conversation.File);
        await process.StandardInput.FlushAsync();
        await ReadAsync(process);   // which conversation it is
        foreach (var expected in conversation.Replies)
        {
            var reply = await ReadAsync(process);
            progress.Replied(player, began);
            tally.Add("replies_checked");
            if (reply != expected)
            {
                var file = Path.GetFileNameWithoutExtension(conversation.File);
                tally.Complain("wrong_replies", $"{player}, {file}: {reply} instead of {expected}");
            }

            began = Stopwatch.GetTimestamp();   // The next call follows at once.
        }
    }

    private static async Task<string> ReadAsync(Process process) =>
        await process.StandardOutput.ReadLineAsync() ?? throw new IOException("The program ended.");

    private Process Start(ConversationDriver driver)
    {
        string[] words =
        [
            .. driver.Command, "--durable", "--address", address, "--http", address, "--control", address,
        ];
        return Process.Start(new ProcessStartInfo(words[0], words[1..])
        {
            WorkingDirectory = Repository.Root,
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        })!;
    }

    private static string At(string file) => Repository.At($"clients/conformance/conversations/{file}");

    private static readonly EnumerationOptions s_oneDeep =
        new() { RecurseSubdirectories = true, MaxRecursionDepth = 1 };
}

/// <summary>How a language's program is started, as its conformance.json tells.</summary>
/// <param name="Command">Its program.</param>
/// <param name="Needs">Files that must be there.</param>
/// <param name="Setup">What makes them.</param>
internal sealed record ConversationDriver(string[] Command, string[] Needs, string Setup)
{
    /// <summary>The folder's name.</summary>
    public string Language { get; init; } = "";
}
