namespace PhysIntuition.Rendering.Stages.Preparation;

/// <summary>Turns a block into planes in inverse depth and slabs along the sun.</summary>
internal static unsafe class BlockPreparation
{
    private const float BevelWidth = 0.035f;      // units
    private const float SmallestSine = 2e-3f;     // of a face's angle to the sun, so that slabs stay finite
    private const float SmallestDistance = 1e-6f; // units; an eye in a face's plane is taken to be this far off it

    /// <summary>Fills the record from the block; the scene's view, sun and floor are ready.</summary>
    public static void Run(SceneRecord* scene, in Block block, in LookSettings look, float perUnit, BlockRecord* target)
    {
        PlaceAxes(block, perUnit, target);
        FindPlanes(scene, target);
        FindSlabs(&scene->Sun, target);
        GroundRegions.Find(scene, target);
        Finish(block, look, target);
    }

    private static void PlaceAxes(in Block block, float perUnit, BlockRecord* target)
    {
        target->Center = Triple.Of(block.Position.X * perUnit, block.Position.Y * perUnit, block.Position.Z * perUnit);
        target->Half = Triple.Of(
            block.HalfExtents.X * perUnit, block.HalfExtents.Y * perUnit, block.HalfExtents.Z * perUnit);
        SetAxes(block.Orientation, target);
        if (target->Half.Y > target->Half.X)
        {
            (target->AxisU, target->AxisV) = (target->AxisV, target->AxisU);
            (target->Half.X, target->Half.Y) = (target->Half.Y, target->Half.X);
        }

        if (target->Half.Z > target->Half.X)
        {
            (target->AxisU, target->AxisW) = (target->AxisW, target->AxisU);
            (target->Half.X, target->Half.Z) = (target->Half.Z, target->Half.X);
        }
    }

    // Columns of the rotation matrix of a quaternion, scaled by its length so that 1e-3 off unit does no harm.
    private static void SetAxes(Quaternion q, BlockRecord* target)
    {
        var two = 2f / ((q.X * q.X) + (q.Y * q.Y) + (q.Z * q.Z) + (q.W * q.W));
        float xx = q.X * q.X * two, yy = q.Y * q.Y * two, zz = q.Z * q.Z * two;
        float xy = q.X * q.Y * two, xz = q.X * q.Z * two, yz = q.Y * q.Z * two;
        float wx = q.W * q.X * two, wy = q.W * q.Y * two, wz = q.W * q.Z * two;
        target->AxisU = Triple.Of(1f - (yy + zz), xy + wz, xz - wy);
        target->AxisV = Triple.Of(xy - wz, 1f - (xx + zz), yz + wx);
        target->AxisW = Triple.Of(xz + wy, yz - wx, 1f - (xx + yy));
    }

    private static void FindPlanes(SceneRecord* scene, BlockRecord* target)
    {
        Linear* near = &target->Near0, far = &target->Far0;
        int nears = 0, fars = 0;
        var fromCenter = Triple.Difference(scene->View.Eye, target->Center);
        for (var side = 0; side < 6; side++)
        {
            var axis = (&target->AxisU)[side >> 1];
            var half = (&target->Half.X)[side >> 1];
            var sign = (side & 1) == 0 ? -1f : 1f;
            var distance = (sign * half) - Triple.Dot(axis, fromCenter);   // axis.ray t = distance
            distance = MathF.Abs(distance) < SmallestDistance ? sign * SmallestDistance : distance;
            var line = Linear.OfPlane(&scene->View, axis, distance);
            if (sign * distance < 0f)
            {
                near[nears++] = line;
            }
            else if (fars < 5)
            {
                far[fars++] = line;
            }
        }

        FillUnused(target, nears, fars);
        SetSlack(scene, target);
    }

    // A block around the eye has no face towards it and is not drawn: its near is never above anything.
    private static void FillUnused(BlockRecord* target, int nears, int fars)
    {
        Linear* near = &target->Near0, far = &target->Far0;
        if (nears == 0)
        {
            Linear never;
            never.Base = -1e9f;
            never.X = never.Y = 0f;
            near[nears++] = never;
        }

        for (var i = nears; i < 3; i++)
        {
            near[i] = near[0];
        }

        for (var i = fars; i < 5; i++)
        {
            far[i] = far[0];
        }

        target->HasFiveFar = fars > 3 ? 1 : 0;
    }

    private static void SetSlack(SceneRecord* scene, BlockRecord* target)
    {
        Linear* near = &target->Near0, far = &target->Far0;
        float ofNear = 0f, ofFar = ViewPreparation.Slack(&scene->View, scene->Floor);
        for (var i = 0; i < 3; i++)
        {
            var slack = ViewPreparation.Slack(&scene->View, near[i]);
            ofNear = slack > ofNear ? slack : ofNear;
        }

        for (var i = 0; i < 5; i++)
        {
            var slack = ViewPreparation.Slack(&scene->View, far[i]);
            ofFar = slack > ofFar ? slack : ofFar;
        }

        target->Slack = ofNear + ofFar;
    }

    private static void FindSlabs(Triple* sun, BlockRecord* target)
    {
        var slab = &target->Slab0;
        var extent = 0f;
        for (var i = 0; i < 3; i++)
        {
            var axis = (&target->AxisU)[i];
            var half = (&target->Half.X)[i];
            var sine = Triple.Dot(axis, *sun);
            extent += half * MathF.Abs(sine);
            sine = MathF.Abs(sine) < SmallestSine ? (sine < 0f ? -SmallestSine : SmallestSine) : sine;
            var way = Triple.Scaled(axis, -1f / sine);
            slab[i].X = way.X;
            slab[i].Y = way.Y;
            slab[i].Z = way.Z;
            slab[i].Offset = -Triple.Dot(way, target->Center);
            slab[i].Half = half * MathF.Abs(1f / sine);
        }

        var middle = Triple.Dot(target->Center, *sun);
        target->SunNear = middle - extent;
        target->SunFar = middle + extent;
        target->Scale01 = PerGradient(slab, slab + 1);
        target->Scale02 = PerGradient(slab, slab + 2);
        target->Scale12 = PerGradient(slab + 1, slab + 2);
    }

    private static float PerGradient(SunSlab* a, SunSlab* b)
    {
        float x = a->X - b->X, y = a->Y - b->Y, z = a->Z - b->Z;
        return 1f / MathF.Sqrt((x * x) + (y * y) + (z * z) + 1e-12f);
    }

    private static void Finish(in Block block, in LookSettings look, BlockRecord* target)
    {
        var thinnest = target->Half.Y < target->Half.Z ? target->Half.Y : target->Half.Z;
        var widest = BevelWidth < thinnest * 0.25f ? BevelWidth : thinnest * 0.25f;
        target->Bevel = widest * look.Bevel;
        target->Color = Stain(block.Material, Triple.Of(block.Color.X, block.Color.Y, block.Color.Z));
        target->Material = (int)block.Material;
        var grain = GrainOf(block.Material) * look.Grain;
        target->Grain = grain < 1f ? grain : 1f;
        target->Gloss = GlossOf(block.Material) * look.Gloss;
        target->Seed = (int)(block.TextureSeed * 0x9E3779B9u >> 20) * (9f / 4096f);
    }

    // Paperboard shows through its print, and stone is never as colourful as paint.
    private static Triple Stain(Material material, Triple color)
    {
        var grey = (color.X + color.Y + color.Z) * (1f / 3f);
        return material switch
        {
            Material.Cardboard => Mixed(color, Triple.Of(0.42f, 0.27f, 0.15f), 0.25f),
            Material.Stone => Mixed(color, Triple.Of(grey, grey, grey), 0.3f),
            _ => color,
        };
    }

    private static Triple Mixed(Triple a, Triple b, float part) => Triple.Along(a, Triple.Difference(b, a), part);

    private static float GrainOf(Material material) => material switch
    {
        Material.PaintedWood => 0.35f,
        Material.PlainWood or Material.Stone or Material.Cardboard => 1f,
        _ => 0f,
    };

    private static float GlossOf(Material material) => material switch
    {
        Material.PaintedWood => 0.22f,
        Material.PlainWood => 0.14f,
        Material.Plastic => 0.55f,
        Material.Stone => 0.06f,
        _ => 0f,
    };
}
