using System.Text.Json.Nodes;
using PhysIntuition.Environments.Tasks;
using PhysIntuition.Server.Options;
using PhysIntuition.Server.Services;

namespace PhysIntuition.Server.OpenEnv;

/// <summary>The documents about a task that OpenEnv clients read.</summary>
internal static class OpenEnvSchemas
{
    /// <summary>Name, description and version of a task.</summary>
    public static OpenEnvMetadata Metadata(TaskSpec task) => new(
        task.Id, task.Summary, TaskInfos.From(task, new LimitOptions()).Description, ServerDescription.Version,
        "PhysIntuition", DocumentationUrl: null);

    /// <summary>JSON Schemas of action, observation and state.</summary>
    public static OpenEnvSchema Schemas(TaskSpec task, LimitOptions limits)
    {
        var action = JsonNode.Parse(TaskInfos.From(task, limits).ActionSchemaJson)!;
        action["properties"]!["metadata"] =
            JsonFields.SchemaOf(typeof(OpenEnvAction))["properties"]!["metadata"]!.DeepClone();
        return new OpenEnvSchema(
            action.AsObject(), Object($"{task.Name}Observation", typeof(OpenEnvObservation)),
            Object($"{task.Name}State", typeof(OpenEnvState)));
    }

    private static JsonObject Object(string title, Type record)
    {
        var schema = JsonFields.SchemaOf(record);
        schema["title"] = title;
        schema["additionalProperties"] = false;
        return schema;
    }
}
