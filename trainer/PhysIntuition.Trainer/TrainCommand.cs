using System.CommandLine;

namespace PhysIntuition.Trainer;

/// <summary>train --list, train RECIPE, train report.</summary>
internal static class TrainCommand
{
    public static Command Create()
    {
        var list = new Option<bool>("--list") { Description = "Name the recipes and their knobs." };
        var command = new Command("train", "Train a model by a recipe.") { list, ReportCommand.Create() };
        foreach (var recipe in RecipeCatalog.All)
        {
            command.Add(Create(recipe));
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

    private static Command Create(Recipe recipe)
    {
        var folder = new Option<string>("--out")
        {
            Description = "The run's folder; a run that was begun there is resumed.", Required = true,
        };
        var preset = new Option<string?>("--preset") { Description = "Start from a named set of knobs, as paper." };
        var file = new Option<string?>("--options") { Description = "A JSON file of knobs." };
        var command = new Command(recipe.Name, recipe.Summary) { folder, preset, file };
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
            Run(recipe, call, cancellation);
        }));
        return command;
    }

    private static void Run(Recipe recipe, RecipeCall call, CancellationToken cancellation)
    {
        var group = ProcessGroup.Open();
        using var told = cancellation.Register(() => Explain(group, call.Folder));
        try
        {
            recipe.Run(call with { ProcessGroup = group }, cancellation);
        }
        catch (OperationCanceledException) when (group.HasStopped)
        {
            group.Leave();
            if (group.IsFirst)
            {
                throw;   // one tells it
            }

            return;
        }

        group.Leave();
    }

    // The launcher ends everybody when one is lost; whoever waits for that one has no other word for it.
    private static void Explain(ProcessGroup group, string folder)
    {
        if (group.Size > 1 && group.Rank < 2)   // the second, should the first be the one that is lost
        {
            Console.Error.WriteLine($"Process {group.Rank} of {group.Size} is told to end: by the user, or because "
                + $"another one is lost. The same command goes on from the last checkpoint in {folder}.");
        }
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

/// <summary>train report RUN: a run's curves as a page.</summary>
internal static class ReportCommand
{
    public static Command Create()
    {
        var run = new Argument<string>("run") { Description = "The run's folder." };
        var command = new Command("report", "Draw a run's curves as one HTML page.") { run };
        command.SetAction(parsed =>
        {
            Console.WriteLine(CurvePage.Write(parsed.GetValue(run)!));
            return 0;
        });
        return command;
    }
}
