using System.Globalization;
using System.Text.Json;
using PhysIntuition.Rendering.Encoding;
using PhysIntuition.Trainer.Recipes;
using PhysIntuition.Trainer.Rollouts;
using PhysIntuition.Vlm.Weights;

namespace PhysIntuition.Trainer.Evaluation;

/// <summary>One question of an evaluation and what the policy answered, for people to look at.</summary>
/// <param name="Task">Id with version.</param>
/// <param name="Seed">The scene's.</param>
/// <param name="Prompt">What was asked first.</param>
/// <param name="Answers">What was answered, turn by turn.</param>
/// <param name="Expert">The expert's first answer.</param>
/// <param name="Reward">What the episode earned.</param>
/// <param name="Picture">The first picture, a PNG file.</param>
internal sealed record Sample(
    string Task, ulong Seed, string Prompt, IReadOnlyList<string> Answers, string Expert, double Reward, byte[] Picture)
{
    /// <summary>The first questions of a rollout.</summary>
    public static IEnumerable<Sample> Of(string task, Episodes episodes, Rollout rollout, int count) =>
        episodes.Questions.Zip(rollout.Texts, rollout.Returns).Take(count).Select(item => new Sample(
            task, item.First.Seed, item.First.Prompt, item.Second, item.First.Expert, item.Third,
            PngEncoder.Encode(item.First.Picture.Pixels, item.First.Picture.Width, item.First.Picture.Height)));

    /// <summary>Keeps the samples of a step in a run's folder.</summary>
    public static void Write(string folder, long step, IReadOnlyList<Sample> samples)
    {
        Directory.CreateDirectory(Path.Combine(folder, "samples"));
        var name = string.Create(CultureInfo.InvariantCulture, $"step-{step:D8}.json");
        AtomicFile.Write(Path.Combine(folder, "samples", name),
            stream => JsonSerializer.Serialize(stream, samples, RecipeOptions.Format));
    }

    /// <summary>The samples of the latest step; none where a run was never evaluated.</summary>
    public static IReadOnlyList<Sample> Latest(string folder)
    {
        var place = Path.Combine(folder, "samples");
        var file = Directory.Exists(place) ? Directory.GetFiles(place, "step-*.json").Order().LastOrDefault() : null;
        return file is null ? [] : JsonSerializer.Deserialize<Sample[]>(File.ReadAllBytes(file), RecipeOptions.Format)!;
    }
}
