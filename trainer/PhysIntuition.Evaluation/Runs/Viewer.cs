using System.Reflection;
using System.Text.Json;

namespace PhysIntuition.Evaluation.Runs;

/// <summary>A page that shows a run from disk: filters, pictures, conversations, verdicts.</summary>
internal static class Viewer
{
    private const string Place = "/*DATA*/";

    /// <summary>The page with the run's data inside it.</summary>
    public static string Page(IReadOnlyList<EvaluationCell> cells, IReadOnlyList<EvaluationSample> samples)
    {
        using var stream = Assembly.GetExecutingAssembly().GetManifestResourceStream("viewer.html")!;
        using var reader = new StreamReader(stream);
        var data = JsonSerializer.Serialize(new
        {
            cells,
            samples = samples.Select(sample => new
            {
                sample.Key, sample.Outcome, sample.Reward, sample.ExpertReward, sample.Film, sample.Error,
                Exchanges = sample.Exchanges.Select(exchange => new
                {
                    exchange.Prompt, exchange.Picture, exchange.Answer, exchange.Reasoning, exchange.Verdict,
                    exchange.ParseError, exchange.Reward, exchange.Seconds, exchange.Attempts,
                }),
            }),
        }, RunFolder.Json);

        // "</script>" in an answer must not end the script.
        return reader.ReadToEnd().Replace(Place, data.Replace("<", "\\u003c"));
    }
}
