using System.Runtime.InteropServices;
using System.Text;

namespace PhysIntuition.SecondOpinions;

/// <summary>MuJoCo's C functions and the few fields of its structures that are read or written.</summary>
/// <remarks>The offsets are offsetof() of the headers of version 2.2.2; other versions are refused.</remarks>
internal static unsafe partial class MujocoLibrary
{
    public const int SupportedVersion = 222;

    private const string Name = "libmujoco.so.2.2.2";
    private const int TimeOffset = 40336, QposOffset = 40376, QvelOffset = 40384, XfrcOffset = 40424;

    /// <summary>Why MuJoCo cannot be used here; null if it can.</summary>
    public static string? WhyMissing { get; } = Probe();

    public static double* Positions(nint data) => *(double**)(data + QposOffset);

    public static double* Velocities(nint data) => *(double**)(data + QvelOffset);

    /// <summary>Force and torque on each body, world frame, about its centre; body 0 is the world.</summary>
    public static double* Forces(nint data) => *(double**)(data + XfrcOffset);

    public static double Time(nint data) => *(double*)(data + TimeOffset);

    public static nint Load(string path)
    {
        var error = stackalloc byte[1000];
        var model = mj_loadXML(path, 0, error, 1000);
        return model != 0
            ? model
            : throw new InvalidOperationException("MuJoCo: " + Encoding.UTF8.GetString(
                MemoryMarshal.CreateReadOnlySpanFromNullTerminated(error)));
    }

    [LibraryImport(Name)]
    public static partial nint mj_makeData(nint model);

    [LibraryImport(Name)]
    public static partial void mj_step(nint model, nint data);

    [LibraryImport(Name)]
    public static partial void mj_deleteData(nint data);

    [LibraryImport(Name)]
    public static partial void mj_deleteModel(nint model);

    [LibraryImport(Name)]
    private static partial int mj_version();

    [LibraryImport(Name, StringMarshalling = StringMarshalling.Utf8)]
    private static partial nint mj_loadXML(string filename, nint vfs, byte* error, int errorSize);

    private static string? Probe()
    {
        const string remedy = "install Debian's libmujoco-dev 2.2.2 to compare with MuJoCo";
        if (!NativeLibrary.TryLoad(Name, typeof(MujocoLibrary).Assembly, null, out _))
        {
            return $"{Name} is not installed; {remedy}.";
        }

        var version = mj_version();
        return version == SupportedVersion ? null : $"MuJoCo has version {version}, not {SupportedVersion}; {remedy}.";
    }
}
