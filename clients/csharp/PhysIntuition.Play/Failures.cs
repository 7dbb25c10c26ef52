using PhysIntuition.Client;

namespace PhysIntuition.Play;

/// <summary>Turns failures into one sentence and exit code 1.</summary>
internal static class Failures
{
    public static async Task<int> GuardAsync(Func<Task> work)
    {
        try
        {
            await work();
            return 0;
        }
        catch (Exception failure) when (failure is PlayException or EnvironmentException or IOException)
        {
            Console.Error.WriteLine($"physintuition: {failure.Message}");
            return 1;
        }
    }
}
