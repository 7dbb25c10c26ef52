namespace PhysIntuition.Rendering.Stages.Records;

/// <summary>A quantity that is linear over the picture: Base + X x + Y y, with x and y in pixels.</summary>
/// <remarks>The inverse depth of every plane is one, which makes visibility a matter of min and max.</remarks>
internal struct Linear
{
    public float Base, X, Y;

    /// <summary>The inverse depth of the plane n.(p - eye) = distance, n.ray being linear over the picture.</summary>
    public static unsafe Linear OfPlane(ViewRecord* view, Triple normal, float distance)
    {
        var inverse = 1f / distance;
        Linear line;
        line.Base = Triple.Dot(normal, view->Ray) * inverse;
        line.X = Triple.Dot(normal, view->RayX) * inverse;
        line.Y = Triple.Dot(normal, view->RayY) * inverse;
        return line;
    }
}
