namespace PhysIntuition.Rendering.Stages;

/// <content>Stage 6: light from sun, sky and ground; highlight; distance.</content>
internal static unsafe partial class PixelKernel<V>
{
    /// <summary>Turns Color from the surface's own into the light it sends to the eye.</summary>
    [MethodImpl(Stage)]
    private static void Light(SceneRecord* scene, Packet<V>* packet)
    {
        V one = V.Splat(1f), half = V.Splat(0.5f);
        V cosine = Dot(&scene->Sun, packet->Normal.X, packet->Normal.Y, packet->Normal.Z);
        V lit = V.Max(cosine, V.Zero) * packet->Sun;
        V up = V.Fma(packet->Normal.Y, half, half);

        // The ground throws light back, less where a point is close to it and sees little of it.
        V height = V.Max(packet->Point.Y, V.Zero);
        V low = (one - up) * V.Fma(height / (height + V.Splat(0.35f)), V.Splat(0.65f), V.Splat(0.35f));
        V open = packet->Open;
        V red = packet->Color.X * Received(scene->SunColor.X, scene->Sky.X, scene->Bounce.X, lit, up, low, open);
        V green = packet->Color.Y * Received(scene->SunColor.Y, scene->Sky.Y, scene->Bounce.Y, lit, up, low, open);
        V blue = packet->Color.Z * Received(scene->SunColor.Z, scene->Sky.Z, scene->Bounce.Z, lit, up, low, open);

        if (V.Any(V.Greater(packet->Gloss, V.Zero)))
        {
            V shine = Highlight(scene, cosine, packet);
            red = V.Fma(shine, V.Splat(scene->SunColor.X), red);
            green = V.Fma(shine, V.Splat(scene->SunColor.Y), green);
            blue = V.Fma(shine, V.Splat(scene->SunColor.Z), blue);
        }

        packet->Color.X = red;
        packet->Color.Y = green;
        packet->Color.Z = blue;
        if (scene->HasWall == 0 && V.Any(V.Less(packet->Id, half)))
        {
            Fade(scene, packet);
        }
    }

    /// <summary>Light of a packet that sees ground alone, which nothing shades or darkens.</summary>
    /// <remarks>Gives the very bits that <see cref="Light"/> gives there.</remarks>
    [MethodImpl(Stage)]
    private static void LightBare(SceneRecord* scene, Packet<V>* packet)
    {
        packet->Color.X *= V.Splat(scene->BareLight.X);
        packet->Color.Y *= V.Splat(scene->BareLight.Y);
        packet->Color.Z *= V.Splat(scene->BareLight.Z);
        Fade(scene, packet);
    }

    /// <summary>The ground runs into the horizon with depth, and the horizon into the sky with height.</summary>
    [MethodImpl(Inline)]
    private static void Fade(SceneRecord* scene, Packet<V>* packet)
    {
        V nearness = packet->Inverse * V.Splat(scene->FogDepth);
        V isFading = V.And(V.Less(packet->Id, V.Splat(0.5f)), V.Less(nearness, V.Splat(1f)));
        if (!V.Any(isFading))
        {
            return;
        }

        // Written from the horizon's side, so that full fog leaves nothing at all of what lies behind it.
        V clear = Smooth(V.Min(nearness, V.Splat(1f)));
        V rise = Saturate(packet->Ray.Y * V.Splat(2.2f));
        V red = Mix(scene->Horizon.X, scene->Zenith.X, rise);
        V green = Mix(scene->Horizon.Y, scene->Zenith.Y, rise);
        V blue = Mix(scene->Horizon.Z, scene->Zenith.Z, rise);
        packet->Color.X = V.Select(isFading, Mix(red, packet->Color.X, clear), packet->Color.X);
        packet->Color.Y = V.Select(isFading, Mix(green, packet->Color.Y, clear), packet->Color.Y);
        packet->Color.Z = V.Select(isFading, Mix(blue, packet->Color.Z, clear), packet->Color.Z);
    }

    [MethodImpl(Inline)]
    private static V Received(float sun, float sky, float bounce, V lit, V up, V low, V open) =>
        V.Fma(V.Splat(sun), lit, V.Fma(V.Splat(sky), up, V.Splat(bounce) * low) * open);

    /// <summary>cos¹⁶ about the mirrored ray; less where a bevel is under a pixel and would sparkle.</summary>
    [MethodImpl(Inline)]
    private static V Highlight(SceneRecord* scene, V cosine, Packet<V>* packet)
    {
        V along = V.Fma(packet->Ray.X, packet->Normal.X, V.Fma(
            packet->Ray.Y, packet->Normal.Y, packet->Ray.Z * packet->Normal.Z));
        V towards = Dot(&scene->Sun, packet->Ray.X, packet->Ray.Y, packet->Ray.Z);
        V perRay = V.Splat(1f) / V.Sqrt(V.Fma(packet->Ray.X, packet->Ray.X, V.Fma(
            packet->Ray.Y, packet->Ray.Y, packet->Ray.Z * packet->Ray.Z)));
        V mirrored = V.Max(V.Fma(V.Splat(-2f) * along, cosine, towards) * perRay, V.Zero);
        V power = mirrored * mirrored;
        power *= power;
        power *= power;
        power *= power;
        V fade = Saturate(V.Fma(packet->Foot, V.Splat(-26f), V.Splat(1.5f)));
        return power * packet->Sun * fade * packet->Gloss;
    }
}
