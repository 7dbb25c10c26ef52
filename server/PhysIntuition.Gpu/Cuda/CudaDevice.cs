using System.Diagnostics;

namespace PhysIntuition.Gpu.Cuda;

/// <summary>One device with the renderer's kernels loaded, in the primary context that torch uses too.</summary>
internal sealed class CudaDevice : IDisposable
{
    private readonly int _device;
    private readonly nint _context, _module;
    private bool _isDisposed;

    /// <summary>Compiles and loads a text; what was taken is given back where that fails.</summary>
    public CudaDevice(CudaDriver driver, CudaCompiler compiler, int ordinal, string text)
    {
        Driver = driver;
        _device = driver.Device(ordinal);
        var (major, minor) = (driver.AttributeOf(_device, CudaDriver.ComputeCapabilityMajor),
            driver.AttributeOf(_device, CudaDriver.ComputeCapabilityMinor));
        Name = $"{driver.NameOf(_device)}, compute capability {major}.{minor}, NVRTC {compiler.Version}";
        var start = Stopwatch.GetTimestamp();
        var image = compiler.Compile(text, (major * 10) + minor);
        CompileTime = Stopwatch.GetElapsedTime(start);
        _context = driver.RetainPrimaryContext(_device);
        try
        {
            using var scope = Enter();
            _module = driver.LoadModule(image);
        }
        catch
        {
            driver.ReleasePrimaryContext(_device);
            throw;
        }
    }

    /// <summary>The driver.</summary>
    public CudaDriver Driver { get; }

    /// <summary>Device, capability and compiler.</summary>
    public string Name { get; }

    /// <summary>How long NVRTC took.</summary>
    public TimeSpan CompileTime { get; }

    /// <summary>The calling thread works on this device until the scope ends.</summary>
    public Scope Enter()
    {
        ObjectDisposedException.ThrowIf(_isDisposed, this);
        Driver.PushContext(_context);
        return new(Driver);
    }

    /// <summary>A kernel by name.</summary>
    public nint Kernel(string name)
    {
        using var scope = Enter();
        return Driver.Function(_module, name);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        if (_isDisposed)
        {
            return;
        }

        using (Enter())
        {
            Driver.UnloadModule(_module);
        }

        _isDisposed = true;
        Driver.ReleasePrimaryContext(_device);
    }

    /// <summary>Restores the thread's former context.</summary>
    public readonly ref struct Scope(CudaDriver driver)
    {
        /// <summary>Ends it.</summary>
        public void Dispose() => driver.PopContext();
    }
}
