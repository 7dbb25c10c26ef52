namespace PhysIntuition.Rendering.Stages.Preparation;

/// <summary>Places a scene's marks: zones on the ground, arrows and labels on the picture.</summary>
internal static unsafe class OverlayPreparation
{
    private const float RingWidth = 0.09f;       // of a zone's radius
    private const float LeastHalfWidth = 1f;     // pixels of an arrow's shaft
    private const float NearestDepth = 0.05f;    // units; what is nearer to the eye, or behind it, is not drawn

    /// <summary>Fills zone and overlay records behind the blocks.</summary>
    public static void Run(Scene scene, float perUnit, int rows, int columns, SceneRecord* target)
    {
        target->Zones = target->Overlays = 0;
        var zone = (ZoneRecord*)((BlockRecord*)(target + 1) + target->Blocks);
        foreach (var overlay in scene.Overlays)
        {
            if (overlay.Kind == OverlayKind.Zone)
            {
                zone[target->Zones++] = ToZone(overlay, perUnit);
            }
        }

        var record = OverlayStage.Overlays(target);
        foreach (var overlay in scene.Overlays)
        {
            if (overlay.Kind == OverlayKind.Zone || !TryPlace(overlay, perUnit, &target->View, record))
            {
                continue;
            }

            var box = record->Letters > 0 ? BoundLabel(record) : BoundArrow(record);
            MaskPreparation.Mark(target, TileMasks.Kind.Overlay, target->Overlays, box, rows, columns);
            target->Overlays++;
            record++;
        }
    }

    private static ZoneRecord ToZone(in Overlay overlay, float perUnit)
    {
        var radius = overlay.Size * perUnit;
        ZoneRecord zone;
        zone.X = overlay.From.X * perUnit;
        zone.Z = overlay.From.Z * perUnit;
        zone.Radius = radius;
        zone.HalfWidth = radius * RingWidth;
        zone.Color = Triple.Of(overlay.Color.X, overlay.Color.Y, overlay.Color.Z);
        zone.Padding = 0;
        return zone;
    }

    private static bool TryPlace(in Overlay overlay, float perUnit, ViewRecord* view, OverlayRecord* record)
    {
        *record = default;
        Dye(overlay.Color, record);
        if (!TryProject(view, overlay.From, perUnit, out record->X, out record->Y, out var depth))
        {
            return false;
        }

        var size = overlay.Size * perUnit * view->PerPixel / depth;   // pixels
        if (overlay.Kind == OverlayKind.Label)
        {
            PlaceLabel(overlay.Text ?? "", size, record);
            return record->Letters > 0;
        }

        if (!TryProject(view, overlay.To, perUnit, out var tipX, out var tipY, out _))
        {
            return false;
        }

        float dx = tipX - record->X, dy = tipY - record->Y, length = MathF.Sqrt((dx * dx) + (dy * dy));
        record->Length = length;
        record->DirectionX = length > 1e-3f ? dx / length : 1f;
        record->DirectionY = length > 1e-3f ? dy / length : 0f;
        record->HalfWidth = size * 0.5f > LeastHalfWidth ? size * 0.5f : LeastHalfWidth;
        return true;
    }

    private static void PlaceLabel(string text, float size, OverlayRecord* record)
    {
        var scale = (int)((size / BitmapFont.Height) + 0.5f);
        record->Scale = scale < 1 ? 1 : scale;
        record->Letters = text.Length < OverlayRecord.MaxLetters ? text.Length : OverlayRecord.MaxLetters;
        for (var i = 0; i < record->Letters; i++)
        {
            record->Dots[i] = BitmapFont.DotsOf(text[i]);
        }

        var width = BitmapFont.WidthOf(record->Letters) * record->Scale;
        record->X = MathF.Floor(record->X - (width * 0.5f) + 0.5f);
        record->Y = MathF.Floor(record->Y - (BitmapFont.Height * record->Scale * 0.5f) + 0.5f);
    }

    private static bool TryProject(
        ViewRecord* view, Vector3 place, float perUnit, out float x, out float y, out float depth)
    {
        var fromEye = Triple.Difference(Triple.Of(place.X * perUnit, place.Y * perUnit, place.Z * perUnit), view->Eye);
        depth = Triple.Dot(fromEye, view->Forward);
        var scale = view->PerPixel / depth;
        x = view->MiddleX + (Triple.Dot(fromEye, view->Right) * scale);
        y = view->MiddleY - (Triple.Dot(fromEye, view->Up) * scale);
        return depth >= NearestDepth;
    }

    // A light mark gets a dark halo and a dark one a light halo, so that it shows on any ground.
    private static void Dye(Vector3 color, OverlayRecord* record)
    {
        var tone = ToneCurve.Plain;
        record->Color = Triple.Of(Display(&tone, color.X), Display(&tone, color.Y), Display(&tone, color.Z));
        var lightness = (color.X * 0.2126f) + (color.Y * 0.7152f) + (color.Z * 0.0722f);
        record->Halo = lightness > 0.3f ? Triple.Of(24f, 24f, 26f) : Triple.Of(250f, 250f, 248f);
    }

    private static float Display(ToneCurve* tone, float x)
    {
        x = x < tone->White ? x : tone->White;
        var above = x * (tone->P0 + (x * (tone->P1 + (x * tone->P2))));
        return above / (1f + (x * (tone->Q0 + (x * (tone->Q1 + (x * tone->Q2)))))) * 255f;
    }

    private static Rectangle BoundLabel(OverlayRecord* label) => new()
    {
        Left = label->X - 1f,
        Top = label->Y - 1f,
        Right = label->X + 1f + (BitmapFont.WidthOf(label->Letters) * label->Scale),
        Bottom = label->Y + 1f + (BitmapFont.Height * label->Scale),
    };

    private static Rectangle BoundArrow(OverlayRecord* arrow)
    {
        var margin = (arrow->HalfWidth * 4f) + 3f;
        float tipX = arrow->X + (arrow->DirectionX * arrow->Length);
        float tipY = arrow->Y + (arrow->DirectionY * arrow->Length);
        return new()
        {
            Left = (arrow->X < tipX ? arrow->X : tipX) - margin,
            Right = (arrow->X < tipX ? tipX : arrow->X) + margin,
            Top = (arrow->Y < tipY ? arrow->Y : tipY) - margin,
            Bottom = (arrow->Y < tipY ? tipY : arrow->Y) + margin,
        };
    }
}
