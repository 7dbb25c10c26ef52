namespace PhysIntuition.Rendering.Stages;

/// <content>Stages 1 and 2: what is seen at a point of the picture, and where it is.</content>
internal static unsafe partial class PixelKernel<V>
{
    /// <summary>The nearest surface.</summary>
    /// <remarks>
    /// A ray enters a convex body at the last plane that faces the eye and leaves it at the first that does not.
    /// In inverse depth, which is linear over the picture, that reads: near = min of the former, far = max of the
    /// latter, hit where near > far. No division, and right with the eye between two parallel planes too.
    /// </remarks>
    [MethodImpl(Stage)]
    private static void Trace(SceneRecord* scene, ulong seen, Packet<V>* packet)
    {
        packet->Id = Cast(scene, seen, packet->X, packet->Y, findsEdges: true, &packet->Inverse, packet);
    }

    /// <summary>Gives the id of the nearest surface at a point, its inverse depth and, where asked, Edge.</summary>
    [MethodImpl(Inline)]
    private static V Cast(SceneRecord* scene, ulong seen, V x, V y, bool findsEdges, V* inverse, Packet<V>* packet)
    {
        V nearest = At(&scene->Floor, x, y), id = V.Zero, edge = V.Zero;
        if (scene->HasWall != 0)
        {
            V brink = At(&scene->Brink, x, y), isFloor = V.Greater(brink, V.Zero);
            nearest = V.Select(isFloor, nearest, At(&scene->Wall, x, y));
            id = V.Select(isFloor, V.Zero, V.Splat(-1f));
            edge = V.Less(V.Abs(brink), V.Splat(scene->BrinkSlack));
        }
        else
        {
            id = V.Select(V.Greater(nearest, V.Zero), V.Zero, V.Splat(-1f));
        }

        nearest = V.Max(nearest, V.Zero);
        for (var rest = seen; rest != 0; rest &= rest - 1)
        {
            var index = BitOperations.TrailingZeroCount(rest);
            var block = Block(scene, index);
            V near = V.Min(V.Min(At(&block->Near0, x, y), At(&block->Near1, x, y)), At(&block->Near2, x, y));
            V far = V.Max(V.Max(At(&block->Far0, x, y), At(&block->Far1, x, y)), At(&block->Far2, x, y));
            if (block->HasFiveFar != 0)
            {
                far = V.Max(far, V.Max(At(&block->Far3, x, y), At(&block->Far4, x, y)));
            }

            V inside = near - V.Max(far, nearest), isHit = V.Greater(inside, V.Zero);
            if (findsEdges)
            {
                edge = V.Or(edge, V.Less(V.Abs(inside), V.Splat(block->Slack)));
            }

            nearest = V.Select(isHit, near, nearest);
            id = V.Select(isHit, V.Splat(index + 1), id);
        }

        *inverse = nearest;
        if (findsEdges)
        {
            packet->Edge = edge;
        }

        return id;
    }

    /// <summary>Ray, depth and point of what is seen.</summary>
    [MethodImpl(Stage)]
    private static void Locate(SceneRecord* scene, Packet<V>* packet)
    {
        var view = &scene->View;
        V x = packet->X, y = packet->Y;
        V rayX = V.Fma(V.Splat(view->RayY.X), y, V.Fma(V.Splat(view->RayX.X), x, V.Splat(view->Ray.X)));
        V rayY = V.Fma(V.Splat(view->RayY.Y), y, V.Fma(V.Splat(view->RayX.Y), x, V.Splat(view->Ray.Y)));
        V rayZ = V.Fma(V.Splat(view->RayY.Z), y, V.Fma(V.Splat(view->RayX.Z), x, V.Splat(view->Ray.Z)));
        V depth = V.Splat(1f) / V.Max(packet->Inverse, V.Splat(scene->FarthestInverse));

        packet->Ray.X = rayX;
        packet->Ray.Y = rayY;
        packet->Ray.Z = rayZ;
        packet->Depth = depth;
        packet->Foot = depth * V.Splat(view->Pixel);
        packet->Point.X = V.Fma(depth, rayX, V.Splat(view->Eye.X));
        packet->Point.Y = V.Fma(depth, rayY, V.Splat(view->Eye.Y));
        packet->Point.Z = V.Fma(depth, rayZ, V.Splat(view->Eye.Z));
    }
}
