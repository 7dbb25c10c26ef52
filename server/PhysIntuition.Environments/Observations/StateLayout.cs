namespace PhysIntuition.Environments.Observations;

/// <summary>The privileged observation <c>state</c>: one row per body, zeros where there is none.</summary>
public static class StateLayout
{
    /// <summary>Rows; bodies beyond are left out, which no task's options allow.</summary>
    public const int Rows = 16;

    /// <summary>Numbers in a row.</summary>
    public const int Columns = 20;

    /// <summary>Numbers in one observation.</summary>
    public const int Length = Rows * Columns;

    /// <summary>What the columns are.</summary>
    public const string Summary =
        "Per body: present 1; position xyz, m; orientation xyzw; velocity xyz, m/s; half extents xyz, m; mass, kg; "
        + "friction; restitution; colour RGB, linear.";

    /// <summary>Writes one observation.</summary>
    /// <param name="episode">Where looks come from.</param>
    /// <param name="world">Where bodies are.</param>
    /// <param name="target">float32[<see cref="Rows"/>, <see cref="Columns"/>].</param>
    /// <param name="holdsState">Whether the target holds another observation: what is 0 there is left alone, so that a
    /// client's processor need not fetch it again.</param>
    internal static void Write(Episode episode, Simulation.Bodies.World world, Span<float> target, bool holdsState)
    {
        var count = Math.Min(Rows, world.Bodies.Count);
        var end = holdsState ? count : Rows;
        while (end < Rows && target[end * Columns] != 0)
        {
            end++;
        }

        target[(count * Columns)..(end * Columns)].Clear();
        for (var i = 0; i < count; i++)
        {
            var body = world.Bodies[i];
            var row = target.Slice(i * Columns, Columns);
            row[0] = 1;
            Put(row[1..], body.Position);
            (row[4], row[5]) = (body.Orientation.X, body.Orientation.Y);
            (row[6], row[7]) = (body.Orientation.Z, body.Orientation.W);
            Put(row[8..], body.LinearVelocity);
            Put(row[11..], body.HalfExtents);
            (row[14], row[15], row[16]) = (body.Mass, body.Friction, body.Restitution);
            Put(row[17..], episode.Appearances[i].Color);
        }
    }

    private static void Put(Span<float> row, Vector3 vector) => (row[0], row[1], row[2]) = (vector.X, vector.Y,
        vector.Z);
}
