using Microsoft.AspNetCore.Mvc;
using PhysIntuition.Environments.Batches;

namespace PhysIntuition.Server.Pages;

/// <summary>Which scene, as an address says it; read by <see cref="SceneQuery"/>.</summary>
/// <param name="Seed">A whole number.</param>
/// <param name="Split">train, val, test, test/tall-v1, ...; absent: train.</param>
/// <param name="Options">The task's options as a JSON object; absent: defaults.</param>
/// <param name="Answers">One list of numbers for each step taken, as in [[-40,260]], {"try":[-40,260]} for a try;
/// absent: none.</param>
internal sealed record SceneAddress(
    [FromQuery(Name = "seed")] string? Seed, [FromQuery(Name = "split")] string? Split,
    [FromQuery(Name = "options")] string? Options, [FromQuery(Name = "answers")] string? Answers);

/// <summary>Which picture of a scene.</summary>
/// <param name="Channel">rgb, depth, segmentation or normals; absent: rgb.</param>
/// <param name="Size">Pixels a side, 16 to 1024; absent: 224.</param>
internal sealed record PictureAddress(
    [FromQuery(Name = "channel")] string? Channel, [FromQuery(Name = "size")] string? Size);

/// <summary>A scene of an open split, and the answers given so far: all that a page's request depends on.</summary>
/// <param name="Task">What is asked.</param>
/// <param name="Choice">Where the scene comes from; never held-out.</param>
/// <param name="Options">The task's options, with the suite's changes.</param>
/// <param name="Seed">Which scene.</param>
/// <param name="Answers">One per step taken.</param>
internal sealed record SceneQuery(
    ITask Task, SplitChoice Choice, TaskOptions Options, ulong Seed, IReadOnlyList<SlotAction> Answers)
{
    private const int MostOptions = 4000;   // characters

    /// <summary>Reads task, split, seed, options and answers.</summary>
    /// <exception cref="PhysIntuition.Faults.PhysIntuitionException">One of them is wrong.</exception>
    public static SceneQuery Read(string taskId, SceneAddress address)
    {
        var task = TaskCatalog.Find(taskId);
        var choice = Batches.Splits.Parse(address.Split ?? "", task.Spec);
        if (choice.Split == Split.Heldout)
        {
            Throw.NotAllowed("split", "WITHHELD",
                "'split' is 'heldout', whose scenes only a leaderboard run shows. Choose train, val or test.");
        }

        var json = address.Options ?? "";
        if (json.Length > MostOptions)
        {
            Throw.OutOfRange("options", $"{json.Length} characters", $"at most {MostOptions} are allowed",
                "Leave out what is as usual.");
        }

        var options = choice.Apply(OptionsReader.Read(task.Spec, json));
        return new SceneQuery(
            task, choice, options, SeedOf(address.Seed ?? ""),
            AnswersOf(AttemptRule.MaxSteps(task.Spec, options), address.Answers ?? ""));
    }

    /// <summary>Opens a batch with one slot for it.</summary>
    public EnvironmentBatch Open(ISimulator simulator, PhysIntuition.Rendering.IRenderer renderer) => new(
        Task,
        new BatchOptions
        {
            Split = Choice.Split, Task = Options, Autoreset = Environments.Batches.AutoresetMode.Disabled,
        },
        simulator, renderer);

    private static ulong SeedOf(string text)
    {
        if (text.Length > 0 && ulong.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var seed))
        {
            return seed;
        }

        Throw.OutOfRange("seed", text, $"it must be a whole number in [0, {SceneSeed.OpenLimit - 1}]", "Send one.");
        return 0;
    }

    private static SlotAction[] AnswersOf(int maxSteps, string text)
    {
        if (text.Length == 0)
        {
            return [];
        }

        try
        {
            var answers = JsonSerializer.Deserialize<JsonElement[]>(text);
            if (answers is not null && answers.Length <= maxSteps)
            {
                return [.. answers.Select(AnswerOf)];
            }
        }
        catch (Exception wrong) when (wrong is JsonException or InvalidOperationException)
        {
            // Said below.
        }

        Throw.OutOfRange("answers", text, $"it must be a list of up to {maxSteps} lists of numbers",
            "Send one list for each step, as in [[-40,260]].");
        return [];
    }

    private static SlotAction AnswerOf(JsonElement answer)
    {
        var isTry = answer.ValueKind == JsonValueKind.Object && answer.EnumerateObject().Count() == 1;
        var numbers = isTry && answer.TryGetProperty("try", out var tried) ? tried : answer;
        return SlotAction.OfNumbers([.. numbers.EnumerateArray().Select(static number => number.GetDouble())]) with
        {
            IsTry = isTry,
        };
    }
}
