using System.Runtime.InteropServices;

namespace PhysIntuition.Environments.Staging;

/// <summary>What every scene needs besides its structure: surfaces, looks, camera and light.</summary>
/// <remarks>All of it is drawn from the seed alone, before and apart from the class, so that no label leaks.</remarks>
internal static class Scenery
{
    /// <summary>Draws gravity, friction and restitution, and sets the ground accordingly.</summary>
    /// <returns>Density, kg/m³.</returns>
    public static float SetPhysics(SceneBuilder draft)
    {
        var (options, random) = (draft.Episode.Options.Physics, draft.Fixed(SeedUse.Physics));
        var world = draft.Episode.World;
        world.HasGround = true;
        world.Gravity = Draw(options.Gravity, ref random);
        world.GroundFriction = Draw(options.Friction, ref random);
        world.GroundRestitution = Draw(options.Restitution, ref random);

        return Draw(options.Density, ref random);
    }

    /// <summary>Takes a body away: it stays in the list, so that indices keep their meaning, but out of reach and
    /// behind every camera.</summary>
    /// <param name="world">Whose body.</param>
    /// <param name="index">Which.</param>
    /// <param name="x">m; those that are away must not touch.</param>
    public static void TakeAway(World world, int index, float x = 0f)
    {
        ref var body = ref At(world, index);
        body.Motion = Motion.Fixed;
        body.Position = new Vector3(x, body.HalfExtents.Y, 200f);
    }

    /// <summary>A body in its place, to change it there.</summary>
    public static ref Body At(World world, int index) => ref CollectionsMarshal.AsSpan(world.Bodies)[index];

    /// <summary>A cuboid of the stage's surfaces.</summary>
    /// <param name="world">Whose ground sets friction and restitution.</param>
    /// <param name="centre">m.</param>
    /// <param name="halfExtents">m.</param>
    /// <param name="density">kg/m³.</param>
    public static Body Cuboid(World world, Vector3 centre, Vector3 halfExtents, float density) => new()
    {
        Position = centre,
        HalfExtents = halfExtents,
        Mass = 8f * halfExtents.X * halfExtents.Y * halfExtents.Z * density,
        Friction = world.GroundFriction,
        Restitution = world.GroundRestitution,
    };

    /// <summary>Gives every body a look; bodies must be there, looks not yet.</summary>
    /// <param name="draft">Whose episode.</param>
    /// <param name="red">Index of the red body; -1 for none.</param>
    public static void Paint(SceneBuilder draft, int red = -1)
    {
        var (episode, random) = (draft.Episode, draft.Fixed(SeedUse.Looks));
        var last = -1;
        episode.Appearances.Clear();
        for (var i = 0; i < episode.World.Bodies.Count; i++)
        {
            var color = Paints.Next(episode.Options.Palette, ref random, ref last);
            var material = Paints.MaterialOf(episode.Options.Surface, ref random);
            var texture = (uint)random.NextBits();
            episode.Appearances.Add(new(i == red ? Paints.Red : color, material, texture));
        }
    }

    /// <summary>Places camera and light so that a region is in the picture.</summary>
    /// <param name="draft">Whose episode.</param>
    /// <param name="halfWidth">The region reaches so far to either side of x = <paramref name="centreX"/>, m.</param>
    /// <param name="height">And so high, m.</param>
    /// <param name="depth">And so far towards the viewer, m.</param>
    /// <param name="centreX">Middle of the region, m.</param>
    /// <param name="panel">Width over height of the part of the picture that shows it, over the picture's.</param>
    public static void SetView(
        SceneBuilder draft, double halfWidth, double height, double depth, double centreX = 0, float panel = 1f)
    {
        var (episode, random) = (draft.Episode, draft.Fixed(SeedUse.Camera));
        var options = episode.Options.Camera;
        var azimuth = Angles.FromDegrees(Draw(options.Azimuth, ref random));
        var framing = new FramingOptions
        {
            Azimuth = (float)azimuth,
            Elevation = (float)Angles.FromDegrees(Draw(options.Elevation, ref random)),
            FieldOfView = (float)Angles.FromDegrees(Draw(options.FieldOfView, ref random)),
            Aspect = panel * episode.Options.PictureWidth / episode.Options.PictureHeight,
            Margin = 0.06f,
        };
        var camera = Framing.Around(
            new((float)(centreX - halfWidth), 0f, (float)-depth),
            new((float)(centreX + halfWidth), (float)height, (float)depth), framing);
        episode.Camera = camera with
        {
            Eye = camera.Target + ((camera.Eye - camera.Target) * Draw(options.Distance, ref random)),
        };
        SetLight(draft, azimuth);
    }

    /// <summary>Uniform in a range.</summary>
    public static float Draw(NumberRange range, ref RandomStream random) => random.NextFloat(range.Min, range.Max);

    private static void SetLight(SceneBuilder draft, double viewAzimuth)
    {
        var (options, random) = (draft.Episode.Options.Light, draft.Fixed(SeedUse.Light));
        var azimuth = viewAzimuth + Angles.FromDegrees(Draw(options.Azimuth, ref random));
        var elevation = Angles.FromDegrees(Draw(options.Elevation, ref random));
        var studio = new Light();
        draft.Episode.Light = studio with
        {
            SunDirection = Direction(azimuth, elevation, 1),
            SunColor = studio.SunColor * Draw(options.Strength, ref random),
            SkyColor = studio.SkyColor * Draw(options.Sky, ref random),
        };
    }

    private static Vector3 Direction(double azimuth, double elevation, double length)
    {
        var flat = Angles.Cos(elevation) * length;

        return new((float)(Angles.Sin(azimuth) * flat), (float)(Angles.Sin(elevation) * length),
            (float)(Angles.Cos(azimuth) * flat));
    }
}
