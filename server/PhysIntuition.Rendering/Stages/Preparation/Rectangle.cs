namespace PhysIntuition.Rendering.Stages.Preparation;

/// <summary>Part of the picture, pixels.</summary>
internal struct Rectangle
{
    public float Left, Top, Right, Bottom;
}
