using System.ComponentModel;
using System.Diagnostics;

namespace PhysIntuition.Compat.Grpc.Tests.Peers;

/// <summary>Runs programs to their end.</summary>
internal static class Command
{
    /// <summary>Runs a program; its exit code and standard output. Its errors go to the test's output.</summary>
    internal static async Task<(int Code, string Output)> Run(
        string program, IEnumerable<string> arguments, TimeSpan patience)
    {
        using var process = Start(program, arguments);
        process.StandardInput.Close();
        var output = process.StandardOutput.ReadToEndAsync();
        var errors = process.StandardError.ReadToEndAsync();
        try
        {
            await process.WaitForExitAsync().WaitAsync(patience);
        }
        finally
        {
            if (!process.HasExited)
            {
                process.Kill(entireProcessTree: true);
            }
        }

        TestContext.Current.TestOutputHelper?.WriteLine(await errors);
        return (process.ExitCode, await output);
    }

    /// <summary>Runs a program that may not exist; -1 then.</summary>
    internal static async Task<(int Code, string Output)> TryRun(string program, IEnumerable<string> arguments)
    {
        try
        {
            return await Run(program, arguments, TimeSpan.FromSeconds(30));
        }
        catch (Win32Exception)
        {
            return (-1, "");
        }
    }

    internal static Process Start(string program, IEnumerable<string> arguments) =>
        Process.Start(new ProcessStartInfo(program, arguments)
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        })!;
}
