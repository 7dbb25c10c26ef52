using System.Globalization;
using System.Text;
using PhysIntuition.Simulation.Bodies;

namespace PhysIntuition.SecondOpinions;

/// <summary>Writes a world as MuJoCo's XML.</summary>
internal static class MujocoModel
{
    // s; four times stiffer than MuJoCo's default, which creeps and topples towers that stand.
    private const double ContactTime = 0.005;

    public static string Write(World world, MujocoSettings settings)
    {
        var xml = new StringBuilder();
        xml.Append("<mujoco><compiler angle='radian' inertiafromgeom='true'/>");
        // MuJoCo clears a matrix of njmax rows squared for every model, so no more than can be touched.
        var contacts = 32 + (24 * world.Bodies.Count);
        xml.Append(Text($"<size nconmax='{contacts}' njmax='{4 * contacts}'/>"));
        xml.Append(Text($"<option timestep='{settings.Step}' gravity='0 {-world.Gravity} 0' "));
        xml.Append(settings.IsCone ? "cone='elliptic' impratio='10'/>" : "/>");
        xml.Append(Text($"<default><geom solref='{ContactTime} {settings.Damping}' solimp='0.95 0.99 0.001'/>"));
        xml.Append("</default><worldbody>");
        if (world.HasGround)
        {
            xml.Append(Text($"<geom type='plane' size='100 100 1' zaxis='0 1 0' {Friction(world.GroundFriction)}/>"));
        }

        foreach (var body in world.Bodies)
        {
            Append(xml, body);
        }

        return xml.Append("</worldbody></mujoco>").ToString();
    }

    private static void Append(StringBuilder xml, in Body body)
    {
        var (p, q, h) = (body.Position, body.Orientation, body.HalfExtents);
        var joint = body.Motion == Motion.Dynamic ? "<freejoint/>" : "";
        xml.Append(Text($"<body pos='{p.X:R} {p.Y:R} {p.Z:R}' quat='{q.W:R} {q.X:R} {q.Y:R} {q.Z:R}'>{joint}"));
        xml.Append(Text($"<geom type='box' size='{h.X:R} {h.Y:R} {h.Z:R}' mass='{body.Mass:R}' "));
        xml.Append(Friction(body.Friction)).Append("/></body>");
    }

    private static string Friction(float coefficient) => Text($"friction='{coefficient:R} 0.005 0.0001'");

    private static string Text(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
