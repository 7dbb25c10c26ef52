using System.Text.Json.Nodes;

namespace PhysIntuition.Server.OpenEnv;

/// <summary>An episode's turns, for clients that want them.</summary>
internal sealed class OpenEnvChat
{
    private static readonly string[] s_kinds = ["all", "new"];

    private readonly bool _showsAll;
    private readonly JsonArray _turns = [];
    private int _new;   // first turn that was not shown yet

    private OpenEnvChat(bool showsAll) => _showsAll = showsAll;

    /// <summary>Begins an episode.</summary>
    /// <param name="kind">As reset was told; null: no turns are shown.</param>
    /// <exception cref="PhysIntuition.Faults.PhysIntuitionException">It is neither "all" nor "new".</exception>
    public static OpenEnvChat? Begin(string? kind) => kind is null || s_kinds.Contains(kind)
        ? kind is null ? null : new OpenEnvChat(kind == "all")
        : throw OpenEnvFault.Invalid("messages", $"'messages' is '{kind}'; it must be all or new. Send one of these.");

    /// <summary>Keeps what the model wrote.</summary>
    public void Answer(string text)
    {
        _turns.Add(new JsonObject { ["role"] = "assistant", ["content"] = text });
        _new = _turns.Count;
    }

    /// <summary>Keeps the environment's new turns, and gives those that are to be shown.</summary>
    public JsonArray Show(string messages)
    {
        foreach (var turn in JsonNode.Parse(messages)!.AsArray())
        {
            _turns.Add(turn!.DeepClone());
        }

        return [.. _turns.Skip(_showsAll ? 0 : _new).Select(turn => turn!.DeepClone())];
    }
}
