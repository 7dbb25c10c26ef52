using static TorchSharp.torch;

namespace PhysIntuition.Trainer;

/// <summary>How well a linear reading of one layer decodes one quantity of the scene.</summary>
/// <param name="Model">Whose layers.</param>
/// <param name="Task">Whose scenes.</param>
/// <param name="Target">"offset", "margin", "blocks".</param>
/// <param name="Place">"answer": the last token of the prompt; "picture": the mean over the picture's tokens.</param>
/// <param name="Layer">From 1 on; 0 is the picture itself, 12 by 12 pixels.</param>
/// <param name="R2">Share of the variance explained on test scenes.</param>
/// <param name="Interval">Half of its 95 % interval, by resampling scenes.</param>
/// <param name="Scenes">Test scenes.</param>
public sealed record ProbeResult(
    string Model, string Task, string Target, string Place, int Layer, double R2, double Interval, int Scenes);

/// <summary>Ridge regression from every layer's activations: what does the model know but perhaps not use?</summary>
internal static class LayerProbe
{
    private const int Batch = 50, Thumbnail = 12, Resamples = 200;

    /// <summary>Fits on training scenes and reports on test scenes.</summary>
    /// <param name="clients">Where environments run.</param>
    /// <param name="name">What results call the model.</param>
    /// <param name="policy">Whose activations.</param>
    /// <param name="task">Id with version; its scenes are drawn from bodies.</param>
    /// <param name="pictureSize">Pixels.</param>
    /// <param name="counts">Scenes to fit on, and to report on.</param>
    public static ProbeResult[] Run(
        EnvironmentClients clients, string name, Policy policy, string task, int pictureSize,
        (int Fit, int Test) counts)
    {
        var fit = Collect(clients, policy, task, "train", pictureSize, counts.Fit);
        var test = Collect(clients, policy, task, "test", pictureSize, counts.Test);
        return [.. from view in fit.Views.Keys
                   from target in SceneFacts.Names
                   let model = Ridge.Fit(fit.Views[view], [.. fit.Facts.Select(facts => facts[target])])
                   let truth = test.Facts.Select(facts => facts[target]).ToArray()
                   select new ProbeResult(name, task, target, view.Place, view.Layer,
                       Ridge.Score(model, test.Views[view], truth),
                       Interval(model, test.Views[view], truth), truth.Length)];
    }

    private static Sample Collect(
        EnvironmentClients clients, Policy policy, string task, string split, int pictureSize, int count)
    {
        using var source = new QuestionSource(clients, task, "", split, pictureSize);
        var (views, facts) = (new Dictionary<(string Place, int Layer), List<float[]>>(), new List<SceneFacts>());
        for (var done = 0; done < count; done += Batch)
        {
            var size = Math.Min(Batch, count - done);
            var questions = source.Ask((ulong)done, size).Questions;
            facts.AddRange(source.Facts((ulong)done, size));
            Add(views, ("picture", 0), [.. questions.Select(question => Shrink(question.Picture))]);
            Observe(policy, questions, views);
        }

        return new Sample(views.ToDictionary(view => view.Key, view => view.Value.ToArray()), [.. facts]);
    }

    private static void Observe(
        Policy policy, IReadOnlyList<Question> questions, Dictionary<(string, int), List<float[]>> views)
    {
        using var none = no_grad();
        using var scope = NewDisposeScope();
        var prompts = questions.Select(question => policy.Prompt(question)).ToArray();
        var (batch, pixels) = policy.Batch(prompts);
        using var owned = batch;
        using var ownedPixels = pixels;
        var weights = PictureWeights(prompts, policy.Model.Config.ImageTokenId, batch.Length);
        var mean = tensor(weights, [prompts.Length, 1, batch.Length], device: policy.Model.Device);
        policy.Model.Decoder.LayerObserver = (layer, output) =>
        {
            var states = output.to(ScalarType.Float32);                                    // [scene, token, hidden]
            Add(views, ("answer", layer + 1), Rows(states.select(1, batch.Length - 1)));
            Add(views, ("picture", layer + 1), Rows(mean.matmul(states).squeeze(1)));
        };
        try
        {
            policy.Model.States(batch);
        }
        finally
        {
            policy.Model.Decoder.LayerObserver = null;
        }
    }

    /// <summary>[scene, token]: one over the number of picture tokens on each of them; prompts end together.</summary>
    private static float[] PictureWeights(Vlm.Tokenization.EncodedChat[] prompts, int imageToken, int length)
    {
        var weights = new float[prompts.Length * length];
        for (var row = 0; row < prompts.Length; row++)
        {
            var ids = prompts[row].Ids;
            var count = ids.Count(id => id == imageToken);
            for (var i = 0; i < ids.Length; i++)
            {
                weights[(row * length) + length - ids.Length + i] = ids[i] == imageToken ? 1f / count : 0;
            }
        }

        return weights;
    }

    private static float[][] Rows(Tensor values) =>
        [.. values.cpu().contiguous().data<float>().ToArray().Chunk((int)values.shape[1])];

    private static void Add(
        Dictionary<(string, int), List<float[]>> views, (string, int) view, IEnumerable<float[]> rows)
    {
        if (!views.TryGetValue(view, out var all))
        {
            views[view] = all = [];
        }

        all.AddRange(rows);
    }

    /// <summary>Means over squares of pixels, float[12 x 12 x 3].</summary>
    private static float[] Shrink(RgbImage picture)
    {
        var sums = new float[Thumbnail * Thumbnail * 3];
        for (var y = 0; y < picture.Height; y++)
        {
            for (var x = 0; x < picture.Width; x++)
            {
                var cell = (y * Thumbnail / picture.Height * Thumbnail) + (x * Thumbnail / picture.Width);
                for (var channel = 0; channel < 3; channel++)
                {
                    sums[(cell * 3) + channel] += picture.Pixels[(((y * picture.Width) + x) * 3) + channel];
                }
            }
        }

        return sums;
    }

    private static double Interval(Ridge model, float[][] examples, double[] targets)
    {
        var random = new Random(0);   // resamples scenes; the same scenes, the same interval
        var scores = new double[Resamples];
        var predictions = examples.Select(model.Predict).ToArray();
        for (var i = 0; i < Resamples; i++)
        {
            int[] drawn = [.. targets.Select(_ => random.Next(targets.Length))];
            var mean = drawn.Average(at => targets[at]);
            var total = drawn.Sum(at => Math.Pow(targets[at] - mean, 2));
            scores[i] = total == 0 ? 0 : 1 - (drawn.Sum(at => Math.Pow(targets[at] - predictions[at], 2)) / total);
        }

        Array.Sort(scores);
        return (scores[(int)(0.975 * Resamples)] - scores[(int)(0.025 * Resamples)]) / 2;
    }

    private sealed record Sample(Dictionary<(string Place, int Layer), float[][]> Views, SceneFacts[] Facts);
}
