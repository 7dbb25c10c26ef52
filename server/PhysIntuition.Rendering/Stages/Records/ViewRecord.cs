namespace PhysIntuition.Rendering.Stages.Records;

/// <summary>A camera ready for casting: the ray of pixel (x, y) is Ray + x RayX + y RayY, of unit depth.</summary>
internal unsafe struct ViewRecord
{
    /// <summary>In units of the scene.</summary>
    public Triple Eye;

    public Triple Ray, RayX, RayY;

    /// <summary>Unit axes of the camera.</summary>
    public Triple Forward, Right, Up;

    /// <summary>Width of a pixel at depth one, and its inverse.</summary>
    public float Pixel, PerPixel;

    /// <summary>The picture's middle, pixels.</summary>
    public float MiddleX, MiddleY;

    /// <summary>Where the samples of an edge pixel lie from its centre, pixels.</summary>
    public fixed float SampleX[8];

    /// <inheritdoc cref="SampleX"/>
    public fixed float SampleY[8];

    public int Samples;
}
