using System.CommandLine;
using System.Globalization;
using System.Text.Json;
using PhysIntuition.Environments.Splits;
using PhysIntuition.Trainer.Evaluation;
using PhysIntuition.Trainer.Policies;
using PhysIntuition.Trainer.Recipes;
using PhysIntuition.Trainer.Rollouts;
using PhysIntuition.Vlm.Sampling;
using PhysIntuition.Vlm.Safetensors;

namespace PhysIntuition.Trainer.Commands;

/// <summary>eval --model DIR --task ID...: a table of rewards, and the same as JSON.</summary>
internal static class EvalCommand
{
    public static Command Create()
    {
        var model = new Option<string>("--model") { Description = "A model folder.", Required = true };
        var tasks = new Option<string[]>("--task")
        {
            Description = "Tasks, with version; may be given several times.", Required = true,
            AllowMultipleArgumentsPerToken = true,
        };
        var taskOptions = new Option<string>("--task-options")
        {
            Description = "The tasks' options as a JSON object.", DefaultValueFactory = _ => "",
        };
        var split = new Option<Split>("--split")
        {
            Description = "train, val or test.", DefaultValueFactory = _ => Split.Test,
        };
        var questions = new Option<int>("--questions") { Description = "Scenes.", DefaultValueFactory = _ => 500 };
        var size = new Option<int>("--picture-size") { Description = "Pixels.", DefaultValueFactory = _ => 96 };
        var temperature = new Option<float>("--temperature") { Description = "0 takes the best token." };
        var minP = new Option<float>("--min-p") { Description = "Keeps tokens of this share of the best one's." };
        var examples = new Option<int>("--examples") { Description = "Answered scenes that each prompt shows first." };
        var json = new Option<string?>("--json") { Description = "Write the results into this file." };
        var command = new Command("eval", "Evaluate a model on tasks.")
        {
            model, tasks, taskOptions, split, questions, size, temperature, minP, examples, json,
        };
        command.SetAction(parsed =>
        {
            using var policy = Policy.Open(parsed.GetValue(model)!, new PolicyOptions());
            var options = new EvaluationOptions
            {
                Questions = parsed.GetValue(questions), Examples = parsed.GetValue(examples),
                Sampling = new SamplingOptions
                {
                    Temperature = parsed.GetValue(temperature), MinP = parsed.GetValue(minP),
                },
            };
            var results = parsed.GetValue(tasks)!.ToDictionary(task => task, task =>
            {
                using var source = new QuestionSource(
                    task, parsed.GetValue(taskOptions)!, parsed.GetValue(split), parsed.GetValue(size));
                return Evaluator.Run(policy, source, options);
            });
            Print(results, parsed.GetValue(json));
            return 0;
        });
        return command;
    }

    private static void Print(Dictionary<string, EvaluationResult> results, string? json)
    {
        Console.WriteLine("task                     n   reward (95 %)   as expert  readable  expert's");
        foreach (var (task, result) in results)
        {
            Console.WriteLine(string.Create(CultureInfo.InvariantCulture,
                $"{task,-20} {result.Questions,5}  {result.Reward,7:0.000} ±{result.Interval,5:0.000}  "
                + $"{result.AsExpert,9:0.0 %}  {result.Readable,8:0.0 %}  {result.ExpertReward,8:0.000}"));
        }

        if (json is not null)
        {
            AtomicFile.Write(json, stream => JsonSerializer.Serialize(stream, results, OptionsJson.Format));
        }
    }
}
