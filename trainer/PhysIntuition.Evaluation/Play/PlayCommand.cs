using System.CommandLine;
using System.CommandLine.Parsing;
using PhysIntuition.Environments.Options;

namespace PhysIntuition.Evaluation.Play;

/// <summary><c>play</c>: a person plays a task in the terminal.</summary>
internal static class PlayCommand
{
    private static readonly Argument<string> s_task = new("task")
    {
        Description = "Task id, for example Stability-v1.",
    };

    private static readonly Option<Uri?> s_server = new("--server")
    {
        Description = "A running server, for example http://127.0.0.1:50051. Without it one is started.",
        CustomParser = ReadAddress,
    };

    private static readonly Option<int> s_episodes =
        NumberOption.Of("--episodes", "How many episodes.", 5, new(1, 10_000));

    private static readonly Option<ulong> s_seed = new("--seed") { Description = "Seed of the first episode." };

    private static readonly Option<DirectoryInfo> s_pictures = new("--pictures")
    {
        Description = "Folder for the pictures as PNG.",
        DefaultValueFactory = _ => new DirectoryInfo("play-output"),
    };

    public static Command Create()
    {
        var command = new Command("play", "Play a task yourself: look, answer, see what happens.")
        {
            s_task, s_server, s_episodes, s_seed, s_pictures,
        };
        command.SetAction(RunAsync);
        return command;
    }

    private static Uri? ReadAddress(ArgumentResult argument)
    {
        try
        {
            return ServerAddress.Parse(argument.Tokens[0].Value);
        }
        catch (FormatException failure)
        {
            argument.AddError(failure.Message.Replace("'address'", "'--server'"));
            return null;
        }
    }

    private static async Task RunAsync(ParseResult arguments, CancellationToken cancellation)
    {
        var address = arguments.GetValue(s_server);
        await using var own = address is null ? await OwnServer.StartAsync() : null;
        await using var client = await PhysIntuitionClient.ConnectAsync(
            new ClientOptions { Address = address ?? own!.Address });
        await using var environment = await client.CreateAsync(new EnvironmentSettings(arguments.GetValue(s_task)!)
        {
            Autoreset = V1.AutoresetMode.Disabled,
            Observe = new Observe("rgb", "prompt", "info"),
        });
        var table = new Tabletop(environment, arguments.GetValue(s_pictures)!);
        var rewards = new List<double>();
        for (var episode = 0; episode < arguments.GetValue(s_episodes); episode++)
        {
            if (await table.PlayAsync(arguments.GetValue(s_seed) + (ulong)episode, cancellation) is not { } reward)
            {
                break; // End of input.
            }

            rewards.Add(reward);
        }

        if (rewards.Count > 0)
        {
            Console.WriteLine($"Mean reward over {rewards.Count} episodes: {rewards.Average():F2}.");
        }
    }
}
