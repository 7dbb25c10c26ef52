using System.Text.Json.Nodes;
using PhysIntuition.Environments.Tasks;

namespace PhysIntuition.Server.OpenEnv;

/// <summary>The tools that a model may call; reset and step answer with text and a picture.</summary>
internal static class McpTools
{
    /// <summary>Names, descriptions and schemas.</summary>
    public static JsonArray List() => new(
        Tool("list_tasks", "Lists the tasks.", []),
        Tool("reset", "Starts an episode and shows it.", new JsonObject
        {
            ["task"] = Property("string", "Id as list_tasks gives it; absent: the session's task."),
            ["seed"] = Property("integer", "Which scene; absent: any."),
        }),
        Tool("render", "Shows the episode's scene as it stands, in any size.", new JsonObject
        {
            ["width"] = Property("integer", "Pixels; absent: 224."),
            ["height"] = Property("integer", "Pixels; absent: 224."),
        }),
        Tool("step", "Answers the episode's question.", new JsonObject
        {
            ["answer"] = Property("string", "The reply, with the answer between <answer> and </answer>."),
        }, "answer"));

    /// <summary>Calls a tool.</summary>
    /// <param name="name">Which.</param>
    /// <param name="arguments">As its schema says.</param>
    /// <param name="find">The caller's session, opened if it has none.</param>
    /// <param name="cancellation">Fires when nobody waits any more.</param>
    public static async Task<JsonObject> CallAsync(
        string name, JsonObject arguments, Func<OpenEnvEpisode> find, CancellationToken cancellation)
    {
        switch (name)
        {
            case "list_tasks":
                return Content([Text(string.Join('\n', TaskCatalog.All.Select(
                    task => $"{task.Spec.Id}: {task.Spec.Summary}")))]);
            case "reset":
                var episode = find();
                if (OpenEnvFault.Text(arguments, "task") is { } task)
                {
                    episode.Choose(task);
                }

                var data = new JsonObject();
                if (arguments["seed"] is { } seed)
                {
                    data["seed"] = seed.DeepClone();
                }

                return Show(await episode.ResetAsync(data, cancellation));
            case "render":
                return Content([Picture(await find().RenderAsync(arguments, cancellation))]);
            case "step":
                return Show(await find().StepAsync((JsonObject)arguments.DeepClone(), cancellation));
            default:
                throw OpenEnvFault.Invalid("name",
                    $"'name' is '{name}'; there are list_tasks, reset, render and step. Choose one of these.");
        }
    }

    private static JsonObject Show(JsonObject result)
    {
        var observation = result["observation"]!;
        var text = result["reward"] is { } reward
            ? $"Reward {reward}. Done: {result["done"]}."
            : (string)observation["prompt"]!;
        return Content([Text(text), Picture((string)observation["image"]!)]);
    }

    private static JsonObject Picture(string png) =>
        new() { ["type"] = "image", ["data"] = png, ["mimeType"] = "image/png" };

    private static JsonObject Content(JsonNode[] parts) =>
        new() { ["content"] = new JsonArray(parts), ["isError"] = false };

    private static JsonObject Text(string text) => new() { ["type"] = "text", ["text"] = text };

    private static JsonObject Tool(string name, string description, JsonObject properties, params string[] required) =>
        new()
        {
            ["name"] = name,
            ["description"] = description,
            ["inputSchema"] = new JsonObject
            {
                ["type"] = "object",
                ["properties"] = properties,
                ["required"] = new JsonArray([.. required.Select(field => JsonValue.Create(field))]),
                ["additionalProperties"] = false,
            },
        };

    private static JsonObject Property(string type, string description) =>
        new() { ["type"] = type, ["description"] = description };
}
