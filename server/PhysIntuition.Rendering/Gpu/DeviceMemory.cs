namespace PhysIntuition.Rendering.Gpu;

/// <summary>Memory of a device: its own, or a tensor's.</summary>
/// <param name="Address">Address on the device; of a tensor its data pointer.</param>
/// <param name="Bytes">How many bytes may be written there.</param>
public readonly record struct DeviceMemory(nuint Address, long Bytes)
{
    /// <summary>The memory from an offset on, bytes.</summary>
    public DeviceMemory From(long offset) => Address == 0 ? this : new(Address + (nuint)offset, Bytes - offset);
}
