using PhysIntuition.Environments.Tasks;
using PhysIntuition.Rendering;
using PhysIntuition.V1;

namespace PhysIntuition.Server.Batches;

/// <summary>What an observation name stands for.</summary>
internal enum ObservationKind
{
    Rgb,
    Depth,
    Segmentation,
    State,
    Prompt,
    Info,
    Expert,
    Seed,
    Steps,
    SceneHash,
    OutcomeHash,
}

/// <summary>Names, types and costs of observations.</summary>
internal static class ObservationKinds
{
    // What the server adds to every task's own list.
    private static readonly ObservationInfo[] s_added =
    [
        new()
        {
            Name = "info", Type = DataType.Text,
            Description = "JSON object: parse_error, verdict, distance (m), margin (block widths); null where there " +
                "is nothing to say or the split withholds it.",
        },
        new()
        {
            Name = "expert", Type = DataType.Text, IsPrivileged = true,
            Description = "The expert's answer, as a text that the task parses.",
        },
        new() { Name = "seed", Type = DataType.Uint64, Description = "Seed of the episode; 0 where withheld." },
        new() { Name = "steps", Type = DataType.Int32, Description = "Steps taken in the episode." },
        new()
        {
            Name = "scene_hash", Type = DataType.Uint64,
            Description = "Hash of the scene: the same on every machine.",
        },
        new()
        {
            Name = "outcome_hash", Type = DataType.Uint64,
            Description = "Hash of the simulated outcome of this step; 0 where nothing was simulated.",
        },
    ];

    private static readonly Dictionary<string, ObservationKind> s_byName = new(StringComparer.Ordinal)
    {
        ["rgb"] = ObservationKind.Rgb,
        ["depth"] = ObservationKind.Depth,
        ["segmentation"] = ObservationKind.Segmentation,
        ["state"] = ObservationKind.State,
        ["prompt"] = ObservationKind.Prompt,
        ["info"] = ObservationKind.Info,
        ["expert"] = ObservationKind.Expert,
        ["seed"] = ObservationKind.Seed,
        ["steps"] = ObservationKind.Steps,
        ["scene_hash"] = ObservationKind.SceneHash,
        ["outcome_hash"] = ObservationKind.OutcomeHash,
    };

    /// <summary>What a task offers, its own and the added ones.</summary>
    public static IEnumerable<ObservationInfo> Of(TaskSpec task)
    {
        foreach (var own in task.Observations)
        {
            var info = new ObservationInfo
            {
                Name = own.Name,
                Type = own.Type switch
                {
                    "uint8" => DataType.Uint8,
                    "float32" => DataType.Float32,
                    _ => DataType.Text,
                },
                Description = own.Summary,
                IsPrivileged = own.IsPrivileged,
                IsPicture = s_byName.TryGetValue(own.Name, out var kind) && IsPicture(kind),
            };
            // Sizes that the caller chooses are shown as 0.
            const StringSplitOptions words = StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries;
            info.Shape.AddRange(own.Shape.Split(',', words)
                .Select(axis => uint.TryParse(axis, out var size) ? size : 0));
            yield return info;
        }

        foreach (var added in s_added)
        {
            yield return added.Clone();
        }
    }

    /// <summary>The kind of a name, if the task offers it.</summary>
    public static bool TryFind(TaskSpec task, string name, out ObservationKind kind) =>
        s_byName.TryGetValue(name, out kind) &&
        (s_added.Any(info => info.Name == name) || task.Observations.Any(own => own.Name == name));

    /// <summary>Whether it has to be drawn.</summary>
    public static bool IsPicture(ObservationKind kind) => kind <= ObservationKind.Segmentation;

    /// <summary>The channel that a picture is drawn in.</summary>
    public static Channels ChannelOf(ObservationKind kind) => kind switch
    {
        ObservationKind.Rgb => Channels.Rgb,
        ObservationKind.Depth => Channels.Depth,
        ObservationKind.Segmentation => Channels.Segmentation,
        _ => Channels.None,
    };
}
