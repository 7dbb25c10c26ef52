using System.CommandLine;
using System.Text.Json;
using PhysIntuition.Trainer.Recipes;
using PhysIntuition.Trainer.Training;

namespace PhysIntuition.Trainer.Commands;

/// <summary>train --list, train RECIPE, train report.</summary>
internal static class TrainCommand
{
    public static Command Create(IReadOnlyList<string> arguments)
    {
        var list = new Option<bool>("--list") { Description = "Name the recipes and their knobs." };
        var command = new Command("train", "Train a model by a recipe.") { list, ReportCommand.Create() };
        foreach (var recipe in RecipeCatalog.All)
        {
            command.Add(Create(recipe, arguments));
        }

        command.SetAction(_ => List());
        return command;
    }

    private static int List()
    {
        foreach (var recipe in RecipeCatalog.All)
        {
            Console.WriteLine($"{recipe.Name,-9} {recipe.Summary}");
        }

        return 0;
    }

    private static Command Create(Recipe recipe, IReadOnlyList<string> arguments)
    {
        var folder = new Option<string>("--out")
        {
            Description = "The run's folder; a run that was begun there is resumed.", Required = true,
        };
        var preset = new Option<string?>("--preset") { Description = "Start from a named set of knobs, as paper." };
        var file = new Option<string?>("--options") { Description = "A JSON file of knobs." };
        var rank = new Option<int?>("--rank")
        {
            Description = "This process's number among --workers, where they are started by hand on several machines "
                + "that share the folder; without it, the others are started here.",
        };
        var rendezvous = new Option<string?>("--rendezvous")
        {
            Description = "HOST:PORT where process 0 listens; with --rank.",
        };
        var command = new Command(recipe.Name, recipe.Summary) { folder, preset, file, rank, rendezvous };
        var knobs = Knobs(recipe.OptionsType);
        foreach (var knob in knobs.Values)
        {
            command.Add(knob);
        }

        command.SetAction((parsed, cancellation) => TrainerCommands.RunStoppable(() =>
        {
            var values = knobs.Where(knob => parsed.GetResult(knob.Value) is not null)
                .ToDictionary(knob => knob.Key, knob => parsed.GetValue(knob.Value)!);
            var call = new RecipeCall(
                parsed.GetValue(preset), parsed.GetValue(file), values, parsed.GetValue(folder)!);
            var size = recipe.Workers(call);
            using var others = size > 1 && parsed.GetValue(rank) is null ? Workers.Start(size, arguments) : null;
            using var team = others is not null
                ? ProcessGroup.Lead(others.Listener, size)
                : ProcessGroup.Open(parsed.GetValue(rank) ?? 0, size, parsed.GetValue(rendezvous) ?? "");
            recipe.Run(call with { ProcessGroup = team }, cancellation);
        }));
        return command;
    }

    /// <summary>One option per settable property: learningRate is --learning-rate.</summary>
    private static Dictionary<string, Option<string>> Knobs(Type options)
    {
        var defaults = Activator.CreateInstance(options);
        return options.GetProperties()
            .Where(property => property.SetMethod?.IsPublic == true && !property.GetMethod!.IsStatic)
            .ToDictionary(
                property => JsonNamingPolicy.CamelCase.ConvertName(property.Name),
                property => new Option<string>("--" + JsonNamingPolicy.KebabCaseLower.ConvertName(property.Name))
                {
                    Description = $"Default {Text(property.GetValue(defaults))}.",
                });
    }

    private static string Text(object? value) =>
        value is "" ? "none" : JsonSerializer.Serialize(value, RecipeOptions.Format).Trim('"');
}
