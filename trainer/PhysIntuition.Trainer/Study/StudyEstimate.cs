using System.Text.Json.Nodes;
using PhysIntuition.Trainer.Recipes;
using PhysIntuition.Vlm.Weights;

namespace PhysIntuition.Trainer.Study;

/// <summary>How long a study takes, from two steps of each kind of stage on this machine.</summary>
internal static class StudyEstimate
{
    private const string FileName = "estimate.json", Answer = "answer";

    /// <summary>Hours for training and asking; measured once for a folder, before the study begins.</summary>
    /// <param name="plan">What will be done.</param>
    /// <param name="models">Of it, what is left to do.</param>
    /// <param name="model">"tiny" or a model folder.</param>
    /// <param name="folder">The study's.</param>
    /// <param name="cancellation">Ends after the step under way.</param>
    public static double Hours(
        ExperimentPlan plan, StudyModel[] models, string model, string folder, CancellationToken cancellation)
    {
        var path = Path.Combine(folder, FileName);
        var measured = File.Exists(path) ? JsonNode.Parse(File.ReadAllText(path))!.AsObject() : [];
        foreach (var item in models)
        {
            for (var i = 0; i < item.Arm.Stages.Count; i++)
            {
                if (!measured.ContainsKey(KindOf(item.Arm, item.Arm.Stages[i])))
                {
                    Measure(item, i);
                    AtomicFile.Write(path, stream => stream.Write(Encoding.UTF8.GetBytes(measured.ToJsonString())));
                }
            }
        }

        return Seconds(plan, models, measured) / 3600;

        void Measure(StudyModel item, int place)
        {
            var (stage, run) = (item.Arm.Stages[place], Path.Combine(folder, "estimate", $"{measured.Count:D2}"));
            var options = plan.Recipes(item, place..(place + 1),
                item.Arm.Size.Length == 0 ? model : $"{model}-{item.Arm.Size}");
            options.Stages[0].Options["steps"] = 2;
            try
            {
                RecipeSequence.Train(options, run, cancellation);
            }
            catch (Exception) when (!cancellation.IsCancellationRequested)
            {
                measured[KindOf(item.Arm, stage)] = 0.0;   // the arm will fail, and is told why then
                return;
            }

            var second = JsonNode.Parse(
                File.ReadAllLines(Path.Combine(run, $"01-{stage.Recipe}", "metrics.jsonl"))[1])!.AsObject();
            measured[KindOf(item.Arm, stage)] = second["time/step"]!.DeepClone();
            measured[Answer] = second["time/generate"] is { } generating   // of rewards; else, as a lesson
                ? generating.GetValue<double>() / (plan.Grpo.Prompts * plan.Grpo.Completions)
                : measured[Answer]?.DeepClone() ?? second["time/step"]!.GetValue<double>() / plan.Sft.Batch;
        }
    }

    /// <summary>Seconds by the seconds of a step of each kind, and of an answer.</summary>
    internal static double Seconds(ExperimentPlan plan, StudyModel[] models, JsonObject measured)
    {
        double Of(string name) => measured[name]?.GetValue<double>() ?? 0;
        double Training(StudyModel model, Range stages) => model.Arm.Stages.Take(stages)
            .Sum(stage => plan.Steps(stage) * Of(KindOf(model.Arm, stage)));
        var training = models.Sum(model => Training(model, model.SharedStages..))
            + models.DistinctBy(model => model.SharedName).Sum(model => Training(model, ..model.SharedStages));
        var lesson = measured.Where(item => item.Key.StartsWith("sft", StringComparison.Ordinal))
            .Select(item => item.Value!.GetValue<double>() / plan.Sft.Batch).DefaultIfEmpty().Average();
        var bases = plan.Base is { } start
            ? models.Select(model => (model.Seed, model.Arm.Size)).Distinct().Count()
                * start.Steps * start.Batch * lesson
            : 0;
        var asked = models.Sum(model => model.Learned(plan.HeldOut).Count() + (model.Asked(plan.HeldOut).Count()
            * (model.Arm.AskedOptions.Length > 0 ? 3 : 2))) * plan.Questions * Of(Answer);
        return (training + bases + asked) / plan.Parallel;
    }

    private static string KindOf(StudyArm arm, ArmStage stage) =>
        $"{stage.Recipe} {stage.Families} {stage.TaskOptions} {arm.Size}".TrimEnd();
}
