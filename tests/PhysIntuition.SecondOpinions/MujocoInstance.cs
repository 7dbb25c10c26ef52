using System.Globalization;
using System.Numerics;
using System.Text;
using PhysIntuition.Simulation.Bodies;

namespace PhysIntuition.SecondOpinions;

/// <summary>One compiled model with its state; free joints in the order of the dynamic bodies.</summary>
internal sealed unsafe class MujocoInstance : IDisposable
{
    private readonly nint _model, _data;
    private readonly int[] _bodies;   // index in the world of each free joint
    private readonly double _step, _start;   // s; the start is the world's time at the first step

    public MujocoInstance(World world, MujocoSettings settings)
    {
        _step = settings.Step;
        var path = Path.Combine(Path.GetTempPath(), $"physintuition-{Guid.NewGuid():N}.xml");
        try
        {
            File.WriteAllText(path, MujocoModel.Write(world, settings));
            _model = MujocoLibrary.Load(path);
        }
        finally
        {
            File.Delete(path);
        }

        _data = MujocoLibrary.mj_makeData(_model);
        _start = world.Time;
        _bodies = [.. Enumerable.Range(0, world.Bodies.Count).Where(i => world.Bodies[i].Motion == Motion.Dynamic)];
        for (var k = 0; k < _bodies.Length; k++)
        {
            WriteVelocity(k, world.Bodies[_bodies[k]]);
        }
    }

    public void Step(World world)
    {
        var time = _start + MujocoLibrary.Time(_data);
        new Span<double>(MujocoLibrary.Forces(_data), 6 * (world.Bodies.Count + 1)).Clear();
        foreach (var push in world.Pushes)
        {
            Apply(world, push, time);
        }

        MujocoLibrary.mj_step(_model, _data);
    }

    public bool IsSlow(double speed, double spin)
    {
        var v = MujocoLibrary.Velocities(_data);
        for (var k = 0; k < _bodies.Length; k++, v += 6)
        {
            var isSlow = (v[0] * v[0]) + (v[1] * v[1]) + (v[2] * v[2]) < speed * speed
                && (v[3] * v[3]) + (v[4] * v[4]) + (v[5] * v[5]) < spin * spin;
            if (!isSlow)
            {
                return false;
            }
        }

        return true;
    }

    public void ReadInto(World world)
    {
        var p = MujocoLibrary.Positions(_data);
        var v = MujocoLibrary.Velocities(_data);
        for (var k = 0; k < _bodies.Length; k++, p += 7, v += 6)
        {
            var body = world.Bodies[_bodies[k]];
            body.Position = new((float)p[0], (float)p[1], (float)p[2]);
            body.Orientation = new((float)p[4], (float)p[5], (float)p[6], (float)p[3]);
            body.LinearVelocity = new((float)v[0], (float)v[1], (float)v[2]);
            // A free joint's angular velocity is in the body's frame.
            var spin = new Vector3((float)v[3], (float)v[4], (float)v[5]);
            body.AngularVelocity = Vector3.Transform(spin, body.Orientation);
            world.Bodies[_bodies[k]] = body;
        }
    }

    public void Dispose()
    {
        MujocoLibrary.mj_deleteData(_data);
        MujocoLibrary.mj_deleteModel(_model);
    }

    private void WriteVelocity(int joint, in Body body)
    {
        var spin = Vector3.Transform(body.AngularVelocity, Quaternion.Conjugate(body.Orientation));
        Add(joint, body.LinearVelocity, spin);
    }

    private void Add(int joint, Vector3 velocity, Vector3 spin)
    {
        var v = MujocoLibrary.Velocities(_data) + (6 * joint);
        (v[0], v[1], v[2]) = (v[0] + velocity.X, v[1] + velocity.Y, v[2] + velocity.Z);
        (v[3], v[4], v[5]) = (v[3] + spin.X, v[4] + spin.Y, v[5] + spin.Z);
    }

    private void Apply(World world, in ExternalForce push, double time)
    {
        var joint = Array.IndexOf(_bodies, push.Body);
        var isDue = Math.Abs(time - push.Start) <= _step / 2;
        if (push.Duration == 0 && isDue)
        {
            Strike(joint, world.Bodies[push.Body], push);
        }
        else if (push.Duration > 0)
        {
            // Share of the step in which the force acts, so that its impulse is force times time, whatever the step.
            var overlap = Math.Min(time + _step, push.Start + (double)push.Duration)
                - Math.Max(time, push.Start);
            Press(push, Math.Max(overlap, 0) / _step);
        }
    }

    // The offset keeps its direction in the world, as the contract of a push says.
    private void Press(in ExternalForce push, double share)
    {
        var f = MujocoLibrary.Forces(_data) + (6 * (push.Body + 1));
        var (force, torque) = (push.Vector * (float)share, Vector3.Cross(push.Offset, push.Vector) * (float)share);
        (f[0], f[1], f[2]) = (f[0] + force.X, f[1] + force.Y, f[2] + force.Z);
        (f[3], f[4], f[5]) = (f[3] + torque.X, f[4] + torque.Y, f[5] + torque.Z);
    }

    // v += J / m; in the body's frame w_k += (r × J)_k / I_k with I_x = m (hy² + hz²) / 3.
    private void Strike(int joint, in Body body, in ExternalForce push)
    {
        var h = body.HalfExtents * body.HalfExtents;
        var inertia = new Vector3(h.Y + h.Z, h.X + h.Z, h.X + h.Y) * (body.Mass / 3);
        var moment = Vector3.Cross(push.Offset, push.Vector);
        var turn = Vector3.Transform(moment, Quaternion.Conjugate(body.Orientation)) / inertia;
        Add(joint, push.Vector / body.Mass, turn);
    }
}

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
