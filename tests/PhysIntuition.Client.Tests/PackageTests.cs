using System.Diagnostics;
using System.IO.Compression;
using System.Text.RegularExpressions;
using Microsoft.Extensions.DependencyInjection;
using PhysIntuition.Server.Sessions;
using PhysIntuition.Server.Tests;

namespace PhysIntuition.Client.Tests;

/// <summary>The package, and the README's first program compiled against it.</summary>
public sealed partial class PackageTests
{
    private const string Version = "0.1.0-test";
    private const int LongestProgram = 15;

    // The client and what it stands on that no registry has.
    private static readonly string[] s_projects =
    [
        "clients/csharp/PhysIntuition.Client/PhysIntuition.Client.csproj",
        "proto/PhysIntuition.Proto.csproj",
    ];

    [Fact]
    public async Task Package_HoldsLibraryAndDocs_AndTheReadmesProgramRunsAgainstIt()
    {
        await using var server = await RunningServer.StartAsync();
        var folder = Directory.CreateTempSubdirectory("physintuition-package-");
        try
        {
            foreach (var project in s_projects)
            {
                await DotnetAsync(Repository.Root, "", "pack", project, "-c", "Release", "--no-build",
                    "-o", $"{folder}/feed",
                    $"-p:PackageVersion={Version}");
            }

            AssertContents($"{folder}/feed/PhysIntuition.Client.{Version}.nupkg");
            var program = FirstProgram().Match(await File.ReadAllTextAsync(Repository.At("clients/csharp/README.md")))
                .Groups[1].Value;
            Assert.InRange(program.TrimEnd().Split('\n').Length, 1, LongestProgram);

            var printed = await RunAsync(folder.FullName, program, server.Address);
            Assert.StartsWith("64 x 224 x 224 x 3\n0", printed, StringComparison.Ordinal);

            // A program that disposes of nothing leaves no session either.
            program = program.Replace("await using", "", StringComparison.Ordinal);
            await RunAsync(folder.FullName, program, server.Address);
            Assert.Empty(server.Services.GetRequiredService<SessionStore>().All);
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    private static void AssertContents(string package)
    {
        using var archive = ZipFile.OpenRead(package);
        var names = archive.Entries.Select(entry => entry.FullName).ToList();

        Assert.Contains("lib/net10.0/PhysIntuition.Client.dll", names);
        Assert.Contains("lib/net10.0/PhysIntuition.Client.xml", names);
        Assert.Contains("README.md", names);
    }

    private static async Task<string> RunAsync(string folder, string program, Uri address)
    {
        await File.WriteAllTextAsync($"{folder}/Program.cs", program);
        await File.WriteAllTextAsync($"{folder}/Readme.csproj", $"""
            <Project Sdk="Microsoft.NET.Sdk">
              <PropertyGroup>
                <OutputType>Exe</OutputType>
                <TargetFramework>net10.0</TargetFramework>
                <ImplicitUsings>enable</ImplicitUsings>
                <RestoreAdditionalProjectSources>{folder}/feed</RestoreAdditionalProjectSources>
                <RestorePackagesPath>{folder}/packages</RestorePackagesPath>
                <RestoreFallbackFolders>{PackagesFolder()}</RestoreFallbackFolders>
              </PropertyGroup>
              <ItemGroup>
                <PackageReference Include="PhysIntuition.Client" Version="{Version}" />
              </ItemGroup>
            </Project>
            """);
        return await DotnetAsync(
            folder, address.Authority, "run", "--project", $"{folder}/Readme.csproj", "-v", "quiet");
    }

    private static async Task<string> DotnetAsync(string folder, string server, params string[] arguments)
    {
        using var process = Process.Start(new ProcessStartInfo("dotnet", arguments)
        {
            WorkingDirectory = folder,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            Environment = { [ServerAddress.Variable] = server },
        })!;
        var errors = process.StandardError.ReadToEndAsync();
        var output = await process.StandardOutput.ReadToEndAsync();
        await process.WaitForExitAsync();
        Assert.True(process.ExitCode == 0, $"dotnet {string.Join(' ', arguments)}\n{output}\n{await errors}");
        return output;
    }

    private static string PackagesFolder() => Environment.GetEnvironmentVariable("NUGET_PACKAGES")
        ?? Path.Combine(Environment.GetFolderPath(Environment.SpecialFolder.UserProfile), ".nuget", "packages");

    [GeneratedRegex("```csharp\n(.*?)```", RegexOptions.Singleline)]
    private static partial Regex FirstProgram();
}
