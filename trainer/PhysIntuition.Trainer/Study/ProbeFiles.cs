namespace PhysIntuition.Trainer.Study;

/// <summary>Results of probes as a table, JSON and curves over the layers.</summary>
internal static class ProbeFiles
{
    /// <summary>One line for each model, quantity, place and layer.</summary>
    public static void Print(IReadOnlyList<ProbeResult> results)
    {
        Console.WriteLine("model            task             target   place    layer   R² (95 %)        n");
        foreach (var result in results.OrderBy(r => (r.Model, r.Target, r.Place, r.Layer)))
        {
            Console.WriteLine(string.Create(CultureInfo.InvariantCulture,
                $"{result.Model,-16} {result.Task,-16} {result.Target,-8} {result.Place,-8} {result.Layer,5}  "
                + $"{result.R2,6:0.000} ±{result.Interval,5:0.000}  {result.Scenes,5}"));
        }
    }

    /// <summary>Writes the files that are named.</summary>
    public static void Write(IReadOnlyList<ProbeResult> results, string? json, string? picture)
    {
        if (json is not null)
        {
            AtomicFile.Write(json, stream => JsonSerializer.Serialize(stream, new { results }, RecipeOptions.Format));
        }

        if (picture is not null)
        {
            CellFiles.WriteText(picture, Draw(results));
        }
    }

    /// <summary>R² over the layers, a line for each model, task, quantity and place.</summary>
    public static string Draw(IReadOnlyCollection<ProbeResult> results)
    {
        // What all lines share need not stand in each of their names.
        var hasTasks = results.Select(result => result.Task).Distinct().Skip(1).Any();
        var hasTargets = results.Select(result => result.Target).Distinct().Skip(1).Any();
        return LineChart.Draw("layer", "R²", [.. results
            .GroupBy(result => result.Model + (hasTasks ? $" on {result.Task}" : "")
                + (hasTargets ? $": {result.Target}" : "") + $", {result.Place}")
            .Select(line => new ChartLine(line.Key, [.. line.OrderBy(result => result.Layer)
                .Select(result => new ChartPoint(result.Layer, result.R2, result.Interval))]))]);
    }
}
