using System.Security.Cryptography;
using System.Text.Json;
using System.Text.Json.Nodes;
using PhysIntuition.Environments.Observations;
using AutoresetMode = PhysIntuition.V1.AutoresetMode;
using BatchAutoreset = PhysIntuition.Environments.Batches.AutoresetMode;

namespace PhysIntuition.Server.Batches;

/// <summary>A checked <see cref="CreateRequest"/>.</summary>
internal sealed record EnvironmentPlan
{
    private const int MostBuffers = 16;

    /// <summary>What is asked.</summary>
    public required ITask Task { get; init; }

    /// <summary>Where scenes come from: a split, and perhaps a suite that changes the options.</summary>
    public required SplitChoice Choice { get; init; }

    /// <summary>The family of seeds.</summary>
    public Split Split => Choice.Split;

    /// <summary>Split and suite in wire spelling.</summary>
    public string SplitName => Choice.Name;

    /// <summary>Episodes side by side.</summary>
    public required int Slots { get; init; }

    /// <summary>The options of Create, complete.</summary>
    public required TaskOptions Options { get; init; }

    /// <summary>The JSON that <see cref="Options"/> were read from.</summary>
    public required string OptionsJson { get; init; }

    /// <summary>Empty, or one for each slot; null where the slot has none of its own.</summary>
    public IReadOnlyList<TaskOptions?> SlotOptions { get; init; } = [];

    /// <summary>What happens to finished slots.</summary>
    public required AutoresetMode Autoreset { get; init; }

    /// <summary>What observations show of ended episodes.</summary>
    public required TerminalObservation Outcome { get; init; }

    /// <summary>What replies return.</summary>
    public ObservationPlan Observe { get; init; } = ObservationPlan.None;

    /// <summary>Replies kept for retries.</summary>
    public required int ReplayWindow { get; init; }

    /// <summary>Buffers of shared memory; 0: none.</summary>
    public int SharedBuffers { get; init; }

    /// <summary>Of the slots' first streams of seeds; nobody plays the same episodes as anybody else.</summary>
    public ulong Seed { get; init; } = BitConverter.ToUInt64(RandomNumberGenerator.GetBytes(sizeof(ulong)));

    /// <summary>Bytes of one reply for which shared memory has room: all tensors, and texts of usual length.</summary>
    public long ReplyBytes =>
        (((Observe.TensorBytesPerRow + Observe.SharedTextBytesPerRow) * Slots) + (64 * Observe.Layout.Columns.Count)) *
        (Autoreset == AutoresetMode.SameStep ? 2 : 1);

    /// <summary>Bytes of tensors in all replies that are kept.</summary>
    public long BufferBytes => ReplyBytes * (Math.Max(ReplayWindow, SharedBuffers) + 1);

    /// <summary>Checks a request.</summary>
    public static EnvironmentPlan From(CreateRequest request, LimitOptions limits)
    {
        var task = TaskCatalog.Find(request.Task);
        var choice = Splits.Parse(request.Split, task.Spec);
        var slots = Count("slots", request.Slots, usual: 1, limits.MaxSlotsPerEnvironment,
            $"{LimitOptions.Section}:{nameof(limits.MaxSlotsPerEnvironment)}");
        var options = choice.Apply(Read(task, request.OptionsJson, "options_json"));
        var plan = new EnvironmentPlan
        {
            Task = task,
            Choice = choice,
            Slots = slots,
            Options = options,
            OptionsJson = request.OptionsJson,
            Autoreset = AutoresetOf(request.Autoreset),
            Outcome = OutcomeOf(request.Outcome, TerminalObservation.Settled),
            ReplayWindow = Count("replay_window", request.ReplayWindow, usual: 1, limits.MaxReplayWindow,
                $"{LimitOptions.Section}:{nameof(limits.MaxReplayWindow)}"),
            SharedBuffers = BuffersOf(request.SharedBuffers),
        };
        return plan with
        {
            SlotOptions = plan.ReadSlotOptions(request.SlotOptionsJson),
            Observe = plan.ToObservationPlan(request.Observe, limits),
        };
    }

    /// <summary>The plan of a fork: the same task, other slots, options as at Create.</summary>
    public EnvironmentPlan ToForkPlan(int slots, ForkRequest request, LimitOptions limits) => this with
    {
        Slots = Count("slots", (uint)slots, usual: 1, limits.MaxSlotsPerEnvironment,
            $"{LimitOptions.Section}:{nameof(limits.MaxSlotsPerEnvironment)}"),
        SlotOptions = [],
        SharedBuffers = 0,
        Observe = request.Observe is null ? Observe : ToObservationPlan(request.Observe, limits),
        ReplayWindow = Count("replay_window", request.ReplayWindow, ReplayWindow, limits.MaxReplayWindow,
            $"{LimitOptions.Section}:{nameof(limits.MaxReplayWindow)}"),
    };

    /// <summary>Checks what a request wants to observe of such an environment.</summary>
    /// <param name="request">As it came; null: nothing.</param>
    /// <param name="limits">The largest picture.</param>
    /// <param name="outcome">What is shown of ended episodes; unspecified: what Create said.</param>
    public ObservationPlan ToObservationPlan(
        ObservationRequest? request, LimitOptions limits, TerminalObservation outcome = default) =>
        ObservationPlan.From(
            request, Task.Spec, Split == Split.Heldout, ViewOf(OutcomeOf(outcome, Outcome)), limits);

    /// <summary>Reads options on top of those of Create.</summary>
    /// <param name="json">A JSON object; empty: those of Create.</param>
    /// <param name="field">Where it stands in the request.</param>
    public TaskOptions ReadOptions(string json, string field) =>
        json.Length == 0 ? Options : Choice.Apply(Read(Task, Merge(OptionsJson, json, field), field));

    /// <summary>The same for the batch.</summary>
    public BatchOptions ToBatchOptions() => new()
    {
        Slots = Slots,
        Task = Options,
        Split = Split,
        Outcome = ViewOf(Outcome),
        Seed = Seed,
        Autoreset = Autoreset switch
        {
            AutoresetMode.SameStep => BatchAutoreset.SameStep,
            AutoresetMode.Disabled => BatchAutoreset.Disabled,
            _ => BatchAutoreset.NextStep,
        },
    };

    private List<TaskOptions?> ReadSlotOptions(IList<string> json)
    {
        if (json.Count != 0 && json.Count != Slots)
        {
            Throw.WrongLength("slot_options_json", json.Count, Slots, "entries", $"{Slots} slots, or none at all");
        }

        var known = new Dictionary<string, TaskOptions?>(StringComparer.Ordinal) { [""] = null };
        var options = new List<TaskOptions?>(json.Count);
        for (var slot = 0; slot < json.Count; slot++)
        {
            if (!known.TryGetValue(json[slot], out var own))
            {
                known[json[slot]] = own = ReadOptions(json[slot], $"slot_options_json[{slot}]");
            }

            options.Add(own);
        }

        return options;
    }

    private static TaskOptions Read(ITask task, string json, string field)
    {
        try
        {
            return OptionsReader.Read(task.Spec, json);
        }
        catch (PhysIntuitionException fault)
        {
            throw new PhysIntuitionException(fault.Fault, field, fault.Message) { Reason = "WRONG_OPTIONS" };
        }
    }

    // Objects are merged field by field, everything else is replaced.
    private static string Merge(string baseJson, string json, string field)
    {
        if (string.IsNullOrWhiteSpace(baseJson))
        {
            return json;
        }

        try
        {
            var merged = JsonNode.Parse(baseJson)!.AsObject();
            MergeInto(merged, JsonNode.Parse(json)?.AsObject() ?? []);
            return merged.ToJsonString();
        }
        catch (Exception wrong) when (wrong is JsonException or InvalidOperationException or ArgumentException)
        {
            Throw.OutOfRange(field, json, "must be a JSON object", wrong.Message);
            return "";
        }
    }

    private static void MergeInto(JsonObject target, JsonObject source)
    {
        foreach (var (name, value) in source)
        {
            if (value is JsonObject inner && target[name] is JsonObject outer)
            {
                MergeInto(outer, inner);
            }
            else
            {
                target[name] = value?.DeepClone();
            }
        }
    }

    private static AutoresetMode AutoresetOf(AutoresetMode mode)
    {
        if (!Enum.IsDefined(mode))
        {
            Throw.OutOfRange("autoreset", (int)mode, "must be 1, 2 or 3, or 0 for 1", "Choose one of these.");
        }

        return mode == AutoresetMode.Unspecified ? AutoresetMode.NextStep : mode;
    }

    private static TerminalObservation OutcomeOf(TerminalObservation asked, TerminalObservation usual)
    {
        if (!Enum.IsDefined(asked))
        {
            Throw.OutOfRange("outcome", (int)asked, $"must be 1 or 2, or 0 for {(int)usual}", "Choose one of these.");
        }

        return asked == TerminalObservation.Unspecified ? usual : asked;
    }

    private static TerminalView ViewOf(TerminalObservation outcome) =>
        outcome == TerminalObservation.Question ? TerminalView.Question : TerminalView.Settled;

    private static int Count(string field, uint value, int usual, int most, string setting)
    {
        if (value > most)
        {
            Throw.OutOfRange(field, value, $"must be in [1, {most}], or 0 for {usual}",
                $"Ask for less, or raise {setting}.");
        }

        return value == 0 ? usual : (int)value;
    }

    private static int BuffersOf(uint buffers)
    {
        if (buffers is 1 or > MostBuffers)
        {
            Throw.OutOfRange("shared_buffers", buffers, $"must be in [2, {MostBuffers}], or 0 for none", "Choose 4.");
        }

        return (int)buffers;
    }
}

/// <summary>Splits in wire spelling.</summary>
internal static class Splits
{
    /// <summary>"train", "val", "test", "heldout".</summary>
    public static string NameOf(Split split) => split.ToString().ToLowerInvariant();

    /// <summary>The split of a name, and perhaps a suite: "train", "test/tall-v1"; empty: train.</summary>
    /// <exception cref="PhysIntuitionException">There is none of that name; the message lists them.</exception>
    public static SplitChoice Parse(string name, TaskSpec task)
    {
        try
        {
            return SuiteCatalog.Find(task, name);
        }
        catch (PhysIntuitionException unknown)
        {
            throw new PhysIntuitionException(Fault.InvalidArgument, "split", unknown.Message)
            {
                Reason = "UNKNOWN_SPLIT",
                Value = name,
                Rule = string.Join(", ", task.Splits.Select(NameOf)),
                Remedy = "Choose one of these.",
            };
        }
    }
}
