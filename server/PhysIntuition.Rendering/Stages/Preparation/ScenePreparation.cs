namespace PhysIntuition.Rendering.Stages.Preparation;

/// <summary>Turns a scene into the record that the kernel casts: scalar, exact operations only.</summary>
internal static unsafe class ScenePreparation
{
    private const float LeastFogDepth = 13f;      // units
    private const float FarthestDepth = 250f;     // units; further off, patterns would lose their last digits
    private const float FogPerDistance = 1.7f;    // of the eye's distance from its target: blocks stay clear of fog

    /// <summary>Most bytes of the record of this many blocks and overlays.</summary>
    public static int SizeOf(int blocks, int overlays) =>
        sizeof(SceneRecord) + (blocks * sizeof(BlockRecord))
        + (overlays * (sizeof(ZoneRecord) + sizeof(OverlayRecord)));

    /// <summary>Fills the record; it has room for <see cref="SizeOf"/> its blocks.</summary>
    public static void Run(Scene scene, in FrameFormat format, SceneRecord* target)
    {
        var look = LookSettings.Of(scene.Look);
        int rows = TilesOf(format.Height), columns = TilesOf(format.Width);
        var perUnit = RunHead(scene, format, look, target);
        fixed (Block* blocks = CollectionsMarshal.AsSpan(scene.Blocks))
        {
            RunBlocks(blocks, scene.Blocks.Count, &look, perUnit, rows, columns, target);
        }

        OverlayPreparation.Run(scene, perUnit, rows, columns, target);
    }

    /// <summary>View, light and ground. Gives the units in one metre.</summary>
    public static float RunHead(Scene scene, in FrameFormat format, in LookSettings look, SceneRecord* target)
    {
        var perUnit = 1f / UnitOf(scene);
        target->MetresPerUnit = 1f / perUnit;
        ViewPreparation.Run(scene.Camera, format, perUnit, &target->View);
        SetLight(scene.Light, look, target);
        SetGround(scene, look, perUnit, target);
        return perUnit;
    }

    /// <summary>Blocks and their masks, behind a ready head. Plain memory only: a device runs it as it is.</summary>
    public static void RunBlocks(
        Block* blocks, int count, LookSettings* look, float perUnit, int rows, int columns, SceneRecord* target)
    {
        MaskPreparation.Clear(&target->Masks, rows, columns);
        target->Blocks = count;
        var record = (BlockRecord*)(target + 1);
        var farthest = FarthestDepth;
        for (var i = 0; i < count; i++, record++)
        {
            BlockPreparation.Run(target, blocks[i], *look, perUnit, record);
            MaskPreparation.Enter(target, i, record, rows, columns);
            var depth = GroundRegions.FarthestDepth(target, record, GroundRegions.FarthestThrow(target, record));
            farthest = depth > farthest ? depth : farthest;
        }

        target->FarthestInverse = 1f / farthest;
        PairPreparation.Run(target);
    }

    /// <summary>Tiles that cover this many pixels.</summary>
    public static int TilesOf(int pixels) => (pixels + SceneRecord.Tile - 1) / SceneRecord.Tile;

    // The mean of the blocks' middle edges: never of their places, so that a frame does not betray the next one.
    private static float UnitOf(Scene scene)
    {
        if (scene.TileSize > 0f)
        {
            return scene.TileSize;
        }

        var sum = 0f;
        foreach (var block in scene.Blocks)
        {
            var half = block.HalfExtents;
            float small = half.X < half.Y ? half.X : half.Y, large = half.X < half.Y ? half.Y : half.X;
            sum += 2f * (half.Z < small ? small : half.Z > large ? large : half.Z);
        }

        return scene.Blocks.Count == 0 ? 1f : sum / scene.Blocks.Count;
    }

    private static void SetLight(in Light light, in LookSettings look, SceneRecord* target)
    {
        target->Sun = Triple.Unit(ToTriple(light.SunDirection));
        target->SunColor = Triple.Scaled(ToTriple(light.SunColor), look.Sun);
        var sky = ToTriple(light.SkyColor);
        var grey = (sky.X + sky.Y + sky.Z) * (1f / 3f);
        target->Sky = Triple.Scaled(
            Triple.Of(
                grey + ((sky.X - grey) * look.SkyTint),
                grey + ((sky.Y - grey) * look.SkyTint),
                grey + ((sky.Z - grey) * look.SkyTint)),
            look.Sky);
        target->Bounce = Triple.Scaled(Triple.Of(0.32f, 0.28f, 0.24f), look.Bounce);
        target->SunRadius = light.SunRadius * look.SunRadius;
        target->ShadowDepth = look.ShadowDepth;
        target->OcclusionDepth = look.OcclusionDepth;
        target->Outline = look.Outline;
        target->Tone = look.Tone;
        target->Horizon = look.Horizon;
        target->Zenith = look.Zenith;
    }

    private static void SetGround(Scene scene, in LookSettings look, float perUnit, SceneRecord* target)
    {
        var view = &target->View;
        target->Ground = (int)scene.Ground;
        target->GroundColor = GroundSettings.ColorOf(scene.Ground, scene.Look);
        target->GroundGrain = look.GroundGrain;
        target->Floor = Linear.OfPlane(view, Triple.Of(0f, 1f, 0f), -view->Eye.Y);
        target->HasWall = scene.Ground is Ground.Table or Ground.Backdrop ? 1 : 0;
        target->WallColor = GroundSettings.WallColorOf(scene.Look);
        target->Lowest = 0f;

        var focus = Triple.Scaled(ToTriple(scene.Camera.Target), perUnit);
        var sight = Triple.Difference(focus, view->Eye);
        var squared = Triple.Dot(sight, sight);
        var distance = MathF.Sqrt(squared);
        target->FogDepth = distance > LeastFogDepth / FogPerDistance ? distance * FogPerDistance : LeastFogDepth;
        target->HalfPerHeight = 0.5f / view->Eye.Y;
        target->BareLight.X = MathF.FusedMultiplyAdd(target->SunColor.X, target->Sun.Y, target->Sky.X);
        target->BareLight.Y = MathF.FusedMultiplyAdd(target->SunColor.Y, target->Sun.Y, target->Sky.Y);
        target->BareLight.Z = MathF.FusedMultiplyAdd(target->SunColor.Z, target->Sun.Y, target->Sky.Z);
        if (target->HasWall != 0)
        {
            SetWall(scene.Ground, focus, distance, target);
        }
    }

    // The wall stands across the view, so far behind the target that the camera alone decides it.
    private static void SetWall(Ground ground, Triple focus, float distance, SceneRecord* target)
    {
        var view = &target->View;
        var away = Triple.Of(view->Right.Z, 0f, -view->Right.X);
        var isTable = ground == Ground.Table;
        var brink = Triple.Dot(focus, away) + (distance * (isTable ? 0.62f : 0.45f));
        var wall = isTable ? brink + (distance * 0.9f) : brink;
        var eye = Triple.Dot(view->Eye, away);
        target->WallNormal = Triple.Scaled(away, -1f);
        target->WallOffset = -wall;
        target->BrinkOffset = brink;
        target->Lowest = view->Eye.Y * (brink - wall) / (brink - eye);   // where the sight over the edge meets the wall
        target->Wall = Linear.OfPlane(view, away, wall - eye);

        // A point of the floor at inverse depth u is on this side iff u (brink - eye) > away.ray.
        target->Brink.Base = (target->Floor.Base * (brink - eye)) - Triple.Dot(away, view->Ray);
        target->Brink.X = (target->Floor.X * (brink - eye)) - Triple.Dot(away, view->RayX);
        target->Brink.Y = (target->Floor.Y * (brink - eye)) - Triple.Dot(away, view->RayY);
        target->BrinkSlack = ViewPreparation.Slack(view, target->Brink);
    }

    private static Triple ToTriple(Vector3 v) => Triple.Of(v.X, v.Y, v.Z);
}

/// <summary>Colours of grounds and walls, linear RGB.</summary>
internal static class GroundSettings
{
    /// <summary>The ground's base colour.</summary>
    public static Triple ColorOf(Ground ground, Look look)
    {
        var studio = ground switch
        {
            Ground.Planks => Triple.Of(0.40f, 0.27f, 0.165f),
            Ground.Table => Triple.Of(0.33f, 0.20f, 0.115f),
            Ground.Backdrop => Triple.Of(0.62f, 0.59f, 0.555f),
            _ => Triple.Of(0.42f, 0.40f, 0.375f),
        };
        return look switch
        {
            Look.Schematic => Triple.Of(0.86f, 0.87f, 0.88f),
            Look.Cubeworld => Triple.Scaled(studio, 1.55f),
            _ => studio,
        };
    }

    /// <summary>The wall's base colour.</summary>
    public static Triple WallColorOf(Look look) => look switch
    {
        Look.Schematic => Triple.Of(0.95f, 0.96f, 0.97f),
        Look.Cubeworld => Triple.Of(0.80f, 0.84f, 0.86f),
        _ => Triple.Of(0.50f, 0.53f, 0.52f),
    };
}
