using System.Globalization;
using System.Reflection;

namespace PhysIntuition.Evaluation.Runs;

/// <summary>A run's table as JSON, CSV and a picture, and its page.</summary>
public static class RunTables
{
    private const double CutOffShareToMention = 0.02;

    /// <summary>Sums up samples.</summary>
    /// <param name="samples">Any number of cells.</param>
    /// <param name="anchorsOf">What a random player and the expert earn in a task.</param>
    /// <param name="prices">Null: no dollars.</param>
    public static IReadOnlyList<EvaluationCell> Cells(
        IReadOnlyList<EvaluationSample> samples, Func<string, RewardInfo> anchorsOf, Prices? prices) =>
        [.. RunFolder.Ordered(samples)
            .GroupBy(sample => (sample.Key.Model, sample.Key.Task, sample.Key.Split, sample.Key.Examples))
            .Select(cell => EvaluationCell.Of([.. cell], anchorsOf(cell.Key.Task), prices))];

    /// <summary>Writes table.json, table.csv, table.svg and index.html; each appears whole.</summary>
    public static void Write(
        string folder, IReadOnlyList<EvaluationCell> cells, IReadOnlyList<EvaluationSample> samples)
    {
        var indented = new JsonSerializerOptions(RunFolder.Json) { WriteIndented = true };
        RunFolder.WriteText(folder, "table.json", JsonSerializer.Serialize(
            new TableFile(cells, ModelPair.Within(samples)), indented) + "\n");
        RunFolder.WriteText(folder, "table.csv", string.Concat(cells.Select(Csv).Prepend(Header)));
        RunFolder.WriteText(folder, "table.svg", HeatMap.Draw(
            [.. cells.Select(cell => cell.Model).Distinct()], [.. cells.Select(Column).Distinct()],
            (model, column) => cells.FirstOrDefault(cell => cell.Model == model && Column(cell) == column)
                is { Success: { } success }
                ? (success.ToString("0.00", CultureInfo.InvariantCulture), success)
                : null));
        RunFolder.WriteText(folder, "index.html", Viewer.Page(cells, samples));
    }

    /// <summary>What whoever ran it must know first; null: nothing.</summary>
    public static string? Warning(IReadOnlyList<EvaluationCell> cells, IReadOnlyList<EvaluationSample> samples)
    {
        string[] cut = [.. cells.Where(cell => cell.CutOffShare > CutOffShareToMention).Select(cell =>
            string.Create(CultureInfo.InvariantCulture, $"{cell.Model} on {cell.Task} ({cell.CutOffShare:0 %})"))];
        var missing = cells.Sum(cell => cell.Undelivered);
        string?[] sentences =
        [
            cut.Length == 0 ? null : $"Answers were cut off or empty: {string.Join(", ", cut)}. Raise --max-tokens, or "
                + "lower --reasoning-effort.",
            missing == 0 ? null
                : $"{missing} questions were never answered, and count nowhere. --resume asks them alone."
                    + CommonestError(samples),
        ];
        return sentences.Any(sentence => sentence is not null)
            ? string.Join(' ', sentences.OfType<string>())
            : null;
    }

    private static string CommonestError(IReadOnlyList<EvaluationSample> samples) => samples
        .Where(sample => sample.Outcome == SampleOutcome.Undelivered && sample.Error is not null)
        .CountBy(sample => sample.Error!).OrderByDescending(error => error.Value)
        .Select(error => $" {error.Value} of them for this reason: {error.Key}").FirstOrDefault("");

    /// <summary>The table for people.</summary>
    public static IEnumerable<string> Lines(IReadOnlyList<EvaluationCell> cells)
    {
        yield return $"{"model",-24} {"task",-30} {"ex",2} {"n",5} {"right",6} {"wrong",6} {"unread",6} {"cut",5} "
            + $"{"none",5}  reward (95 %)             readable  if readable  success";
        foreach (var cell in cells)
        {
            yield return string.Create(CultureInfo.InvariantCulture,
                $"{cell.Model,-24} {Column(cell),-30} {cell.Examples,2} {cell.Delivered,5} {cell.Right,6} "
                + $"{cell.Wrong,6} {cell.Unreadable,6} {cell.CutOff,5} {cell.Undelivered,5}  "
                + $"{cell.Reward?.Mean,7:0.000} ({cell.Reward?.Low:0.000} to {cell.Reward?.High:0.000})  "
                + $"{cell.Readable,8:0.0 %}  {cell.SuccessGivenReadable,11:0.000}  {cell.Success,7:0.000}"
                + $"{Dollars(cell)}");
        }

        static string Dollars(EvaluationCell cell) => cell.Dollars is { } dollars
            ? string.Create(CultureInfo.InvariantCulture, $"  ${dollars:0.0000}")
            : "";
    }

    private static string Column(EvaluationCell cell) => cell.Split == "test" ? cell.Task : $"{cell.Task} {cell.Split}";

    private static string Header => "model,task,split,examples,delivered,right,wrong,unreadable,cut_off,undelivered,"
        + "reward,reward_low,reward_high,readable,success_given_readable,success,pass_at_k,served_models,input_tokens,"
        + "cached_tokens,output_tokens,reasoning_tokens,dollars\n";

    private static string Csv(EvaluationCell cell) => string.Join(',', new object?[]
    {
        cell.Model, cell.Task, cell.Split, cell.Examples, cell.Delivered, cell.Right, cell.Wrong, cell.Unreadable,
        cell.CutOff, cell.Undelivered, cell.Reward?.Mean, cell.Reward?.Low, cell.Reward?.High,
        cell.Readable, cell.SuccessGivenReadable, cell.Success, cell.PassAtK,
        string.Join(' ', cell.ServedModels), cell.Tokens.Input, cell.Tokens.Cached, cell.Tokens.Output,
        cell.Tokens.Reasoning, cell.Dollars,
    }.Select(value => Quoted(Convert.ToString(value, CultureInfo.InvariantCulture) ?? ""))) + "\n";

    /// <summary>RFC 4180: a text with a comma, a quote or a line break stands in quotes.</summary>
    public static string Quoted(string text) =>
        text.AsSpan().ContainsAny(",\"\r\n") ? $"\"{text.Replace("\"", "\"\"")}\"" : text;
}

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
