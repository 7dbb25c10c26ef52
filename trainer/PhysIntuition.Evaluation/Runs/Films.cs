using PhysIntuition.Environments.Batches;
using PhysIntuition.Environments.Datasets;
using PhysIntuition.Environments.Options;
using PhysIntuition.Environments.Tasks;
using PhysIntuition.Rendering;
using PhysIntuition.Rendering.Encoding;
using PhysIntuition.Simulation;

namespace PhysIntuition.Evaluation.Runs;

/// <summary>What physics did with the answers of a run, as small animated PNG files of its folder.</summary>
/// <remarks>Scenes follow from their seeds, so films are drawn when all answers are there, many at a time.</remarks>
public static class Films
{
    private const int FilmsTogether = 16;   // worlds side by side in the widest lanes; 35 MB of frames

    /// <summary>Three seconds of a small picture: 20 to 60 KB.</summary>
    private static readonly FilmOptions s_film = new() { Side = 160, FramesPerSecond = 8, Seconds = 3 };

    /// <summary>Draws what is missing.</summary>
    /// <param name="path">The run's folder.</param>
    /// <param name="taskOptions">The tasks' options as a JSON object; empty takes the defaults.</param>
    /// <param name="samples">Of any cells.</param>
    /// <param name="scenes">How many scenes of each cell are filmed, from seed 0 on.</param>
    /// <returns>The samples, in order, with the films' places.</returns>
    public static IReadOnlyList<EvaluationSample> Add(
        string path, string taskOptions, IReadOnlyList<EvaluationSample> samples, int scenes)
    {
        var wanted = samples.Where(sample => sample.Key.Seed < (ulong)scenes && sample.Film is null
            && sample.Outcome != SampleOutcome.Undelivered);
        var films = new Dictionary<(string, string, ulong, string), string>();
        using var simulator = new BatchSimulator();
        var renderer = new CpuRenderer();
        foreach (var place in wanted.DistinctBy(Event).GroupBy(sample => (sample.Key.Task, sample.Key.Split)))
        {
            var task = TaskCatalog.Find(place.Key.Task);
            if (task is IPictureTask)
            {
                continue;   // nothing moves: its pictures are put together from others
            }

            var options = s_film with
            {
                Choice = SuiteCatalog.Find(task.Spec, place.Key.Split),
                Task = OptionsReader.Read(task.Spec, taskOptions),
            };
            foreach (var together in place.Chunk(FilmsTogether))
            {
                Draw(path, task, options, together, new OutcomeFilm(simulator, renderer), films);
            }
        }

        return [.. samples.Select(sample => films.TryGetValue(Event(sample), out var film)
            ? sample with { Film = film }
            : sample)];
    }

    private static void Draw(
        string path, ITask task, FilmOptions options, EvaluationSample[] samples, OutcomeFilm outcome,
        Dictionary<(string, string, ulong, string), string> films)
    {
        var frames = outcome.DrawAll(task, options, [.. samples.Select(sample => sample.Key.Seed)],
            [.. samples.Select(sample => sample.Exchanges.Select(exchange => exchange.Answer).ToArray())]);
        var size = frames.Length / samples.Length;
        for (var i = 0; i < samples.Length; i++)
        {
            films[Event(samples[i])] = RunFolder.AddPicture(path, AnimatedPngEncoder.Encode(
                frames.AsSpan(i * size, size), options.Side, options.Side, options.FramesPerSecond));
        }
    }

    // Equal answers to one scene, whoever gave them, are one event.
    private static (string Task, string Split, ulong Seed, string Answers) Event(EvaluationSample sample) => (
        sample.Key.Task, sample.Key.Split, sample.Key.Seed,
        string.Join('\0', sample.Exchanges.Select(exchange => exchange.Answer)));
}
