using System.CommandLine;

namespace PhysIntuition.Trainer;

/// <summary>experiment --scale cpu --out DIR: the whole study, resumable, with a report.</summary>
internal static class ExperimentCommand
{
    public static Command Create()
    {
        var scale = new Option<string>("--scale")
        {
            Description = $"{string.Join(", ", ExperimentPlan.Scales.Keys)}: a minute, hours on two cores, days on a "
                + "GPU.",
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
        var seeds = NumberOption.Of("--seeds", "Repetitions with other seeds.", 1, new(1, 100));
        var options = new Option<string?>("--options") { Description = "A JSON file that changes the plan." };
        var command = new Command("experiment", "What transfers? Train a base and every arm, ask, test, report.")
        {
            scale, model, folder, seeds, photographs, options,
        };
        command.SetAction((parsed, cancellation) => TrainerCommands.RunStoppable(() =>
        {
            var pictures = PhotographsOption.Count(parsed, photographs);
            var plan = RecipeOptions.Read(Scale(parsed.GetValue(scale)!), parsed.GetValue(options), []);
            plan = plan with { Seeds = parsed.GetValue(seeds) };
            var name = parsed.GetValue(model)!;
            if (name == "tiny" && plan.Base is null)
            {
                throw new ArgumentException("model is tiny, which cannot read yet; name a model folder with --model, "
                    + "or take --scale cpu.");
            }

            if (name != "tiny" && plan.Base is not null)
            {
                throw new ArgumentException($"model is {name} and base teaches the tiny one to see; leave --model out, "
                    + "or take --scale gpu.");
            }

            Console.WriteLine(new Experiment(plan, name, parsed.GetValue(folder)!)
            {
                Photographs = pictures,
                Command = "./physintuition " + string.Join(' ', Environment.GetCommandLineArgs()[1..]),
            }.Run(cancellation));
        }));
        return command;
    }

    private static ExperimentPlan Scale(string name) => ExperimentPlan.Scales.TryGetValue(name, out var plan)
        ? plan
        : throw KnownNames.Unknown("--scale", name, [.. ExperimentPlan.Scales.Keys]);
}
