using System.Globalization;
using System.Text.Json.Nodes;

namespace PhysIntuition.Server.OpenEnv;

/// <summary>An episode's turns, for clients that want them.</summary>
internal sealed class OpenEnvChat
{
    private readonly Func<OpenEnvChat, IEnumerable<JsonNode?>> _choose;
    private readonly JsonArray _turns = [];
    private int _new;   // first turn that was not shown yet

    private OpenEnvChat(Func<OpenEnvChat, IEnumerable<JsonNode?>> choose) => _choose = choose;

    /// <summary>Begins an episode.</summary>
    /// <param name="kind">As reset was told; null: no turns are shown.</param>
    /// <exception cref="PhysIntuition.Faults.PhysIntuitionException">It is none of the kinds.</exception>
    public static OpenEnvChat? Begin(string? kind) => kind switch
    {
        null => null,
        "all" => new(chat => chat._turns),
        "new" => new(chat => chat._turns.Skip(chat._new)),
        _ when int.TryParse(kind, NumberStyles.None, CultureInfo.InvariantCulture, out var count) && count > 0 =>
            new(chat => chat.Last(count)),
        _ => throw OpenEnvFault.Invalid("messages",
            $"'messages' is '{kind}'; it must be all, new or a whole number above 0. Send one of these."),
    };

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

        return [.. _choose(this).Select(turn => turn!.DeepClone())];
    }

    // The system's turn and the last of the user, with the answers between them.
    private IEnumerable<JsonNode?> Last(int count)
    {
        int[] asked = [.. Enumerable.Range(1, _turns.Count - 1).Where(i => (string)_turns[i]!["role"]! == "user")];
        var first = asked.Length > count ? asked[^count] : 1;
        return _turns.Take(1).Concat(_turns.Skip(first));
    }
}
