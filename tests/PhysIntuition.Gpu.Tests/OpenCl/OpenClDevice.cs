using System.Diagnostics.CodeAnalysis;
using System.Runtime.InteropServices;
using System.Text;

namespace PhysIntuition.Gpu.Tests.OpenCl;

/// <summary>The first device of PoCL, with a program built for it.</summary>
/// <remarks>Source: OpenCL 1.2, functions of the same names.</remarks>
internal sealed unsafe class OpenClDevice : IDisposable
{
    private const string Library = "libOpenCL.so.1";
    private const int PlatformName = 0x902, BuildLog = 0x1183;
    private const ulong AllDevices = 0xFFFFFFFF, ReadWrite = 1;

    private readonly nint _device, _context, _queue, _program;
    private readonly List<nint> _buffers = [];

    private OpenClDevice(nint platform, string text, string options)
    {
        int code;
        nint device;
        Check(clGetDeviceIDs(platform, AllDevices, 1, &device, null), "clGetDeviceIDs");
        _device = device;
        _context = clCreateContext(null, 1, &device, 0, 0, &code);
        Check(code, "clCreateContext");
        _queue = clCreateCommandQueue(_context, device, 0, &code);
        Check(code, "clCreateCommandQueue");
        fixed (byte* source = Encoding.UTF8.GetBytes(text + '\0'), flags = Encoding.UTF8.GetBytes(options + '\0'))
        {
            var line = source;
            _program = clCreateProgramWithSource(_context, 1, &line, null, &code);
            Check(code, "clCreateProgramWithSource");
            if (clBuildProgram(_program, 1, &device, flags, 0, 0) != 0)
            {
                throw new InvalidOperationException(Log());
            }
        }
    }

    /// <summary>PoCL's device with this program, or the sentence why there is none.</summary>
    public static bool TryBuild(
        string text, string options, [NotNullWhen(true)] out OpenClDevice? device, out string reason)
    {
        device = null;
        reason = "PoCL is not installed (package pocl-opencl-icd).";
        if (!NativeLibrary.TryLoad(Library, out _))
        {
            return false;
        }

        uint count = 0;
        var platforms = stackalloc nint[16];
        if (clGetPlatformIDs(16, platforms, &count) != 0)
        {
            return false;
        }

        for (var i = 0; i < count; i++)
        {
            if (NameOf(platforms[i]).StartsWith("Portable Computing Language", StringComparison.Ordinal))
            {
                device = new(platforms[i], text, options);
                return true;
            }
        }

        return false;
    }

    public nint Buffer(long bytes)
    {
        int code;
        var buffer = clCreateBuffer(_context, ReadWrite, (nuint)bytes, null, &code);
        Check(code, "clCreateBuffer");
        _buffers.Add(buffer);
        return buffer;
    }

    public void Write(nint buffer, byte[] bytes)
    {
        fixed (byte* source = bytes)
        {
            Check(clEnqueueWriteBuffer(_queue, buffer, 1, 0, (nuint)bytes.Length, source, 0, null, null), "write");
        }
    }

    public byte[] Read(nint buffer, int bytes)
    {
        var target = new byte[bytes];
        fixed (byte* first = target)
        {
            Check(clEnqueueReadBuffer(_queue, buffer, 1, 0, (nuint)bytes, first, 0, null, null), "read");
        }

        return target;
    }

    /// <summary>Runs a kernel over x, y, z places; arguments are buffers (nint, 0 is null) and ints.</summary>
    public void Run(string name, (int X, int Y, int Z) places, params object[] arguments)
    {
        int code;
        nint kernel;
        fixed (byte* text = Encoding.UTF8.GetBytes(name + '\0'))
        {
            kernel = clCreateKernel(_program, text, &code);
            Check(code, "clCreateKernel");
        }

        object[] all = [.. arguments, places.X, places.Y, places.Z];
        for (var i = 0; i < all.Length; i++)
        {
            var buffer = all[i] as nint? ?? 0;
            var number = all[i] as int? ?? 0;
            code = all[i] is int ? clSetKernelArg(kernel, (uint)i, sizeof(int), &number)
                : clSetKernelArg(kernel, (uint)i, (nuint)sizeof(nint), buffer == 0 ? null : &buffer);
            Check(code, $"clSetKernelArg {i}");
        }

        var sizes = stackalloc nuint[] { (nuint)places.X, (nuint)places.Y, (nuint)places.Z };
        Check(clEnqueueNDRangeKernel(_queue, kernel, 3, null, sizes, null, 0, null, null), "clEnqueueNDRangeKernel");
        Check(clFinish(_queue), "clFinish");
        _ = clReleaseKernel(kernel);
    }

    public void Dispose()
    {
        _buffers.ForEach(buffer => _ = clReleaseMemObject(buffer));
        _ = clReleaseProgram(_program);
        _ = clReleaseCommandQueue(_queue);
        _ = clReleaseContext(_context);
    }

    private static string NameOf(nint platform)
    {
        var name = stackalloc byte[256];
        Check(clGetPlatformInfo(platform, PlatformName, 256, name, null), "clGetPlatformInfo");
        return Marshal.PtrToStringUTF8((nint)name)!;
    }

    private string Log()
    {
        nuint size;
        Check(clGetProgramBuildInfo(_program, _device, BuildLog, 0, null, &size), "clGetProgramBuildInfo");
        var log = new byte[(int)size];
        fixed (byte* first = log)
        {
            Check(clGetProgramBuildInfo(_program, _device, BuildLog, size, first, null), "clGetProgramBuildInfo");
        }

        return Encoding.UTF8.GetString(log);
    }

    private static void Check(int code, string call) => Assert.True(code == 0, $"{call} failed: {code}.");

    [DllImport(Library)]
    private static extern int clGetPlatformIDs(uint room, nint* platforms, uint* count);

    [DllImport(Library)]
    private static extern int clGetPlatformInfo(nint platform, int what, nuint room, byte* value, nuint* size);

    [DllImport(Library)]
    private static extern int clGetDeviceIDs(nint platform, ulong kind, uint room, nint* devices, uint* count);

    [DllImport(Library)]
    private static extern nint clCreateContext(
        nint* properties, uint count, nint* devices, nint callback, nint data, int* code);

    [DllImport(Library)]
    private static extern nint clCreateCommandQueue(nint context, nint device, ulong properties, int* code);

    [DllImport(Library)]
    private static extern nint clCreateProgramWithSource(
        nint context, uint count, byte** texts, nuint* lengths, int* code);

    [DllImport(Library)]
    private static extern int clBuildProgram(
        nint program, uint count, nint* devices, byte* options, nint callback, nint data);

    [DllImport(Library)]
    private static extern int clGetProgramBuildInfo(
        nint program, nint device, int what, nuint room, byte* value, nuint* size);

    [DllImport(Library)]
    private static extern nint clCreateKernel(nint program, byte* name, int* code);

    [DllImport(Library)]
    private static extern int clSetKernelArg(nint kernel, uint index, nuint size, void* value);

    [DllImport(Library)]
    private static extern nint clCreateBuffer(nint context, ulong flags, nuint bytes, void* host, int* code);

    [DllImport(Library)]
    private static extern int clEnqueueWriteBuffer(
        nint queue, nint buffer, uint waits, nuint offset, nuint bytes, void* from, uint count, nint* events,
        nint* done);

    [DllImport(Library)]
    private static extern int clEnqueueReadBuffer(
        nint queue, nint buffer, uint waits, nuint offset, nuint bytes, void* to, uint count, nint* events, nint* done);

    [DllImport(Library)]
    private static extern int clEnqueueNDRangeKernel(
        nint queue, nint kernel, uint dimensions, nuint* offsets, nuint* sizes, nuint* groups, uint count, nint* events,
        nint* done);

    [DllImport(Library)]
    private static extern int clFinish(nint queue);

    [DllImport(Library)]
    private static extern int clReleaseKernel(nint kernel);

    [DllImport(Library)]
    private static extern int clReleaseMemObject(nint buffer);

    [DllImport(Library)]
    private static extern int clReleaseProgram(nint program);

    [DllImport(Library)]
    private static extern int clReleaseCommandQueue(nint queue);

    [DllImport(Library)]
    private static extern int clReleaseContext(nint context);
}
