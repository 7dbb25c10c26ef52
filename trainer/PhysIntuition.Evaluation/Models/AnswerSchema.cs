using System.Text.Json.Nodes;
using Microsoft.Extensions.AI;
using PhysIntuition.Environments.Answers;
using PhysIntuition.Environments.Tasks;

namespace PhysIntuition.Evaluation.Models;

/// <summary>A task's answer as JSON, for servers that constrain what a model writes by a schema.</summary>
/// <remarks>{"answer": "yes"}, {"answer": 12}, {"answer": {"x": -3, "y": 20}}; a list is an array of objects.</remarks>
public static class AnswerSchema
{
    /// <summary>In requests to folders of weights: the task whose answers alone may come.</summary>
    public const string TaskMember = "answer_of_task";

    /// <summary>Beside it: the options with which the task is asked.</summary>
    public const string OptionsMember = "answer_of_options";

    private const string Field = "answer";

    /// <summary>The response format that is asked for.</summary>
    /// <exception cref="ArgumentException">The task's answers are no list of values.</exception>
    public static ChatResponseFormat FormatOf(string taskId)
    {
        var axes = TaskCatalog.Find(taskId).Spec.Answer;
        var value = axes.Count switch
        {
            0 => throw new ArgumentException($"'--constrain' is answer and the task {taskId}, whose answers are free "
                + "text; leave --constrain out for it."),
            _ when axes[0].Fields is { } fields => new JsonObject
            {
                ["type"] = "array", ["items"] = Object(fields), ["minItems"] = axes[0].Min, ["maxItems"] = axes[0].Max,
            },
            1 => Of(axes[0]),
            _ => Object(axes),
        };
        var schema = Object(new Dictionary<string, JsonObject> { [Field] = value });
        return ChatResponseFormat.ForJsonSchema(
            JsonSerializer.SerializeToElement(schema), Field, "The answer to the question, and nothing else.");
    }

    /// <summary>A reply of that format as the text that a task reads; any other reply as it is.</summary>
    public static string ToText(string reply, string taskId)
    {
        try
        {
            if (JsonNode.Parse(reply) is not JsonObject whole || whole[Field] is not { } value)
            {
                return reply;
            }

            var axes = TaskCatalog.Find(taskId).Spec.Answer;
            var inner = value switch
            {
                JsonObject named => $"({string.Join(", ", axes.Select(axis => named[axis.Name]?.ToString()))})",
                JsonArray list => list.ToJsonString(),
                _ => value.ToString(),
            };
            return $"<answer>{inner}</answer>";
        }
        catch (JsonException)
        {
            return reply;   // the task says that it cannot be read
        }
    }

    private static JsonObject Of(AnswerAxis axis) => axis.Choices is { } words
        ? new JsonObject { ["type"] = "string", ["enum"] = new JsonArray([.. words.Select(word => (JsonNode)word)]) }
        : new JsonObject
        {
            ["type"] = axis.IsInteger ? "integer" : "number", ["minimum"] = axis.Min, ["maximum"] = axis.Max,
        };

    private static JsonObject Object(IReadOnlyList<AnswerAxis> axes) =>
        Object(axes.ToDictionary(axis => axis.Name, Of));

    private static JsonObject Object(Dictionary<string, JsonObject> members) => new()
    {
        ["type"] = "object",
        ["properties"] = new JsonObject(
            members.Select(member => KeyValuePair.Create(member.Key, (JsonNode?)member.Value))),
        ["required"] = new JsonArray([.. members.Keys.Select(name => (JsonNode)name)]),
        ["additionalProperties"] = false,
    };
}
