namespace PhysIntuition.Rendering.Gpu;

/// <summary>Memory that a chunk of scenes passes through, reused when the device is done. Grows only.</summary>
internal sealed unsafe class Staging(CudaDriver driver) : IDisposable
{
    private readonly nint _done = driver.CreateEvent();
    private long _inputBytes, _sceneBytes, _setBytes;

    /// <summary>Pinned memory of the processor for the scenes' inputs.</summary>
    public void* Pinned { get; private set; }

    /// <summary>The same on the device.</summary>
    public nuint Inputs { get; private set; }

    /// <summary>Prepared scenes on the device.</summary>
    public nuint Scenes { get; private set; }

    /// <summary>The tiles' sets on the device.</summary>
    public nuint Sets { get; private set; }

    /// <summary>Waits until the device has left this memory, and makes it large enough.</summary>
    public void Take(long inputBytes, long sceneBytes, long setBytes)
    {
        driver.AwaitEvent(_done);
        if (inputBytes > _inputBytes)
        {
            FreeInputs();
            Pinned = driver.AllocatePinned(inputBytes);
            Inputs = driver.Allocate(inputBytes);
            _inputBytes = inputBytes;
        }

        (Scenes, _sceneBytes) = Grow(Scenes, _sceneBytes, sceneBytes);
        (Sets, _setBytes) = Grow(Sets, _setBytes, setBytes);
    }

    /// <summary>The device leaves this memory when the stream comes to here.</summary>
    public void Leave(nint stream) => driver.RecordEvent(_done, stream);

    /// <inheritdoc/>
    public void Dispose()
    {
        driver.AwaitEvent(_done);
        FreeInputs();
        _ = Grow(Scenes, 0, 0);
        _ = Grow(Sets, 0, 0);
        Scenes = Sets = 0;
        driver.DestroyEvent(_done);
    }

    // Zero bytes only free.
    private (nuint Address, long Bytes) Grow(nuint address, long bytes, long needed)
    {
        if (needed <= bytes && needed > 0)
        {
            return (address, bytes);
        }

        if (address != 0)
        {
            driver.Free(address);
        }

        return (needed > 0 ? driver.Allocate(needed) : 0, needed);
    }

    private void FreeInputs()
    {
        if (Pinned != null)
        {
            driver.FreePinned(Pinned);
            Pinned = null;
        }

        if (Inputs != 0)
        {
            driver.Free(Inputs);
            Inputs = 0;
        }

        _inputBytes = 0;
    }
}
