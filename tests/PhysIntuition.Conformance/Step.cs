using System.Globalization;
using System.Text.Json.Nodes;
using PhysIntuition.Client;
using PhysIntuition.V1;

namespace PhysIntuition.Conformance;

/// <summary>What one step of a conversation says, as the client wants it.</summary>
internal sealed class Step(JsonObject told)
{
    private const int DefaultEdge = 64;   // pixels

    public string Kind => Text("do", "");

    public int Times => Number("times", 1);

    public string Text(string name, string missing) => (string?)told[name] ?? missing;

    public int Number(string name, int missing) => (int?)told[name] ?? missing;

    public IReadOnlyList<int>? Numbers(string name) =>
        told[name] is { } list ? [.. list.AsArray().Select(number => (int)number!)] : null;

    public IReadOnlyList<string>? Texts(string name) =>
        told[name] is { } list ? [.. list.AsArray().Select(text => (string)text!)] : null;

    public IReadOnlyList<bool>? Mask => Numbers("mask") is { } mask ? [.. mask.Select(bit => bit != 0)] : null;

    public IReadOnlyList<Step> Steps => [.. told["steps"]!.AsArray().Select(step => new Step(step!.AsObject()))];

    public ulong? Seed => told["seed"] is { } seed ? ToSeed(seed) : null;

    public ulong FirstSeed => ToSeed(told["first_seed"]!);

    public IReadOnlyList<ulong> Seeds =>
        told["seeds"] is { } list ? [.. list.AsArray().Select(seed => ToSeed(seed!))] : [];

    public string Options => Json(told["options"]);

    public IReadOnlyList<string> Jsons(string name) => told[name] is { } list ? [.. list.AsArray().Select(Json)] : [];

    public AutoresetMode Autoreset => Text("autoreset", "disabled") switch
    {
        "next_step" => AutoresetMode.NextStep,
        "same_step" => AutoresetMode.SameStep,
        _ => AutoresetMode.Disabled,
    };

    public TerminalObservation Outcome =>
        Text("outcome", "settled") == "question" ? TerminalObservation.Question : TerminalObservation.Settled;

    /// <summary>The step's answers, as often as it says; null: it acts by numbers.</summary>
    public IReadOnlyList<string>? Answers => Texts("texts") is { } texts ? Repeat(texts) : null;

    /// <summary>float32[rows, action_size].</summary>
    public float[] Actions =>
    [
        .. Repeat<JsonNode?>([.. told["numbers"]!.AsArray()])
            .SelectMany(row => row!.AsArray().Select(number => (float?)number ?? float.NaN)),
    ];

    public IReadOnlyList<T> Repeat<T>(IReadOnlyList<T> once) =>
        [.. Enumerable.Repeat(once, Times).SelectMany(all => all)];

    /// <summary>What is observed; size and encoding as in <paramref name="like"/> unless the step says.</summary>
    public Observe? Observe(Observe? like = null, string[]? missing = null, string encoding = "raw")
    {
        var names = Texts("observe") is { } told ? [.. told] : missing;
        return names is null ? null : new Observe(names)
        {
            Width = Number("width", like?.Width ?? DefaultEdge),
            Height = Number("height", like?.Height ?? DefaultEdge),
            Encoding = Text("encoding", like?.Encoding.ToString() ?? encoding).ToLowerInvariant() == "png"
                ? PictureEncoding.Png
                : PictureEncoding.Raw,
            History = Text("history", like?.History ?? ""),
        };
    }

    private static string Json(JsonNode? node) => node?.ToJsonString() ?? "";

    private static ulong ToSeed(JsonNode node) => ulong.Parse((string)node!, CultureInfo.InvariantCulture);
}
