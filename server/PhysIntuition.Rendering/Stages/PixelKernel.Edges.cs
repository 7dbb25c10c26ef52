namespace PhysIntuition.Rendering.Stages;

/// <content>Anti-aliasing where outlines pass.</content>
internal static unsafe partial class PixelKernel<V>
{
    /// <summary>Sees all samples: Edge stays where they differ, Id and Lowest become the ends there.</summary>
    /// <remarks>
    /// Two surfaces are lit, each at the middle of the part it covers. Inner edges of a block need none of it: the
    /// bevel makes shading continuous across them.
    /// </remarks>
    [MethodImpl(Stage)]
    public static void SeeSamples(SceneRecord* scene, ulong seen, Packet<V>* packet, SampleSet<V>* samples)
    {
        packet->CenterX = packet->X;
        packet->CenterY = packet->Y;
        packet->CenterInverse = packet->Inverse;
        V center = packet->Id, isEdge = packet->Edge, highest = V.Splat(-9f), lowest = V.Splat(99f);
        for (var i = 0; i < scene->View.Samples; i++)
        {
            V x = packet->CenterX + V.Splat(scene->View.SampleX[i]);
            V y = packet->CenterY + V.Splat(scene->View.SampleY[i]);
            V id = Cast(scene, seen, x, y, findsEdges: false, &samples->Inverse0 + i, packet);
            (&samples->Id0)[i] = id;
            highest = V.Max(highest, id);
            lowest = V.Min(lowest, id);
        }

        // The horizon is level and hidden by fog: alone it is no edge, or it would be one in tiles with blocks only.
        V least = scene->HasWall != 0 ? lowest : V.Max(lowest, V.Zero);
        isEdge = V.And(isEdge, V.Greater(highest, least));
        packet->Edge = isEdge;
        packet->Lowest = V.Select(isEdge, lowest, center);
        packet->Id = V.Select(isEdge, highest, center);
    }

    /// <summary>Goes to the surface of the highest id, at the middle of what the samples see of it.</summary>
    [MethodImpl(Inline)]
    public static void TakeFirst(SceneRecord* scene, Packet<V>* packet, SampleSet<V>* samples) =>
        TakePart(scene, packet->Id, packet, samples);

    /// <summary>Goes on to the surface of the lowest id.</summary>
    [MethodImpl(Inline)]
    public static void TakeSecond(SceneRecord* scene, Packet<V>* packet, SampleSet<V>* samples) =>
        TakePart(scene, packet->Lowest, packet, samples);

    /// <summary>Mixes First, of which Part of the pixel is, with the second surface's colour: fills Color.</summary>
    [MethodImpl(Stage)]
    public static void Blend(Packet<V>* packet)
    {
        packet->Color.X = Mix(packet->Color.X, packet->First.X, packet->Part);
        packet->Color.Y = Mix(packet->Color.Y, packet->First.Y, packet->Part);
        packet->Color.Z = Mix(packet->Color.Z, packet->First.Z, packet->Part);
    }

    /// <summary>The part of the pixel that one surface covers; the packet then stands at its middle.</summary>
    [MethodImpl(Stage)]
    private static void TakePart(SceneRecord* scene, V id, Packet<V>* packet, SampleSet<V>* samples)
    {
        V count = V.Zero, x = V.Zero, y = V.Zero, inverse = V.Zero, isEdge = packet->Edge;
        for (var i = 0; i < scene->View.Samples; i++)
        {
            V isSame = V.Less(V.Abs((&samples->Id0)[i] - id), V.Splat(0.5f));
            V weight = V.Select(isSame, V.Splat(1f), V.Zero);
            count += weight;
            x = V.Fma(weight, V.Splat(scene->View.SampleX[i]), x);
            y = V.Fma(weight, V.Splat(scene->View.SampleY[i]), y);
            inverse = V.Fma(weight, (&samples->Inverse0)[i], inverse);
        }

        V perCount = V.Splat(1f) / V.Max(count, V.Splat(1f));
        packet->X = V.Select(isEdge, V.Fma(x, perCount, packet->CenterX), packet->CenterX);
        packet->Y = V.Select(isEdge, V.Fma(y, perCount, packet->CenterY), packet->CenterY);
        packet->Inverse = V.Select(isEdge, inverse * perCount, packet->CenterInverse);
        packet->Id = id;
        packet->Part = V.Select(isEdge, count / V.Splat(scene->View.Samples), V.Splat(1f));
    }
}
