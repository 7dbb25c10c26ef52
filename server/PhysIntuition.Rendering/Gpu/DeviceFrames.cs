namespace PhysIntuition.Rendering.Gpu;

/// <summary>The device's memory for the channels asked for; the others stay empty.</summary>
/// <remarks>Shapes and types are those of <see cref="FrameBuffers"/>; CUDA tensors will do.</remarks>
public readonly record struct DeviceFrames
{
    /// <summary>uint8[scenes, height, width, 3].</summary>
    public DeviceMemory Rgb { get; init; }

    /// <summary>float32[scenes, height, width].</summary>
    public DeviceMemory Depth { get; init; }

    /// <summary>uint8[scenes, height, width].</summary>
    public DeviceMemory Segmentation { get; init; }

    /// <summary>float32[scenes, height, width, 3].</summary>
    public DeviceMemory Normals { get; init; }

    /// <summary>uint8[scenes, height, width, 3].</summary>
    public DeviceMemory Albedo { get; init; }
}

/// <summary>Memory of a device: its own, or a tensor's.</summary>
/// <param name="Address">Address on the device; of a tensor its data pointer.</param>
/// <param name="Bytes">How many bytes may be written there.</param>
public readonly record struct DeviceMemory(nuint Address, long Bytes)
{
    /// <summary>The memory from an offset on, bytes.</summary>
    public DeviceMemory From(long offset) => Address == 0 ? this : new(Address + (nuint)offset, Bytes - offset);
}
