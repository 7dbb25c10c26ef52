namespace PhysIntuition.Evaluation.Models;

/// <summary>Who answers: a provider, any OpenAI-compatible server, a scripted player, a record.</summary>
public enum Provider
{
    /// <summary>api.openai.com, or where OPENAI_BASE_URL says.</summary>
    OpenAI,

    /// <summary>Anthropic's Messages API.</summary>
    Anthropic,

    /// <summary>An Ollama server, OLLAMA_HOST's or this machine's.</summary>
    Ollama,

    /// <summary>Any server with OpenAI's chat completions: vLLM, SGLang, llama.cpp, LM Studio, OpenRouter.</summary>
    Compatible,

    /// <summary>A player of this library: random, constant, vision, geometric, expert.</summary>
    Player,

    /// <summary>A file of recorded answers.</summary>
    Mock,

    /// <summary>A folder of weights, which the trainer's program opens.</summary>
    Folder,
}

/// <summary>A model as the command line names it.</summary>
/// <param name="Label">What tables call it.</param>
/// <param name="Provider">Who answers.</param>
/// <param name="Name">The provider's name of it, a player's name, or a path.</param>
/// <param name="Address">The server's base address; null: the provider's own.</param>
public sealed record ModelName(string Label, Provider Provider, string Name, Uri? Address = null)
{
    private const string Completions = "/chat/completions";

    private static readonly Dictionary<string, Provider> s_prefixes = new()
    {
        ["openai"] = Provider.OpenAI, ["anthropic"] = Provider.Anthropic, ["ollama"] = Provider.Ollama,
        ["player"] = Provider.Player, ["mock"] = Provider.Mock,
    };

    /// <summary>The forms that a model can be named in.</summary>
    public const string Forms = "openai:NAME, anthropic:NAME, ollama:NAME, http://HOST:PORT#NAME, player:NAME, "
        + "mock:FILE or a folder";

    /// <summary>Reads models that are to stand in one table.</summary>
    /// <exception cref="ArgumentException">One cannot be read, or two have one label.</exception>
    public static IReadOnlyList<ModelName> ParseAll(IEnumerable<string> texts)
    {
        ModelName[] models = [.. texts.Select(Parse)];
        return models.GroupBy(model => model.Label).FirstOrDefault(group => group.Count() > 1) is { } twice
            ? throw new ArgumentException($"'--model' is {twice.ElementAt(1).Name}, the second that tables would call "
                + $"{twice.Key}; write LABEL=MODEL to call it otherwise.")
            : models;
    }

    /// <summary>Reads "openai:NAME", "http://HOST:PORT/v1#NAME", "player:NAME", "LABEL=...", or a folder.</summary>
    /// <exception cref="ArgumentException">It is none of these.</exception>
    public static ModelName Parse(string text)
    {
        var equals = text.IndexOf('=', StringComparison.Ordinal);
        var isLabelled = equals > 0 && !Directory.Exists(text) && text.AsSpan(0, equals).IndexOfAny(":/#") < 0;
        var (label, model) = isLabelled ? (text[..equals], text[(equals + 1)..]) : (null, text);
        if (model.StartsWith("http://", StringComparison.Ordinal)
            || model.StartsWith("https://", StringComparison.Ordinal))
        {
            return ParseAddress(label, model);
        }

        var colon = model.IndexOf(':', StringComparison.Ordinal);
        if (colon > 0 && s_prefixes.TryGetValue(model[..colon], out var provider) && colon + 1 < model.Length)
        {
            return new ModelName(label ?? model, provider, model[(colon + 1)..]);
        }

        if (Directory.Exists(model))
        {
            return new ModelName(label ?? LabelOf(model), Provider.Folder, model);
        }

        if (model.Contains('/', StringComparison.Ordinal))
        {
            throw new ArgumentException($"'--model' is {model}; there is no such folder. Other models are written as "
                + $"{Forms}.");
        }

        throw new ArgumentException($"'--model' is {text}; write it as {Forms}.");
    }

    /// <summary>The last part; the last two of RUN/final and RUN/best, where training leaves its models.</summary>
    private static string LabelOf(string folder)
    {
        var parts = Path.GetFullPath(folder)
            .Split(Path.DirectorySeparatorChar, StringSplitOptions.RemoveEmptyEntries);
        return string.Join('/', parts[^(parts is [.., _, "final" or "best"] ? 2 : 1)..]);
    }

    private static ModelName ParseAddress(string? label, string text)
    {
        var hash = text.IndexOf('#', StringComparison.Ordinal);
        var address = hash < 0 ? text : text[..hash];
        if (hash < 0 || hash + 1 == text.Length || !Uri.TryCreate(address, UriKind.Absolute, out var uri))
        {
            throw new ArgumentException($"'--model' is {text}; name the server's model after its address, as "
                + "http://127.0.0.1:8000/v1#NAME.");
        }

        var path = uri.AbsolutePath.TrimEnd('/');
        if (path.EndsWith(Completions, StringComparison.Ordinal))
        {
            path = path[..^Completions.Length];
        }

        var name = text[(hash + 1)..];
        var builder = new UriBuilder(uri) { Path = path.Length == 0 ? "/v1" : path };
        return new ModelName(label ?? name, Provider.Compatible, name, builder.Uri);
    }
}
