namespace PhysIntuition.Rendering.Gpu;

/// <summary>What a renderer needs of the CUDA driver; every failure is a <see cref="CudaException"/>.</summary>
/// <remarks>Source: CUDA Driver API, functions of the same names.</remarks>
internal sealed unsafe class CudaDriver(nint library)
{
    /// <summary>Attributes of a device.</summary>
    public const int ComputeCapabilityMajor = 75, ComputeCapabilityMinor = 76;

    /// <summary>Attributes of a kernel: bytes of local memory a thread, and registers.</summary>
    public const int LocalBytes = 3, Registers = 4;

    private const uint DisableTiming = 2;

    private readonly delegate* unmanaged<int*, int> _version =
        (delegate* unmanaged<int*, int>)Export(library, "cuDriverGetVersion");
    private readonly delegate* unmanaged<uint, int> _init = (delegate* unmanaged<uint, int>)Export(library, "cuInit");
    private readonly delegate* unmanaged<int*, int> _deviceCount =
        (delegate* unmanaged<int*, int>)Export(library, "cuDeviceGetCount");
    private readonly delegate* unmanaged<int*, int, int> _device =
        (delegate* unmanaged<int*, int, int>)Export(library, "cuDeviceGet");
    private readonly delegate* unmanaged<byte*, int, int, int> _deviceName =
        (delegate* unmanaged<byte*, int, int, int>)Export(library, "cuDeviceGetName");
    private readonly delegate* unmanaged<int*, int, int, int> _attribute =
        (delegate* unmanaged<int*, int, int, int>)Export(library, "cuDeviceGetAttribute");
    private readonly delegate* unmanaged<nint*, int, int> _retain =
        (delegate* unmanaged<nint*, int, int>)Export(library, "cuDevicePrimaryCtxRetain");
    private readonly delegate* unmanaged<int, int> _release =
        (delegate* unmanaged<int, int>)Export(library, "cuDevicePrimaryCtxRelease_v2");
    private readonly delegate* unmanaged<nint, int> _push =
        (delegate* unmanaged<nint, int>)Export(library, "cuCtxPushCurrent_v2");
    private readonly delegate* unmanaged<nint*, int> _pop =
        (delegate* unmanaged<nint*, int>)Export(library, "cuCtxPopCurrent_v2");
    private readonly delegate* unmanaged<nint*, void*, int> _loadModule =
        (delegate* unmanaged<nint*, void*, int>)Export(library, "cuModuleLoadData");
    private readonly delegate* unmanaged<nint, int> _unloadModule =
        (delegate* unmanaged<nint, int>)Export(library, "cuModuleUnload");
    private readonly delegate* unmanaged<nint*, nint, byte*, int> _function =
        (delegate* unmanaged<nint*, nint, byte*, int>)Export(library, "cuModuleGetFunction");
    private readonly delegate* unmanaged<int*, int, nint, int> _functionAttribute =
        (delegate* unmanaged<int*, int, nint, int>)Export(library, "cuFuncGetAttribute");
    private readonly delegate* unmanaged<nuint*, nuint, int> _allocate =
        (delegate* unmanaged<nuint*, nuint, int>)Export(library, "cuMemAlloc_v2");
    private readonly delegate* unmanaged<nuint, int> _free =
        (delegate* unmanaged<nuint, int>)Export(library, "cuMemFree_v2");
    private readonly delegate* unmanaged<void**, nuint, int> _allocatePinned =
        (delegate* unmanaged<void**, nuint, int>)Export(library, "cuMemAllocHost_v2");
    private readonly delegate* unmanaged<void*, int> _freePinned =
        (delegate* unmanaged<void*, int>)Export(library, "cuMemFreeHost");
    private readonly delegate* unmanaged<nuint, void*, nuint, nint, int> _upload =
        (delegate* unmanaged<nuint, void*, nuint, nint, int>)Export(library, "cuMemcpyHtoDAsync_v2");
    private readonly delegate* unmanaged<void*, nuint, nuint, nint, int> _download =
        (delegate* unmanaged<void*, nuint, nuint, nint, int>)Export(library, "cuMemcpyDtoHAsync_v2");
    private readonly delegate* unmanaged<nint, uint, uint, uint, uint, uint, uint, uint, nint, void**, void**, int>
        _launch =
            (delegate* unmanaged<nint, uint, uint, uint, uint, uint, uint, uint, nint, void**, void**, int>)Export(
                library, "cuLaunchKernel");
    private readonly delegate* unmanaged<nint, int> _awaitStream =
        (delegate* unmanaged<nint, int>)Export(library, "cuStreamSynchronize");
    private readonly delegate* unmanaged<nint*, uint, int> _createEvent =
        (delegate* unmanaged<nint*, uint, int>)Export(library, "cuEventCreate");
    private readonly delegate* unmanaged<nint, nint, int> _recordEvent =
        (delegate* unmanaged<nint, nint, int>)Export(library, "cuEventRecord");
    private readonly delegate* unmanaged<nint, int> _awaitEvent =
        (delegate* unmanaged<nint, int>)Export(library, "cuEventSynchronize");
    private readonly delegate* unmanaged<nint, int> _destroyEvent =
        (delegate* unmanaged<nint, int>)Export(library, "cuEventDestroy_v2");
    private readonly delegate* unmanaged<int, byte**, int> _errorName =
        (delegate* unmanaged<int, byte**, int>)Export(library, "cuGetErrorName");
    private readonly delegate* unmanaged<int, byte**, int> _errorText =
        (delegate* unmanaged<int, byte**, int>)Export(library, "cuGetErrorString");

    /// <summary>The newest CUDA whose programs the driver loads.</summary>
    public Version Version
    {
        get
        {
            int number;   // 1000 major + 10 minor
            Check(_version(&number), "cuDriverGetVersion");
            return new(number / 1000, number % 1000 / 10);
        }
    }

    /// <summary>Starts the driver and gives the number of devices.</summary>
    public int CountDevices()
    {
        int count;
        Check(_init(0), "cuInit");
        Check(_deviceCount(&count), "cuDeviceGetCount");
        return count;
    }

    /// <summary>The handle of a device.</summary>
    public int Device(int ordinal)
    {
        int device;
        Check(_device(&device, ordinal), "cuDeviceGet");
        return device;
    }

    /// <summary>What the maker calls it.</summary>
    public string NameOf(int device)
    {
        const int length = 256;
        var name = stackalloc byte[length];
        Check(_deviceName(name, length, device), "cuDeviceGetName");
        return Marshal.PtrToStringUTF8((nint)name)!;
    }

    /// <summary>A property of a device.</summary>
    public int AttributeOf(int device, int attribute)
    {
        int value;
        Check(_attribute(&value, attribute, device), "cuDeviceGetAttribute");
        return value;
    }

    /// <summary>The context that every user of the device in this process shares; torch works in it.</summary>
    public nint RetainPrimaryContext(int device)
    {
        nint context;
        Check(_retain(&context, device), "cuDevicePrimaryCtxRetain");
        return context;
    }

    /// <summary>Gives the primary context back.</summary>
    public void ReleasePrimaryContext(int device) => Check(_release(device), "cuDevicePrimaryCtxRelease_v2");

    /// <summary>Makes a context the thread's own until <see cref="PopContext"/>.</summary>
    public void PushContext(nint context) => Check(_push(context), "cuCtxPushCurrent_v2");

    /// <summary>Restores the thread's former context.</summary>
    public void PopContext()
    {
        nint context;
        Check(_pop(&context), "cuCtxPopCurrent_v2");
    }

    /// <summary>Compiles PTX for the device.</summary>
    public nint LoadModule(string ptx)
    {
        nint module;
        fixed (byte* bytes = NullTerminated(ptx))
        {
            Check(_loadModule(&module, bytes), "cuModuleLoadData");
        }

        return module;
    }

    /// <summary>Unloads a module.</summary>
    public void UnloadModule(nint module) => Check(_unloadModule(module), "cuModuleUnload");

    /// <summary>A kernel of a module.</summary>
    public nint Function(nint module, string name)
    {
        nint function;
        fixed (byte* text = NullTerminated(name))
        {
            Check(_function(&function, module, text), "cuModuleGetFunction");
        }

        return function;
    }

    /// <summary>A property of a kernel.</summary>
    public int AttributeOfFunction(nint function, int attribute)
    {
        int value;
        Check(_functionAttribute(&value, attribute, function), "cuFuncGetAttribute");
        return value;
    }

    /// <summary>Memory of the device.</summary>
    public nuint Allocate(long bytes)
    {
        nuint address;
        Check(_allocate(&address, (nuint)bytes), "cuMemAlloc_v2");
        return address;
    }

    /// <summary>Frees memory of the device.</summary>
    public void Free(nuint address) => Check(_free(address), "cuMemFree_v2");

    /// <summary>Memory of the processor that the device reads without a copy in between.</summary>
    public void* AllocatePinned(long bytes)
    {
        void* memory;
        Check(_allocatePinned(&memory, (nuint)bytes), "cuMemAllocHost_v2");
        return memory;
    }

    /// <summary>Frees pinned memory.</summary>
    public void FreePinned(void* memory) => Check(_freePinned(memory), "cuMemFreeHost");

    /// <summary>Copies to the device, in the order of a stream.</summary>
    public void Upload(nuint target, void* source, long bytes, nint stream) =>
        Check(_upload(target, source, (nuint)bytes, stream), "cuMemcpyHtoDAsync_v2");

    /// <summary>Copies from the device, in the order of a stream.</summary>
    public void Download(void* target, nuint source, long bytes, nint stream) =>
        Check(_download(target, source, (nuint)bytes, stream), "cuMemcpyDtoHAsync_v2");

    /// <summary>Runs a kernel, in the order of a stream.</summary>
    public void Launch(nint function, uint blocks, uint threads, nint stream, void** arguments) => Check(
        _launch(function, blocks, 1, 1, threads, 1, 1, 0, stream, arguments, null), "cuLaunchKernel");

    /// <summary>Waits until a stream is done.</summary>
    public void AwaitStream(nint stream) => Check(_awaitStream(stream), "cuStreamSynchronize");

    /// <summary>A mark for streams, without timing.</summary>
    public nint CreateEvent()
    {
        nint mark;
        Check(_createEvent(&mark, DisableTiming), "cuEventCreate");
        return mark;
    }

    /// <summary>Sets a mark in a stream.</summary>
    public void RecordEvent(nint mark, nint stream) => Check(_recordEvent(mark, stream), "cuEventRecord");

    /// <summary>Waits until a mark is reached; one never set is.</summary>
    public void AwaitEvent(nint mark) => Check(_awaitEvent(mark), "cuEventSynchronize");

    /// <summary>Frees a mark.</summary>
    public void DestroyEvent(nint mark) => Check(_destroyEvent(mark), "cuEventDestroy_v2");

    private static byte[] NullTerminated(string text) => System.Text.Encoding.UTF8.GetBytes(text + '\0');

    private static nint Export(nint library, string name) => NativeLibrary.GetExport(library, name);

    private void Check(int code, string call)
    {
        if (code == 0)
        {
            return;
        }

        byte* name = null, text = null;
        _ = _errorName(code, &name);
        _ = _errorText(code, &text);
        throw new CudaException(
            call, code, $"{Marshal.PtrToStringUTF8((nint)name)}, {Marshal.PtrToStringUTF8((nint)text)}");
    }
}

/// <summary>CUDA refused a call; the message names the call and CUDA's reason.</summary>
/// <param name="call">Function of the driver.</param>
/// <param name="code">What it returned.</param>
/// <param name="reason">Its name and text.</param>
public sealed class CudaException(string call, int code, string reason)
    : Exception($"{call} failed: {reason} ({code}).")
{
    /// <summary>The function that failed.</summary>
    public string Call { get; } = call;

    /// <summary>Its result, a CUresult.</summary>
    public int Code { get; } = code;
}
