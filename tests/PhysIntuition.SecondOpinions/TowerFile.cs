using System.Globalization;
using System.Numerics;
using PhysIntuition.Simulation.Bodies;

namespace PhysIntuition.SecondOpinions;

/// <summary>Reads towers from a table of comma-separated values, one line per block.</summary>
/// <remarks>Columns: tower, n, block, hx, hy, hz, x, y, z, mass; z is up there and becomes y here.</remarks>
public static class TowerFile
{
    /// <summary>All towers in the file's order.</summary>
    public static List<World> Load(string path)
    {
        var towers = new List<World>();
        foreach (var line in File.ReadLines(path).Skip(1))
        {
            var cells = line.Split(',').Select(cell => float.Parse(cell, CultureInfo.InvariantCulture)).ToArray();
            if (cells[2] == 0)
            {
                towers.Add(new World { GroundFriction = Towers.Friction });
            }

            towers[^1].Bodies.Add(new Body
            {
                HalfExtents = new Vector3(cells[3], cells[5], cells[4]),
                Position = new Vector3(cells[6], cells[8], -cells[7]),
                Mass = cells[9],
                Friction = Towers.Friction,
            });
        }

        return towers;
    }
}
