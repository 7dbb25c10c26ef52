using System.Text.Json;
using System.Text.Json.Nodes;
using PhysIntuition.TestKit;

namespace PhysIntuition.Benchmarks.Server;

/// <summary>A command that works for long, and what it must leave however often it was killed.</summary>
internal sealed class LongJob
{
    private const int Scenes = 150;

    private readonly TemporaryFolder _place;
    private readonly Func<string, string[]> _command;
    private readonly string[] _files;
    private readonly string _words;
    private string _whole = "";
    private int _folders;

    private LongJob(
        TemporaryFolder place, string name, bool hasServer, Func<string, string[]> command, string[] files,
        string words = "")
    {
        (_place, Name, HasServer) = (place, name, hasServer);
        (_command, _files, _words) = (command, files, words);
    }

    /// <summary>A word.</summary>
    public string Name { get; }

    /// <summary>Whether it talks to the server.</summary>
    public bool HasServer { get; }

    /// <summary>Of its user.</summary>
    public string Home => _place.At("home");

    /// <summary>Each of them.</summary>
    /// <param name="place">Where they write.</param>
    /// <param name="address">The server's.</param>
    public static IReadOnlyList<LongJob> All(TemporaryFolder place, Uri address)
    {
        var (export, evaluate, train) = (Program("Server"), Program("Evaluation"), Program("Trainer"));
        var answers = place.At("answers.jsonl");
        File.WriteAllLines(answers, Enumerable.Range(0, Scenes).Select(scene =>
            $$"""{"seed": {{scene}}, "answer": "<answer>{{(scene % 3 == 0 ? "no" : "yes")}}</answer>"}"""));
        var (server, options) = ($"http://{address.Authority}", place.At("training.json"));
        File.WriteAllText(options, JsonSerializer.Serialize(new
        {
            steps = 12, batch = 4, microBatch = 2, pictureSize = 32, saveEvery = 2, evaluationQuestions = 2,
            threads = 1, server,
        }));
        return
        [
            new(place, "export", false, folder =>
                [export, "export", "Stability-v1", folder, "--items", "600", "--format", "jsonl"],
                ["data.jsonl", "SHA256SUMS"]),
            new(place, "eval", true, folder =>
            [
                evaluate, "eval", "--model", "player:vision", "--task", "OffsetRetry-v1", "--questions", $"{Scenes}",
                "--picture-size", "64", "--films", "0", "--server", server, "--out", folder, "--resume",
            ], ["table.json"]),
            new(place, "leaderboard", true, folder =>
            [
                evaluate, "eval", "--model", $"mock:{answers}", "--task", "Stability-v1", "--questions", $"{Scenes}",
                "--picture-size", "64", "--leaderboard", server, "--name", Path.GetFileName(folder), "--out", folder,
                "--resume",
            ], [], "0 of them never answered"),
            new(place, "train", true, folder => [train, "train", "sft", "--out", folder, "--options", options],
                ["metrics.jsonl", "final/model.safetensors"]),
        ];
    }

    /// <summary>A folder that it has not begun yet.</summary>
    public string NewFolder() => _place.At($"{Name}-{++_folders}");

    /// <summary>Program and arguments; the same words go on with what lies in the folder.</summary>
    public string[] Command(string folder) => _command(folder);

    /// <summary>Others must be as this one, which was not disturbed.</summary>
    public void KeepAsWhole(string folder) => _whole = folder;

    /// <summary>What is wrong with a folder that it has finished; null: nothing.</summary>
    public string? FaultOf(string folder, string said)
    {
        if (!said.Contains(_words, StringComparison.Ordinal))
        {
            return $"does not say '{_words}': {said}";
        }

        var different = _whole.Length == 0 ? null : Array.Find(_files, file =>
            !Read(Path.Combine(_whole, file)).SequenceEqual(Read(Path.Combine(folder, file))));
        return different is null ? null : $"{different} differs from that of the job that was not disturbed";
    }

    private static byte[] Read(string file)
    {
        if (!file.EndsWith("metrics.jsonl", StringComparison.Ordinal))
        {
            return File.ReadAllBytes(file);
        }

        using var lines = new MemoryStream();
        using var writer = new StreamWriter(lines);
        foreach (var line in File.ReadLines(file).Select(line => JsonNode.Parse(line)!.AsObject()))
        {
            var kept = line.Where(item => !item.Key.StartsWith("time/", StringComparison.Ordinal));
            writer.WriteLine(string.Join(' ', kept));
        }

        writer.Flush();
        return lines.ToArray();
    }

    private static string Program(string name) =>
        Path.Combine(AppContext.BaseDirectory, $"PhysIntuition.{name}.dll");
}
