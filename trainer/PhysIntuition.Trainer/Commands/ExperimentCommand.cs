using System.CommandLine;
using PhysIntuition.Evaluation.Commands;
using PhysIntuition.Faults;
using PhysIntuition.Trainer.Recipes;
using PhysIntuition.Trainer.Study;

namespace PhysIntuition.Trainer.Commands;

/// <summary>experiment --scale cpu --out DIR: the whole study, resumable, with a report.</summary>
internal static class ExperimentCommand
{
    public static Command Create()
    {
        var scale = new Option<string>("--scale")
        {
            Description = $"{string.Join(", ", ExperimentPlan.Scales.Keys)}: seconds, under an hour on two cores, days "
                + "on a GPU.",
            Required = true,
        };
        var model = new Option<string>("--model")
        {
            Description = "A model folder of the published layout, or tiny.", DefaultValueFactory = _ => "tiny",
        };
        var folder = new Option<string>("--out")
        {
            Description = "The study's folder; one that was begun there goes on.", Required = true,
        };
        var photographs = PhotographsOption.Create();
        var options = new Option<string?>("--options") { Description = "A JSON file that changes the plan." };
        var command = new Command("experiment", "Train, evaluate, probe and report: the published study.")
        {
            scale, model, folder, photographs, options,
        };
        command.SetAction((parsed, cancellation) => TrainerCommands.RunStoppable(() =>
        {
            var pictures = PhotographsOption.Count(parsed, photographs);
            var plan = RecipeOptions.Read(Scale(parsed.GetValue(scale)!), parsed.GetValue(options), []);
            var name = parsed.GetValue(model)!;
            if (name == "tiny" && plan.Start is null)
            {
                throw new ArgumentException("model is tiny, which cannot read yet; name a model folder with --model, "
                    + "or take --scale cpu.");
            }

            Console.WriteLine(new Experiment(
                plan, name, pictures, parsed.GetValue(folder)!).Run(cancellation));
        }));
        return command;
    }

    private static ExperimentPlan Scale(string name) => ExperimentPlan.Scales.TryGetValue(name, out var plan)
        ? plan
        : throw KnownNames.Unknown("--scale", name, [.. ExperimentPlan.Scales.Keys]);
}
