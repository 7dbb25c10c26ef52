using System.Text.Json.Nodes;

namespace PhysIntuition.Environments.Datasets;

/// <summary>One item: a question with its picture, and the expert's answer.</summary>
/// <param name="Prompt">The question with the answer's form.</param>
/// <param name="Answer">Between answer tags.</param>
/// <param name="Picture">The picture's file; empty where it is on disk already.</param>
/// <param name="Examples">Solved examples that come before the question.</param>
internal sealed record DatasetItem(string Prompt, string Answer, byte[] Picture, DatasetItem[] Examples)
{
    /// <summary>Where the scene comes from, and what is known of it.</summary>
    public required ItemFacts Facts { get; init; }

    /// <summary>The examples, then the item itself.</summary>
    public IEnumerable<DatasetItem> Turns => Examples.Append(this);
}

/// <summary>Where a scene comes from, and what is known of it.</summary>
/// <param name="Task">Id.</param>
/// <param name="Split">Split, and perhaps suite.</param>
/// <param name="Seed">The caller's.</param>
/// <param name="SceneHash">Same hash, same picture and physics.</param>
/// <param name="OutcomeHash">Of the simulation that decided the label; 0 where none did.</param>
/// <param name="Blocks">Bodies in the scene.</param>
/// <param name="Margin">
/// How far the scene is from another outcome, over a block's width; null where that means nothing.
/// </param>
internal sealed record ItemFacts(
    string Task, string Split, ulong Seed, ulong SceneHash, ulong OutcomeHash, int Blocks, double? Margin)
{
    /// <summary>Adds a column for each fact. A column called margin would be taken for a reward model's.</summary>
    public void AddTo(JsonObject row)
    {
        row["task"] = Task;
        row["split"] = Split;
        row["seed"] = Seed;
        row["scene_hash"] = SceneHash.ToString("x16");
        row["outcome_hash"] = OutcomeHash.ToString("x16");
        row["blocks"] = Blocks;
        row["static_margin"] = Margin;
    }
}
