using System.Numerics;
using PhysIntuition.Rendering.Scenes;

namespace PhysIntuition.Rendering.Tests;

/// <summary>A slow ray caster in double precision that shares no formula with the kernel.</summary>
internal static class Oracle
{
    /// <summary>What the centre of a pixel sees.</summary>
    /// <param name="Id">-1 sky, 0 ground, i + 1 block i.</param>
    /// <param name="Depth">Along the view direction, m.</param>
    /// <param name="Normal">World frame.</param>
    public readonly record struct Hit(int Id, double Depth, Vector3 Normal);

    public static Hit Cast(Scene scene, int width, int height, double x, double y)
    {
        var (eye, ray) = RayOf(scene.Camera, width, height, x, y);
        var best = ray.Y < 0
            ? new Hit(0, -eye.Y / ray.Y, Vector3.UnitY)
            : new Hit(-1, double.PositiveInfinity, default);
        for (var i = 0; i < scene.Blocks.Count; i++)
        {
            if (Enter(scene.Blocks[i], eye, ray) is { } entry && entry.Depth < best.Depth)
            {
                best = new(i + 1, entry.Depth, entry.Normal);
            }
        }

        return best;
    }

    /// <summary>Where a point of the world lies on the picture, pixels.</summary>
    public static Vector2 Project(Camera camera, int width, int height, Vector3 point)
    {
        var (forward, right, up) = AxesOf(camera);
        var fromEye = point - camera.Eye;
        var scale = height / (2 * Math.Tan(camera.FieldOfView / 2)) / Vector3.Dot(fromEye, forward);
        return new(
            (float)((width / 2d) + (Vector3.Dot(fromEye, right) * scale)),
            (float)((height / 2d) - (Vector3.Dot(fromEye, up) * scale)));
    }

    // Rays have unit depth, so the ray's parameter is the depth.
    private static ((double X, double Y, double Z) Eye, (double X, double Y, double Z) Ray) RayOf(
        Camera camera, int width, int height, double x, double y)
    {
        var (forward, right, up) = AxesOf(camera);
        var pixel = 2 * Math.Tan(camera.FieldOfView / 2) / height;
        double a = (x - (width / 2d)) * pixel, b = ((height / 2d) - y) * pixel;
        return ((camera.Eye.X, camera.Eye.Y, camera.Eye.Z),
            (forward.X + (right.X * a) + (up.X * b),
             forward.Y + (right.Y * a) + (up.Y * b),
             forward.Z + (right.Z * a) + (up.Z * b)));
    }

    private static (Vector3 Forward, Vector3 Right, Vector3 Up) AxesOf(Camera camera)
    {
        var forward = Vector3.Normalize(camera.Target - camera.Eye);
        var right = Vector3.Normalize(Vector3.Cross(forward, Vector3.UnitY));
        return (forward, right, Vector3.Cross(right, forward));
    }

    private static (double Depth, Vector3 Normal)? Enter(
        Block block, (double X, double Y, double Z) eye, (double X, double Y, double Z) ray)
    {
        double near = 0, far = double.PositiveInfinity;
        Vector3 normal = default;
        for (var i = 0; i < 3; i++)
        {
            var axis = Vector3.Transform(
                i == 0 ? Vector3.UnitX : i == 1 ? Vector3.UnitY : Vector3.UnitZ, block.Orientation);
            var start = ((eye.X - block.Position.X) * axis.X) + ((eye.Y - block.Position.Y) * axis.Y)
                + ((eye.Z - block.Position.Z) * axis.Z);
            var speed = (ray.X * axis.X) + (ray.Y * axis.Y) + (ray.Z * axis.Z);
            double half = block.HalfExtents[i], one = (-half - start) / speed, two = (half - start) / speed;
            if (Math.Min(one, two) > near)
            {
                near = Math.Min(one, two);
                normal = speed > 0 ? -axis : axis;
            }

            far = Math.Min(far, Math.Max(one, two));
        }

        return near > 0 && near < far ? (near, normal) : null;
    }
}
