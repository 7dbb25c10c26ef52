using System.Diagnostics;

namespace PhysIntuition.Server.Tests;

/// <summary>packaging/ is read by the schemas of what will read it: Envoy's own API, Kubernetes' own types.</summary>
public sealed class PackagingTests
{
    private const string Python = "/usr/bin/python3";   // the system's own: Debian's packages are for it

    private static readonly string s_checks = Path.Combine(
        Repository.Root, "tests/PhysIntuition.Server.Tests/npm");

    [Fact]
    public async Task Envoy_OfThePackage_IsWhatEnvoysApiTakes()
    {
        var (code, faults) = await CheckAsync(Python, "envoy.py", Packaged("envoy.yaml"));

        Assert.True(code == 0, faults);
    }

    [Theory]
    [InlineData("retry_on:", "retry_when:", "no field named \"retry_when\"")]
    [InlineData("lb_policy: RING_HASH", "lb_policy: RING", "RING")]
    [InlineData("timeout: 1s", "timeout: soon", "soon")]
    public async Task Envoy_WithAMistake_IsRefused(string right, string wrong, string reason)
    {
        using var file = new ChangedFile(Packaged("envoy.yaml"), right, wrong);

        var (code, faults) = await CheckAsync(Python, "envoy.py", file.Path);

        Assert.Equal(1, code);
        Assert.Contains(reason, faults, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("durable.yaml")]
    [InlineData("proxy.yaml")]
    [InlineData("server.yaml")]
    public async Task Kubernetes_Manifests_AreWhatItsApiTakes(string file)
    {
        var (code, faults) = await CheckAsync("node", "kubernetes.mjs", Packaged($"kubernetes/{file}"));

        Assert.True(code == 0, faults);
    }

    [Theory]
    [InlineData("periodSeconds: 2", "periodSecond: 2", "readinessProbe.periodSecond")]
    [InlineData("minReplicas: 2", "minReplicas: two", "minReplicas must be integer")]
    [InlineData("containerPort: 50051", "port: 50051", "must have required property containerPort")]
    [InlineData("apiVersion: policy/v1", "apiVersion: policy/v3", "unknown kind")]
    public async Task Kubernetes_WithAMistake_IsRefused(string right, string wrong, string reason)
    {
        using var file = new ChangedFile(Packaged("kubernetes/server.yaml"), right, wrong);

        var (code, faults) = await CheckAsync("node", "kubernetes.mjs", file.Path);

        Assert.Equal(1, code);
        Assert.Contains(reason, faults, StringComparison.Ordinal);
    }

    private static string Packaged(string file) => Path.Combine(Repository.Root, "packaging", file);

    private static async Task<(int Code, string Faults)> CheckAsync(string program, string script, string file)
    {
        Assert.SkipUnless(Directory.Exists(Path.Combine(s_checks, "node_modules")),
            "the schemas are absent: npm ci --prefix tests/PhysIntuition.Server.Tests/npm --ignore-scripts");
        using var process = Process.Start(new ProcessStartInfo(program, [Path.Combine(s_checks, script), file])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        })!;
        var (faults, errors) = (process.StandardOutput.ReadToEndAsync(), process.StandardError.ReadToEndAsync());
        await process.WaitForExitAsync().WaitAsync(RunningServer.Patience);
        return (process.ExitCode, await faults + await errors);
    }

    /// <summary>A copy of a file with one thing wrong.</summary>
    private sealed class ChangedFile : IDisposable
    {
        public ChangedFile(string source, string right, string wrong)
        {
            var text = File.ReadAllText(source);
            Assert.Contains(right, text, StringComparison.Ordinal);
            File.WriteAllText(Path, text.Replace(right, wrong, StringComparison.Ordinal));
        }

        public string Path { get; } = System.IO.Path.Combine(
            System.IO.Path.GetTempPath(), $"physintuition-{Guid.NewGuid():N}.yaml");

        public void Dispose() => File.Delete(Path);
    }
}
