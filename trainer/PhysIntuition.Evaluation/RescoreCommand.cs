using System.CommandLine;

namespace PhysIntuition.Evaluation;

/// <summary>eval rescore FOLDER: judges a run's answers again without asking, and writes its tables.</summary>
internal static class RescoreCommand
{
    public static Command Create()
    {
        var folder = new Argument<string>("folder") { Description = "The run's folder." };
        var prices = new Option<string?>("--prices") { Description = "Dollars per million tokens." };
        var films = EvalCommand.FilmsOption();
        var command = new Command("rescore", "Judge a run's answers again, without asking.")
        {
            folder, prices, films,
        };
        command.SetAction((parsed, cancellation) => RunAsync(
            parsed.GetValue(folder)!, parsed.GetValue(prices), parsed.GetValue(films), cancellation));
        return command;
    }

    private static async Task<int> RunAsync(string path, string? priceFile, int films, CancellationToken cancellation)
    {
        var (size, options) = ReadPlan(path);
        var prices = priceFile is null ? null : Prices.Load(priceFile);
        using var clients = EnvironmentClients.Open("");
        var rescored = new List<EvaluationSample>();
        foreach (var place in RunFolder.Ordered(RunFolder.Read(path))
            .GroupBy(sample => (sample.Key.Task, sample.Key.Split)))
        {
            foreach (var chunk in place.Chunk(256))
            {
                var settings = new EnvironmentSettings(place.Key.Task) { Split = place.Key.Split, Options = options };
                await using var scenes = await ConversationBatch.OpenAsync(
                    clients.All[0], settings, [.. chunk.Select(sample => sample.Key.Seed)], size, cancellation)
                    .ConfigureAwait(false);
                rescored.AddRange(await Task.WhenAll(chunk.Select((sample, slot) =>
                    EvaluationRun.RescoreAsync(sample, scenes, slot))).ConfigureAwait(false));
            }
        }

        var samples = Films.Add(path, options, rescored, films);
        RunFolder.WriteSamples(path, samples);
        var cells = RunTables.Cells(samples, task => EvalCommand.AnchorsOf(clients, task), prices);
        RunTables.Write(path, cells, samples);
        EvalCommand.Report(path, cells, samples);
        return 0;
    }

    private static (int Size, string Options) ReadPlan(string path)
    {
        var file = Path.Combine(path, "run.json");
        if (!File.Exists(file))
        {
            throw new ArgumentException($"'folder' is {path}; it holds no run.json. Name a folder that eval wrote.");
        }

        using var run = JsonDocument.Parse(File.ReadAllText(file));
        var plan = run.RootElement.GetProperty("plan");
        return (plan.GetProperty("picture_size").GetInt32(), plan.GetProperty("task_options").GetString()!);
    }
}
