using System.CommandLine;
using PhysIntuition.Environments.Options;
using PhysIntuition.Evaluation;
using PhysIntuition.Trainer.Rollouts;
using PhysIntuition.Trainer.Study;

namespace PhysIntuition.Trainer;

/// <summary>eval probe: how well every layer's activations decode offset, margin and block count.</summary>
internal static class ProbeCommand
{
    public static Command Create()
    {
        var models = new Option<string[]>("--model")
        {
            Description = "Model or adapter folders; NAME=FOLDER names one.", Required = true,
            AllowMultipleArgumentsPerToken = true,
        };
        var task = new Option<string>("--task") { Description = "A task with scenes.", Required = true };
        var size = NumberOption.Of("--picture-size", "Pixels.", 96, new(16, 1024));
        var fit = NumberOption.Of("--fit", "Training scenes.", 400, new(10, 1_000_000));
        var test = NumberOption.Of("--questions", "Test scenes.", 200, new(5, 1_000_000));
        var device = new Option<string>("--device") { Description = "cpu, cuda.", DefaultValueFactory = _ => "cpu" };
        var json = OutputOption.Of("--json", "Write the results into this file.");
        var picture = OutputOption.Of("--picture", "Draw the curves into this SVG file.");
        var command = new Command("probe", "Regress scene quantities on every layer's activations.")
        {
            models, task, size, fit, test, device, json, picture,
        };
        command.SetAction(parsed =>
        {
            using var clients = EnvironmentClients.Open("");
            var results = new List<ProbeResult>();
            foreach (var (name, folder) in parsed.GetValue(models)!.Select(FolderEvalCommand.Model).ToArray())
            {
                using var policy = Policy.Open(folder, new PolicyOptions { Device = parsed.GetValue(device)! });
                results.AddRange(LayerProbe.Run(clients, name, policy, parsed.GetValue(task)!, parsed.GetValue(size),
                    (parsed.GetValue(fit), parsed.GetValue(test))));
            }

            ProbeFiles.Print(results);
            ProbeFiles.Write(results, parsed.GetValue(json), parsed.GetValue(picture));
            return 0;
        });
        return command;
    }
}
