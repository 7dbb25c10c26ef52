namespace PhysIntuition.Rendering.Stages;

/// <summary>Draws arrows and labels over a pixel: scalar, since few tiles have any.</summary>
internal static unsafe class OverlayStage
{
    private const float HeadLength = 5f, HeadHalfWidth = 3f;   // of an arrow, in half widths of its shaft
    private const float HaloWidth = 1.25f;                     // pixels

    /// <summary>Blends a tile's overlays into display values of one pixel, in order.</summary>
    public static void Paint(SceneRecord* scene, ulong overlays, int x, int y, float* rgb)
    {
        var records = Overlays(scene);
        for (var rest = overlays; rest != 0; rest &= rest - 1)
        {
            var record = records + BitOperations.TrailingZeroCount(rest);
            if (record->Letters > 0)
            {
                PaintLabel(record, x - (int)record->X, y - (int)record->Y, rgb);
            }
            else
            {
                PaintArrow(record, x + 0.5f, y + 0.5f, rgb);
            }
        }
    }

    /// <summary>The records behind the scene's blocks and zones.</summary>
    public static OverlayRecord* Overlays(SceneRecord* scene) =>
        (OverlayRecord*)((ZoneRecord*)((BlockRecord*)(scene + 1) + scene->Blocks) + scene->Zones);

    // Distance to a shaft and to a triangular head; the nearer counts.
    private static void PaintArrow(OverlayRecord* arrow, float x, float y, float* rgb)
    {
        float dx = x - arrow->X, dy = y - arrow->Y, half = arrow->HalfWidth;
        var along = (dx * arrow->DirectionX) + (dy * arrow->DirectionY);
        var across = MathF.Abs((dx * arrow->DirectionY) - (dy * arrow->DirectionX));
        float length = half * HeadLength, width = half * HeadHalfWidth, neck = arrow->Length - length;
        var shaft = Larger(Larger(-along, along - neck), across - half);
        var slope = ((across * length) + ((along - arrow->Length) * width))
            / MathF.Sqrt((length * length) + (width * width));
        var head = Larger(neck - along, slope);
        var distance = shaft < head ? shaft : head;
        Blend(&arrow->Halo, Cover(distance - HaloWidth), rgb);
        Blend(&arrow->Color, Cover(distance), rgb);
    }

    // Dots are whole pixels, so that letters are sharp; a halo of one pixel sets them off.
    private static void PaintLabel(OverlayRecord* label, int x, int y, float* rgb)
    {
        if (IsInk(label, x, y))
        {
            Blend(&label->Color, 1f, rgb);
            return;
        }

        for (var side = 0; side < 9; side++)
        {
            if (IsInk(label, x + (side % 3) - 1, y + (side / 3) - 1))
            {
                Blend(&label->Halo, 1f, rgb);
                return;
            }
        }
    }

    private static bool IsInk(OverlayRecord* label, int x, int y)
    {
        if (x < 0 || y < 0)
        {
            return false;
        }

        int column = x / label->Scale, row = y / label->Scale, letter = column / (BitmapFont.Width + 1);
        return letter < label->Letters
            && BitmapFont.IsSet(label->Dots[letter], column - (letter * (BitmapFont.Width + 1)), row);
    }

    private static float Cover(float distance) => distance < -0.5f ? 1f : distance > 0.5f ? 0f : 0.5f - distance;

    private static float Larger(float a, float b) => a > b ? a : b;

    // Half a grey level is added before truncation, here as in the tone curve.
    private static void Blend(Triple* color, float cover, float* rgb)
    {
        rgb[0] += ((color->X + 0.5f) - rgb[0]) * cover;
        rgb[1] += ((color->Y + 0.5f) - rgb[1]) * cover;
        rgb[2] += ((color->Z + 0.5f) - rgb[2]) * cover;
    }
}
