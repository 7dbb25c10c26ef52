using System.Diagnostics;

namespace PhysIntuition.Architecture.Tests;

/// <summary>The entry script where it was not built: moved, unknown command, part that does not exist.</summary>
public sealed class EntryScriptTests : IDisposable
{
    private readonly string _checkout = Directory.CreateTempSubdirectory("physintuition-").FullName;

    public EntryScriptTests()
    {
        File.Copy(Path.Combine(Repository.Root, "physintuition"), Path.Combine(_checkout, "physintuition"));
        foreach (var folder in new[] { "artifacts/bin", "artifacts/stamps", "server", "tests" })
        {
            Directory.CreateDirectory(Path.Combine(_checkout, folder));
        }

        File.WriteAllText(Path.Combine(_checkout, "artifacts/bin/built"), "");
    }

    public void Dispose() => Directory.Delete(_checkout, recursive: true);

    [Fact]
    public void Build_CheckoutThatWasMoved_IsBuiltAgain()
    {
        File.WriteAllText(Path.Combine(_checkout, "artifacts/stamps/root"), "/somewhere/else");

        Run("tasks"); // fails for want of sources, after it has removed what names the other place

        Assert.False(File.Exists(Path.Combine(_checkout, "artifacts/bin/built")));
    }

    [Fact]
    public void Build_CheckoutThatStayed_KeepsWhatWasBuilt()
    {
        File.WriteAllText(Path.Combine(_checkout, "artifacts/stamps/root"), _checkout);

        Run("tasks");

        Assert.True(File.Exists(Path.Combine(_checkout, "artifacts/bin/built")));
    }

    [Theory]
    [InlineData("fly", "there is no command 'fly'.\n")]
    [InlineData("traim", "there is no command 'traim'. Did you mean 'train'?")]
    [InlineData("setup", "setup wants one or more of")]
    [InlineData("setup wings", "setup has no part 'wings'")]
    [InlineData("setup pithon", "Did you mean 'python'?")]
    public void Run_WordThatIsNone_IsWrongUsage(string arguments, string says)
    {
        var (status, said) = Run(arguments);

        Assert.Equal(2, status);
        Assert.Contains(says, said);
    }

    private (int Status, string Said) Run(string arguments)
    {
        using var script = Process.Start(new ProcessStartInfo("bash", $"physintuition {arguments}")
        {
            WorkingDirectory = _checkout,
            RedirectStandardError = true,
            RedirectStandardOutput = true,
        })!;
        var said = script.StandardError.ReadToEnd();
        script.WaitForExit();
        return (script.ExitCode, said);
    }
}
