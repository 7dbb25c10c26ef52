using System.Text.Json.Nodes;
using PhysIntuition.Server.Faults;

namespace PhysIntuition.Server.Leaderboards;

/// <summary>Answers written as JSON. They are final, so what is absent is not taken for a zero or an empty text, as the
/// JSON mapping of the messages would.</summary>
internal static class AnswerJson
{
    /// <summary>Refuses an answer that does not say which scene it is about, or has no text.</summary>
    /// <param name="answer">One answer.</param>
    /// <param name="place">What errors call it, for example "answers[3]".</param>
    public static void Check(JsonNode? answer, string place)
    {
        if (answer is not JsonObject fields)
        {
            Throw.OutOfRange(place, "no JSON object", "an answer is an object",
                """Write {"scene": 0, "text": "<answer>yes</answer>"}.""");
            return;
        }

        foreach (var name in new[] { "scene", "text" })
        {
            if (fields[name] is null)
            {
                Throw.OutOfRange($"{place}.{name}", fields.ContainsKey(name) ? "null" : "absent",
                    "an answer is final, so it must be there", $"Add \"{name}\"; nothing was stored.");
            }
        }
    }
}
