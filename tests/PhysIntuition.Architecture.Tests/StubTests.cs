using System.Diagnostics;

namespace PhysIntuition.Architecture.Tests;

/// <summary>The stubs that are kept in the repository are those that proto/ gives.</summary>
public sealed class StubTests
{
    [Fact]
    public void KeptStubs_AreWhatTheContractGenerates()
    {
        Assert.SkipUnless(File.Exists("/usr/bin/protoc"), "protoc is not installed (package protobuf-compiler).");

        using var generate = Process.Start(new ProcessStartInfo("bash", ["clients/generate", "--check"])
        {
            WorkingDirectory = Repository.Root,
            RedirectStandardError = true,
        })!;
        var stale = generate.StandardError.ReadToEnd();
        generate.WaitForExit();

        Assert.True(generate.ExitCode == 0, stale);
    }
}
