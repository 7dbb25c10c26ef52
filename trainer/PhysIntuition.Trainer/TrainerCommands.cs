using System.CommandLine;
using System.Runtime.InteropServices;
using Grpc.Core;

namespace PhysIntuition.Trainer;

/// <summary>The program's commands: train, eval, host and experiment.</summary>
internal static class TrainerCommands
{
    /// <summary>Every command.</summary>
    public static RootCommand Create() =>
        new("Trains, evaluates and serves vision-language models on PhysIntuition's tasks.")
        {
            TrainCommand.Create(), FolderEvalCommand.Create(), HostCommand.Create(),
            ExperimentCommand.Create(),
        };

    /// <summary>Runs one command; 0 done, 1 failed, 2 wrong usage.</summary>
    /// <param name="arguments">The command line.</param>
    /// <param name="said">Where faults are said; null: the error stream.</param>
    public static int Run(string[] arguments, TextWriter? said = null) =>
        PhysIntuition.Evaluation.EvaluationCommands.Run(Create(), arguments, said, Explain);

    /// <summary>Runs what takes long on a thread of its own, so that Ctrl-C and SIGTERM reach its token.</summary>
    public static async Task<int> RunStoppable(Action work)
    {
        await Task.Run(work).ConfigureAwait(false);
        return 0;
    }

    private static string? Explain(Exception error) => error switch
    {
        RpcException refused => $"The server answered {refused.StatusCode}: {refused.Status.Detail}",
        ExternalException native => $"libtorch: {native.Message.Split('\n', 2)[0]}",
        _ => null,
    };
}
