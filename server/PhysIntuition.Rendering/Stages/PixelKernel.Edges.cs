using System.Runtime.CompilerServices;
using PhysIntuition.Rendering.Stages.Records;

namespace PhysIntuition.Rendering.Stages;

/// <content>Anti-aliasing where outlines pass.</content>
internal static unsafe partial class PixelKernel<V>
{
    /// <summary>Sees all samples, then lights two surfaces at the middles of the parts they cover.</summary>
    /// <remarks>Inner edges of a block need none of it: the bevel makes shading continuous across them.</remarks>
    [MethodImpl(Stage)]
    private static void BlendEdges(SceneRecord* scene, TileSets* sets, Packet<V>* packet, SampleSet<V>* samples)
    {
        packet->CenterX = packet->X;
        packet->CenterY = packet->Y;
        packet->CenterInverse = packet->Inverse;
        packet->CenterId = packet->Id;
        packet->CenterEdge = packet->Edge;
        V highest = V.Splat(-9f), lowest = V.Splat(99f);
        for (var i = 0; i < scene->View.Samples; i++)
        {
            packet->X = packet->CenterX + V.Splat(scene->View.SampleX[i]);
            packet->Y = packet->CenterY + V.Splat(scene->View.SampleY[i]);
            Trace(scene, sets->Seen, packet);
            (&samples->Inverse0)[i] = packet->Inverse;
            (&samples->Id0)[i] = packet->Id;
            highest = V.Max(highest, packet->Id);
            lowest = V.Min(lowest, packet->Id);
        }

        packet->CenterEdge = V.And(packet->CenterEdge, V.Greater(highest, lowest));
        highest = V.Select(packet->CenterEdge, highest, packet->CenterId);
        lowest = V.Select(packet->CenterEdge, lowest, packet->CenterId);
        TakePart(scene, highest, packet, samples);
        Illuminate(scene, sets, packet, 1u);
        if (!V.Any(V.Greater(highest, lowest)))
        {
            return;
        }

        packet->First = packet->Color;
        V part = packet->Part;
        TakePart(scene, lowest, packet, samples);
        Illuminate(scene, sets, packet, 1u);
        packet->Color.X = Mix(packet->Color.X, packet->First.X, part);
        packet->Color.Y = Mix(packet->Color.Y, packet->First.Y, part);
        packet->Color.Z = Mix(packet->Color.Z, packet->First.Z, part);
    }

    /// <summary>The part of the pixel that one surface covers; the packet then stands at its middle.</summary>
    [MethodImpl(Stage)]
    private static void TakePart(SceneRecord* scene, V id, Packet<V>* packet, SampleSet<V>* samples)
    {
        V count = V.Zero, x = V.Zero, y = V.Zero, inverse = V.Zero, isEdge = packet->CenterEdge;
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
