using System.Diagnostics;

namespace PhysIntuition.Rendering.Gpu;

/// <summary>One device with the renderer's kernels loaded, in the primary context that torch uses too.</summary>
internal sealed class CudaDevice : IDisposable
{
    private const int MinCapability = 80;

    private readonly int _device;
    private readonly nint _context;
    private readonly List<nint> _modules = [];
    private bool _isDisposed;

    /// <summary>Takes a device's context.</summary>
    /// <exception cref="NotSupportedException">The device is too old.</exception>
    public CudaDevice(CudaDriver driver, int ordinal)
    {
        Driver = driver;
        _device = driver.Device(ordinal);
        var (major, minor) = (driver.AttributeOf(_device, CudaDriver.ComputeCapabilityMajor),
            driver.AttributeOf(_device, CudaDriver.ComputeCapabilityMinor));
        Name = $"{driver.NameOf(_device)}, compute capability {major}.{minor}, CUDA {driver.Version}";
        if ((major * 10) + minor < MinCapability)
        {
            throw new NotSupportedException($"{Name} is too old: compute capability 8.0 is the minimum.");
        }

        _context = driver.RetainPrimaryContext(_device);
    }

    /// <summary>The driver.</summary>
    public CudaDriver Driver { get; }

    /// <summary>Device, capability and driver.</summary>
    public string Name { get; }

    /// <summary>How long the driver took over the kernels so far.</summary>
    public TimeSpan LoadTime { get; private set; }

    /// <summary>The calling thread works on this device until the scope ends.</summary>
    public Scope Enter()
    {
        ObjectDisposedException.ThrowIf(_isDisposed, this);
        Driver.PushContext(_context);
        return new(Driver);
    }

    /// <summary>Compiles PTX for the device and gives the kernel in it.</summary>
    public nint Load(string ptx, string kernel)
    {
        using var scope = Enter();
        var start = Stopwatch.GetTimestamp();
        _modules.Add(Driver.LoadModule(ptx));
        LoadTime += Stopwatch.GetElapsedTime(start);
        return Driver.Function(_modules[^1], kernel);
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
            _modules.ForEach(Driver.UnloadModule);
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
