namespace PhysIntuition.Rendering.Stages.Records;

/// <summary>Where one frame goes; a channel that is not wanted has a null pointer.</summary>
internal unsafe struct FrameRecord
{
    public int Width, Height;

    public byte* Rgb;
    public float* Depth;
    public byte* Segmentation;
    public float* Normals;
    public byte* Albedo;

    /// <summary>Whether colour is all that is wanted.</summary>
    public readonly bool HasRgbAlone =>
        Rgb != null && Depth == null && Segmentation == null && Normals == null && Albedo == null;
}
