using System.Text.Json.Nodes;
using PhysIntuition.Environments.Tasks;
using PhysIntuition.Server.Options;
using PhysIntuition.Server.Services;

namespace PhysIntuition.Server.OpenEnv;

/// <summary>The documents that OpenEnv clients read: metadata, schemas, OpenAPI.</summary>
internal static class OpenEnvSchemas
{
    /// <summary>Name, description and version of a task.</summary>
    public static JsonObject Metadata(TaskSpec task) => new()
    {
        ["name"] = task.Id,
        ["description"] = task.Summary,
        ["readme_content"] = TaskInfos.From(task, new LimitOptions()).Description,
        ["version"] = ServerDescription.Version,
        ["author"] = "PhysIntuition",
        ["documentation_url"] = null,
    };

    /// <summary>JSON Schemas of action, observation and state.</summary>
    public static JsonObject Schemas(TaskSpec task, LimitOptions limits)
    {
        var action = JsonNode.Parse(TaskInfos.From(task, limits).ActionSchemaJson)!;
        action["properties"]!["metadata"] =
            JsonFields.SchemaOf(typeof(OpenEnvAction))["properties"]!["metadata"]!.DeepClone();
        return new()
        {
            ["action"] = action,
            ["observation"] = Object($"{task.Name}Observation", typeof(OpenEnvObservation)),
            ["state"] = Object($"{task.Name}State", typeof(OpenEnvState)),
        };
    }

    /// <summary>The OpenAPI document of the paths of one task.</summary>
    public static JsonObject OpenApi(TaskSpec task, LimitOptions limits)
    {
        var schemas = Schemas(task, limits);
        return new JsonObject
        {
            ["openapi"] = "3.1.0",
            ["info"] = new JsonObject { ["title"] = task.Id, ["version"] = ServerDescription.Version },
            ["paths"] = new JsonObject
            {
                ["/reset"] = Path("post", "Start an episode.", Reset()),
                ["/step"] = Path("post", "Answer.", new JsonObject
                {
                    ["type"] = "object",
                    ["required"] = new JsonArray("action"),
                    ["properties"] = new JsonObject { ["action"] = Reference("action") },
                }),
                ["/state"] = Path("get", "Where the episode stands."),
                ["/health"] = Path("get", "Whether the server takes work."),
                ["/metadata"] = Path("get", "What the task is."),
                ["/schema"] = Path("get", "Schemas of action, observation and state."),
            },
            ["components"] = new JsonObject { ["schemas"] = schemas },
        };
    }

    private static JsonObject Object(string title, Type record)
    {
        var schema = JsonFields.SchemaOf(record);
        schema["title"] = title;
        schema["additionalProperties"] = false;
        return schema;
    }

    private static JsonObject Property(string type, string description) =>
        new() { ["type"] = type, ["description"] = description };

    private static JsonObject Reset() => new()
    {
        ["type"] = "object",
        ["additionalProperties"] = false,
        ["properties"] = new JsonObject
        {
            ["seed"] = new JsonObject { ["type"] = "integer", ["minimum"] = 0 },
            ["episode_id"] = Property("string", "The client's name for the episode."),
            ["split"] = Property("string", "train, val, test, ...; absent: train."),
            ["options"] = Property("object", "The task's options; absent: defaults."),
            ["width"] = Property("integer", "Of the picture, pixels; absent: 224."),
            ["height"] = Property("integer", "Of the picture, pixels; absent: 224."),
        },
    };

    private static JsonObject Reference(string schema) => new() { ["$ref"] = $"#/components/schemas/{schema}" };

    private static JsonObject Path(string verb, string summary, JsonObject? body = null)
    {
        var path = new JsonObject
        {
            ["summary"] = summary,
            ["responses"] = new JsonObject { ["200"] = new JsonObject { ["description"] = summary } },
        };
        if (body is not null)
        {
            path["requestBody"] = new JsonObject
            {
                ["content"] = new JsonObject { ["application/json"] = new JsonObject { ["schema"] = body } },
            };
        }

        return new JsonObject { [verb] = path };
    }
}
