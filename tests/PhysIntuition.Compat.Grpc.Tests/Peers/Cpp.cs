namespace PhysIntuition.Compat.Grpc.Tests.Peers;

/// <summary>Builds the C++ interop program, once for as long as its sources stay.</summary>
internal static class Cpp
{
    private static readonly SemaphoreSlim s_building = new(1, 1);

    /// <summary>The program; a skipped test where the compiler or libgrpc++ is missing.</summary>
    internal static async Task<string> Build(string folder)
    {
        var (code, _) = await Command.TryRun("pkg-config", ["--exists", "grpc++", "protobuf"]);
        Assert.SkipUnless(code == 0, "libgrpc++-dev or pkg-config is not installed.");
        var (plugin, _) = await Command.TryRun("which", ["grpc_cpp_plugin", "protoc", "cmake", "g++"]);
        Assert.SkipUnless(plugin == 0, "protobuf-compiler-grpc, protobuf-compiler, cmake or g++ is not installed.");
        await s_building.WaitAsync();
        try
        {
            return await Compile(Path.Combine(folder, "cpp"));
        }
        finally
        {
            s_building.Release();
        }
    }

    private static async Task<string> Compile(string sources)
    {
        var output = Repository.Find("artifacts/interop-cpp");
        Directory.CreateDirectory(output);
        string[][] steps =
        [
            ["-S", sources, "-B", output, "-DCMAKE_BUILD_TYPE=Release", "-DCMAKE_CXX_FLAGS_RELEASE=-O1"],
            ["--build", output],
        ];
        foreach (var step in steps)
        {
            var (code, log) = await Command.Run("cmake", step, TimeSpan.FromMinutes(5));
            Assert.True(code == 0, $"cmake {string.Join(' ', step)} failed:\n{log}");
        }

        return Path.Combine(output, "interop");
    }
}
