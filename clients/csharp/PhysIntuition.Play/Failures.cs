using Grpc.Core;
using PhysIntuition.Client;
using PhysIntuition.Faults;

namespace PhysIntuition.Play;

/// <summary>Turns failures into one sentence and an exit code: 2 for what was asked wrongly, else 1.</summary>
internal static class Failures
{
    public static async Task<int> GuardAsync(Func<Task> work)
    {
        try
        {
            await work();
            return ExitCodes.Done;
        }
        catch (Exception failure) when (
            failure is PlayException or EnvironmentException or IOException or UnauthorizedAccessException)
        {
            Console.Error.WriteLine($"physintuition: {failure.Message}");
            return failure is EnvironmentException { Code: StatusCode.InvalidArgument or StatusCode.NotFound }
                ? ExitCodes.WrongUsage
                : ExitCodes.Of(failure);
        }
    }
}
