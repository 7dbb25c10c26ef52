using System.Text.Json.Nodes;
using PhysIntuition.Environments.Answers;
using PhysIntuition.Environments.Datasets;
using PhysIntuition.Environments.Observations;

namespace PhysIntuition.Server.Services;

/// <summary>Task specifications in the protocol's form.</summary>
internal static class TaskInfos
{
    /// <summary>The reply to ListTasks.</summary>
    public static ListTasksReply All(LimitOptions limits) =>
        new() { Tasks = { TaskCatalog.All.Select(task => From(task.Spec, limits)) } };

    /// <summary>The manual page of a task.</summary>
    public static TaskInfo From(TaskSpec spec, LimitOptions limits) => new()
    {
        Id = spec.Id,
        Title = spec.Summary.TrimEnd('.'),
        Description = TaskPages.Manual(TaskCatalog.Find(spec.Id)),
        ActionSize = (uint)spec.Answer.Count,
        ActionSpaceJson = ActionSpace(spec.Answer).ToJsonString(),
        ActionSchemaJson = ActionSchema(spec, limits).ToJsonString(),
        OptionsSchemaJson = OptionsReader.SchemaOf(spec),
        Observations = { ObservationSpec.Of(spec).Select(ObservationWire.ToInfo) },
        Splits = { spec.Splits.Select(ToInfo), SuiteCatalog.Of(spec).Select(ToInfo) },
        MaxSteps = (uint)spec.MaxSteps,
        Reward = new RewardInfo
        {
            Min = (float)(spec.Reward.Min * Math.Min(1, spec.MaxSteps)),
            Max = (float)spec.Reward.Max,
            Random = (float)spec.Anchors.Random,
            Expert = (float)spec.Anchors.Perfect,
        },
    };

    private static JsonObject ActionSpace(IReadOnlyList<AnswerAxis> axes)
    {
        if (axes is [{ Choices: { } words }])
        {
            return new JsonObject
            {
                ["type"] = "discrete",
                ["n"] = words.Count,
                ["names"] = new JsonArray([.. words.Select(word => JsonValue.Create(word))]),
            };
        }

        return new JsonObject
        {
            ["type"] = "box",
            ["dtype"] = "float32",
            ["shape"] = new JsonArray(axes.Count),
            ["low"] = Array(axes, axis => JsonValue.Create(axis.Min)),
            ["high"] = Array(axes, axis => JsonValue.Create(axis.Max)),
            ["names"] = Array(axes, axis => JsonValue.Create(axis.Name)),
            ["units"] = Array(axes, axis => JsonValue.Create(axis.Unit)),
            ["integer"] = Array(axes, axis => JsonValue.Create(axis.IsInteger)),
        };
    }

    // Exactly one required field, so that clients which answer in plain text need no mapping.
    private static JsonObject ActionSchema(TaskSpec spec, LimitOptions limits) => new()
    {
        ["$schema"] = "https://json-schema.org/draft/2020-12/schema",
        ["title"] = $"{spec.Name}Action",
        ["type"] = "object",
        ["properties"] = new JsonObject
        {
            ["answer"] = new JsonObject
            {
                ["type"] = "string",
                ["maxLength"] = limits.MaxTextBytes,
                ["description"] = "The reply, with the answer between <answer> and </answer>.",
            },
        },
        ["required"] = new JsonArray("answer"),
        ["additionalProperties"] = false,
    };

    private static JsonArray Array(IReadOnlyList<AnswerAxis> axes, Func<AnswerAxis, JsonNode?> read) =>
        new([.. axes.Select(read)]);

    private static SplitInfo ToInfo(Split split) => new()
    {
        Name = Splits.NameOf(split),
        SeedCount = split == Split.Heldout ? ulong.MaxValue : SceneSeed.OpenLimit,
        IsWithheld = split == Split.Heldout,
        Description = split switch
        {
            Split.Train => "For learning.",
            Split.Val => "For choosing among models.",
            Split.Test => "For reporting.",
            _ => "For ranking: the server derives the scenes from a secret and withholds labels and rewards.",
        },
    };

    // Seeds of a suite are those of its split, so suite and split are compared in pairs.
    private static SplitInfo ToInfo(Suite suite) => new()
    {
        Name = $"{Splits.NameOf(Split.Test)}/{suite.Name}",
        SeedCount = SceneSeed.OpenLimit,
        Description = $"Out of distribution in {suite.Axis}: {suite.Summary} Also under the other splits.",
    };
}
