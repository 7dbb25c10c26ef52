namespace PhysIntuition.Gpu.Cuda;

/// <summary>Blocks of threads that cover a box of places; along y and z every block is one place thick.</summary>
/// <param name="CountX">Places, at least 1.</param>
/// <param name="CountY">Places, at most 65,535, which is CUDA's limit of blocks there.</param>
/// <param name="CountZ">Places, at most 65,535.</param>
/// <param name="BlockX">Threads of a block.</param>
internal readonly record struct LaunchShape(int CountX, int CountY, int CountZ, uint BlockX)
{
    /// <summary>Blocks along x.</summary>
    public uint GridX => ((uint)CountX + BlockX - 1) / BlockX;

    /// <summary>Blocks along y.</summary>
    public uint GridY => (uint)CountY;

    /// <summary>Blocks along z.</summary>
    public uint GridZ => (uint)CountZ;
}
