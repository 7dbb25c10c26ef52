using System.Diagnostics;

namespace PhysIntuition.Play.Demo;

/// <summary>Lets the Python client play the same episodes.</summary>
internal static class PythonPlayer
{
    /// <summary>Runs the client's example and reads its results.</summary>
    /// <param name="address">The server.</param>
    /// <param name="episodes">For each task and agent.</param>
    /// <param name="progress">Called after each task and agent.</param>
    public static async Task<IReadOnlyList<AgentResult>> PlayAsync(Uri address, int episodes, Action progress)
    {
        var results = Path.GetTempFileName();
        try
        {
            var script = Path.Combine(Repository.Root, "clients", "python", "examples", "demo.py");
            using var python = Process.Start(new ProcessStartInfo("/usr/bin/python3",
                [script, "--address", address.Authority, "--episodes", $"{episodes}", "--json", results])
            {
                RedirectStandardOutput = true,
                RedirectStandardError = true,
            })!;
            var errors = python.StandardError.ReadToEndAsync();
            while (await python.StandardOutput.ReadLineAsync() is not null)
            {
                progress();
            }

            await python.WaitForExitAsync();
            return python.ExitCode == 0
                ? AgentResult.Parse(await File.ReadAllTextAsync(results))
                : throw new PlayException($"The Python client failed:\n{await errors}");
        }
        finally
        {
            File.Delete(results);
        }
    }
}
