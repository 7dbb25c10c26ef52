using System.Runtime.InteropServices;
using System.Text;

namespace PhysIntuition.Gpu.Cuda;

/// <summary>NVRTC, CUDA's compiler at run time.</summary>
/// <remarks>Source: NVRTC, functions of the same names; the options are those that keep IEEE 754 to the bit.</remarks>
internal sealed unsafe class CudaCompiler(nint library)
{
    private static readonly string[] s_exact =
        ["--fmad=false", "--ftz=false", "--prec-div=true", "--prec-sqrt=true", "--std=c++17"];

    private readonly delegate* unmanaged<int*, int*, int> _version =
        (delegate* unmanaged<int*, int*, int>)Export(library, "nvrtcVersion");
    private readonly delegate* unmanaged<int*, int> _architectureCount =
        (delegate* unmanaged<int*, int>)Export(library, "nvrtcGetNumSupportedArchs");
    private readonly delegate* unmanaged<int*, int> _architectures =
        (delegate* unmanaged<int*, int>)Export(library, "nvrtcGetSupportedArchs");
    private readonly delegate* unmanaged<nint*, byte*, byte*, int, byte**, byte**, int> _create =
        (delegate* unmanaged<nint*, byte*, byte*, int, byte**, byte**, int>)Export(library, "nvrtcCreateProgram");
    private readonly delegate* unmanaged<nint*, int> _destroy =
        (delegate* unmanaged<nint*, int>)Export(library, "nvrtcDestroyProgram");
    private readonly delegate* unmanaged<nint, int, byte**, int> _compile =
        (delegate* unmanaged<nint, int, byte**, int>)Export(library, "nvrtcCompileProgram");
    private readonly delegate* unmanaged<nint, nuint*, int> _logSize =
        (delegate* unmanaged<nint, nuint*, int>)Export(library, "nvrtcGetProgramLogSize");
    private readonly delegate* unmanaged<nint, byte*, int> _log =
        (delegate* unmanaged<nint, byte*, int>)Export(library, "nvrtcGetProgramLog");
    private readonly delegate* unmanaged<nint, nuint*, int> _cubinSize =
        (delegate* unmanaged<nint, nuint*, int>)Export(library, "nvrtcGetCUBINSize");
    private readonly delegate* unmanaged<nint, byte*, int> _cubin =
        (delegate* unmanaged<nint, byte*, int>)Export(library, "nvrtcGetCUBIN");
    private readonly delegate* unmanaged<nint, nuint*, int> _ptxSize =
        (delegate* unmanaged<nint, nuint*, int>)Export(library, "nvrtcGetPTXSize");
    private readonly delegate* unmanaged<nint, byte*, int> _ptx =
        (delegate* unmanaged<nint, byte*, int>)Export(library, "nvrtcGetPTX");
    private readonly delegate* unmanaged<int, byte*> _errorText =
        (delegate* unmanaged<int, byte*>)Export(library, "nvrtcGetErrorString");

    /// <summary>Major and minor version.</summary>
    public Version Version
    {
        get
        {
            int major, minor;
            Check(_version(&major, &minor), "nvrtcVersion");
            return new(major, minor);
        }
    }

    /// <summary>Compiles a text: to machine code, or to PTX where the device is newer than the compiler.</summary>
    /// <param name="text">CUDA C.</param>
    /// <param name="capability">The device's compute capability, ten times major plus minor.</param>
    /// <exception cref="CudaException">With the compiler's own log.</exception>
    /// <exception cref="NotSupportedException">The device is older than all that the compiler knows.</exception>
    public byte[] Compile(string text, int capability)
    {
        var all = Architectures();
        if (all.Min() > capability)
        {
            throw new NotSupportedException(
                $"NVRTC {Version} compiles for compute capability {Dotted(all.Min())} and above; the device has " +
                $"{Dotted(capability)}. Install an older CUDA's nvrtc package.");
        }

        var known = all.Where(architecture => architecture <= capability).Max();
        var isNative = known == capability;
        nint program;
        fixed (byte* source = NullTerminated.Of(text), name = NullTerminated.Of("physintuition.cu"))
        {
            Check(_create(&program, source, name, 0, null, null), "nvrtcCreateProgram");
        }

        try
        {
            Compile(program, [$"--gpu-architecture={(isNative ? "sm" : "compute")}_{known}", .. s_exact]);
            return isNative ? Take(program, _cubinSize, _cubin) : Take(program, _ptxSize, _ptx);
        }
        finally
        {
            _ = _destroy(&program);
        }
    }

    private int[] Architectures()
    {
        int count;
        Check(_architectureCount(&count), "nvrtcGetNumSupportedArchs");
        var list = new int[count];
        fixed (int* first = list)
        {
            Check(_architectures(first), "nvrtcGetSupportedArchs");
        }

        return list;
    }

    private void Compile(nint program, string[] options)
    {
        var texts = options.Select(option => Marshal.StringToCoTaskMemUTF8(option)).ToArray();
        int code;
        fixed (nint* list = texts)
        {
            code = _compile(program, texts.Length, (byte**)list);
        }

        Array.ForEach(texts, Marshal.FreeCoTaskMem);
        if (code != 0)
        {
            var log = Marshal.PtrToStringUTF8((nint)_errorText(code)) + "\n" + Log(program);
            throw new CudaException("nvrtcCompileProgram", code, log.TrimEnd());
        }
    }

    private string Log(nint program) => Encoding.UTF8.GetString(Take(program, _logSize, _log)).TrimEnd('\0');

    private byte[] Take(
        nint program, delegate* unmanaged<nint, nuint*, int> sizeOf, delegate* unmanaged<nint, byte*, int> read)
    {
        nuint size;
        Check(sizeOf(program, &size), "nvrtcGet...Size");
        var bytes = new byte[(int)size];
        fixed (byte* first = bytes)
        {
            Check(read(program, first), "nvrtcGet...");
        }

        return bytes;
    }

    private static string Dotted(int capability) => $"{capability / 10}.{capability % 10}";

    private static nint Export(nint library, string name) => NativeLibrary.GetExport(library, name);

    private void Check(int code, string call)
    {
        if (code != 0)
        {
            throw new CudaException(call, code, Marshal.PtrToStringUTF8((nint)_errorText(code))!);
        }
    }
}
