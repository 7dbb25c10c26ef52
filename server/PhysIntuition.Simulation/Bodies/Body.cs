namespace PhysIntuition.Simulation.Bodies;

/// <summary>What moves a body.</summary>
public enum Motion : byte
{
    /// <summary>Forces and contacts.</summary>
    Dynamic,

    /// <summary>Nothing.</summary>
    Fixed,

    /// <summary>Its own velocity only; it pushes and is not pushed.</summary>
    Kinematic,
}

/// <summary>A rigid cuboid: what it is and how it moves now. SI units, right-handed world, y up.</summary>
public record struct Body
{
    /// <summary>A body at rest with the default surface.</summary>
    public Body()
    {
    }

    /// <summary>Centre of mass and of the cuboid, m, each within 10⁶; coarser than 0.06 mm beyond 1 km.</summary>
    public Vector3 Position { get; set; }

    /// <summary>Body to world, unit quaternion.</summary>
    public Quaternion Orientation { get; set; } = Quaternion.Identity;

    /// <summary>m/s, each within 1000.</summary>
    public Vector3 LinearVelocity { get; set; }

    /// <summary>rad/s, world frame, each within 1000.</summary>
    public Vector3 AngularVelocity { get; set; }

    /// <summary>Half the edge lengths along the body's own axes, m, each in [0.005, 50].</summary>
    public Vector3 HalfExtents { get; set; } = new(0.5f);

    /// <summary>kg, in [10⁻⁶, 10⁹]; ignored unless <see cref="Motion"/> is dynamic.</summary>
    public float Mass { get; set; } = 1f;

    /// <summary>Coulomb coefficient; of a touching pair the geometric mean counts. In [0, 2].</summary>
    public float Friction { get; set; } = 0.6f;

    /// <summary>Rebound speed over impact speed; of a touching pair the larger counts. In [0, 1].</summary>
    public float Restitution { get; set; }

    /// <summary>What moves this body.</summary>
    public Motion Motion { get; set; }
}
