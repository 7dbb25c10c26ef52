using System.Text.Json.Nodes;
using PhysIntuition.Trainer.Recipes;
using PhysIntuition.Vlm.Weights;

namespace PhysIntuition.Trainer.Study;

/// <summary>How long a study takes, from two steps of each recipe on this machine.</summary>
internal static class StudyEstimate
{
    private const string FileName = "estimate.json";

    /// <summary>Hours for training and asking; measured once for a folder, before the study begins.</summary>
    /// <param name="plan">What will be done.</param>
    /// <param name="model">"tiny" or a model folder.</param>
    /// <param name="folder">The study's.</param>
    /// <param name="cancellation">Ends after the step under way.</param>
    public static double Hours(ExperimentPlan plan, string model, string folder, CancellationToken cancellation)
    {
        var path = Path.Combine(folder, FileName);
        if (!File.Exists(path))
        {
            var at = Path.Combine(folder, "estimate");
            Sft.Train(plan.Sft with
            {
                Model = model, Steps = 2, PictureSize = plan.PictureSize, EvaluationQuestions = 1,
            }, Path.Combine(at, "sft"), cancellation);
            Grpo.Train(plan.Grpo with
            {
                Model = model, Steps = 2, PictureSize = plan.PictureSize, EvaluationQuestions = 1,
                Constrain = PhysIntuition.Evaluation.Models.AnswerConstraint.Answer,
            }, Path.Combine(at, "grpo"), cancellation);
            var (sft, grpo) = (Second(Path.Combine(at, "sft")), Second(Path.Combine(at, "grpo")));
            var measured = new JsonObject
            {
                ["sftStep"] = sft["time/step"]!.DeepClone(), ["grpoStep"] = grpo["time/step"]!.DeepClone(),
                ["answer"] = grpo["time/generate"]!.GetValue<double>() / (plan.Grpo.Prompts * plan.Grpo.Completions),
            };
            AtomicFile.Write(path, stream => stream.Write(System.Text.Encoding.UTF8.GetBytes(measured.ToJsonString())));
        }

        return Seconds(plan, JsonNode.Parse(File.ReadAllText(path))!.AsObject()) / 3600;
    }

    /// <summary>Seconds by the seconds of a supervised step, a step of rewards and one answer.</summary>
    internal static double Seconds(ExperimentPlan plan, JsonObject measured)
    {
        double Of(string name) => measured[name]!.GetValue<double>();
        StudyModel[] models = [.. plan.Models];
        var training = models.Sum(model => model.Arm.Stages.Sum(
            stage => plan.Steps(stage) * Of(stage.Recipe == "grpo" ? "grpoStep" : "sftStep")));
        var bases = plan.Base is { } start
            ? models.Select(model => (model.Seed, model.Arm.Size)).Distinct().Count()
                * start.Steps * Of("sftStep") * start.Batch / plan.Sft.Batch
            : 0;
        var asked = models.Sum(model => model.Learned(plan.HeldOut).Count() + (model.Asked(plan.HeldOut).Count()
            * (model.Arm.AskedOptions.Length > 0 ? 3 : 2))) * plan.Questions * Of("answer");
        return (training + bases + asked) / plan.Parallel;
    }

    private static JsonObject Second(string run) =>
        JsonNode.Parse(File.ReadAllLines(Path.Combine(run, "metrics.jsonl"))[1])!.AsObject();
}
