namespace PhysIntuition.Environments.Staging;

/// <summary>A block of a structure, whole hundredths of a metre.</summary>
/// <param name="X">Of its middle, from the structure's.</param>
/// <param name="Y">Of its underside.</param>
/// <param name="Width">Along x.</param>
/// <param name="Height">Along y.</param>
internal readonly record struct Piece(int X, int Y, int Width, int Height)
{
    /// <summary>Of its upper side.</summary>
    public int Top => Y + Height;

    /// <summary>As it stands.</summary>
    /// <param name="world">Whose ground sets friction and restitution.</param>
    /// <param name="density">kg/m³.</param>
    public Body ToBody(World world, float density) => Scenery.Cuboid(
        world, new(X / 100f, (Y + (Height / 2f)) / 100f, 0f),
        new(Width / 200f, Height / 200f, Structures.Depth / 2f), density);
}

/// <summary>Draws structures that can be built block by block: each of their beginnings stands.</summary>
internal static class Structures
{
    /// <summary>Of all blocks, m.</summary>
    public const float Depth = 0.3f;

    /// <summary>Structures that are the same for everybody.</summary>
    public const int Fixed = 40;

    private const int MaxDraws = 512;
    private const ulong FixedKey = 0xB17D;
    private const double LeastTip = 0.015;   // m that the load would tip an overhang by without its counterweight

    /// <summary>Kinds of structure, in the order of <see cref="Structure"/>, and the fewest blocks of each.</summary>
    public static int LeastOf(Structure kind) => kind switch
    {
        Structure.Pyramid or Structure.Arch => 3,
        Structure.Overhang => 4,
        _ => 2,
    };

    /// <summary>One of the fixed structures; from 2 to 8 blocks, the kinds by turns.</summary>
    /// <param name="index">0 to <see cref="Fixed"/> - 1; later ones have no fewer blocks.</param>
    public static List<Piece> FixedAt(int index)
    {
        var (count, kind) = (2 + (index * 7 / Fixed), (Structure)(1 + (index % 4)));
        kind = count < LeastOf(kind) ? Structure.Tower : kind;
        var (random, pieces) = (new RandomStream(FixedKey, (ulong)index), new List<Piece>());
        while (!TryDraw(kind, count, ref random, pieces))
        {
        }

        return pieces;
    }

    /// <summary>Draws a structure, in an order in which it can be built.</summary>
    /// <param name="kind">One of the kinds.</param>
    /// <param name="count">Blocks, at least <see cref="LeastOf"/>.</param>
    /// <param name="random">Sizes and places.</param>
    /// <param name="pieces">Overwritten.</param>
    /// <returns>Whether one was found.</returns>
    public static bool TryDraw(Structure kind, int count, ref RandomStream random, List<Piece> pieces)
    {
        for (var draw = 0; draw < MaxDraws; draw++)
        {
            pieces.Clear();
            switch (kind)
            {
                case Structure.Pyramid:
                    DrawPyramid(count, ref random, pieces);
                    break;
                case Structure.Arch:
                    DrawArch(count, ref random, pieces);
                    break;
                case Structure.Overhang:
                    DrawOverhang(count, ref random, pieces);
                    break;
                default:
                    AddTower(count, 0, ref random, pieces);
                    break;
            }

            if (CanBeBuilt(pieces) && (kind != Structure.Overhang || NeedsCounterweight(pieces)))
            {
                Centre(pieces);
                return true;
            }
        }

        return false;
    }

    private static void AddTower(int count, int spread, ref RandomStream random, List<Piece> pieces)
    {
        for (var k = 0; k < count; k++)
        {
            var below = pieces.Count > 0 ? pieces[^1] : default;
            var width = random.NextInt(26, 56);
            var reach = spread > 0 ? spread : pieces.Count > 0 ? width * 2 / 5 : 0;
            pieces.Add(new(below.X + random.NextInt(-reach, reach + 1), below.Top, width, random.NextInt(14, 25)));
        }
    }

    private static void DrawPyramid(int count, ref RandomStream random, List<Piece> pieces)
    {
        var (width, height) = (random.NextInt(24, 40), random.NextInt(16, 28));
        var half = (width + random.NextInt(2, 11)) / 2;   // of the way from block to block
        var (row, first) = (0, 2);
        while (first * (first + 1) / 2 < count)
        {
            first++;
        }

        for (var left = count; left > 0; row++)
        {
            var (room, here) = (first - row, Math.Min(first - row, left));
            var start = random.NextInt(0, room - here + 1);
            for (var i = start; i < start + here; i++)
            {
                pieces.Add(new(half * ((2 * i) - room + 1), row * height, width, height));
            }

            left -= here;
        }
    }

    private static void DrawArch(int count, ref RandomStream random, List<Piece> pieces)
    {
        var (left, length) = (count, random.NextInt(76, 111));
        do
        {
            var (x, y) = pieces.Count > 0 ? (pieces[^1].X, pieces[^1].Top) : (0, 0);
            var (width, height) = (random.NextInt(14, 25), random.NextInt(24, 41));
            var place = ((length - width) / 2) - random.NextInt(0, 9);
            pieces.Add(new(x - place, y, width, height));
            pieces.Add(new(x + place, y, width, height));
            pieces.Add(new(x, y + height, length, random.NextInt(12, 21)));
            (left, length) = (left - 3, length - random.NextInt(6, 17));
        }
        while (left >= 3);

        AddTower(left, 8, ref random, pieces);
    }

    // Foot, beam, counterweight, load; then more weights on the two by turns.
    private static void DrawOverhang(int count, ref RandomStream random, List<Piece> pieces)
    {
        var (feet, side) = (count switch { 4 => 1, < 8 => 2, _ => 3 }, random.NextInt(0, 2) == 0 ? -1 : 1);
        var (width, y) = (random.NextInt(24, 33), 0);
        for (var k = 0; k < feet; k++, y = pieces[^1].Top)
        {
            pieces.Add(new(0, y, width, random.NextInt(18, 29)));
        }

        var beam = new Piece(random.NextInt(-5, 6), y, random.NextInt(90, 131), random.NextInt(10, 15));
        var (counter, load) = (random.NextInt(15, 25), random.NextInt(24, 35));
        pieces.Add(beam);
        for (var k = 0; pieces.Count < count; k++)
        {
            var size = k % 2 == 0 ? counter : load;
            var below = k < 2 ? beam : pieces[^2];
            var x = k >= 2 ? below.X
                : beam.X + ((k == 0 ? -side : side) * (((beam.Width - size) / 2) - random.NextInt(0, 7)));
            pieces.Add(new(x, below.Top, size, k < 2 ? size : random.NextInt(12, 19)));
        }
    }

    private static bool CanBeBuilt(List<Piece> pieces)
    {
        var world = new World();
        foreach (var piece in pieces)
        {
            world.Bodies.Add(piece.ToBody(world, 1f));
            if (!LoadPaths.SurelyStands(world))
            {
                return false;
            }
        }

        return true;
    }

    // Whether the beam would tip if the load, the second weight, were put on first.
    private static bool NeedsCounterweight(List<Piece> pieces)
    {
        var beam = pieces.FindIndex(static piece => piece.Width >= 90);
        var (foot, load) = (pieces[beam - 1], pieces[beam + 2]);
        double own = Area(pieces[beam]), added = Area(load);
        var middle = ((own * pieces[beam].X) + (added * load.X)) / (own + added);

        return Math.Abs(middle - foot.X) > (foot.Width / 2.0) + (100 * LeastTip);
    }

    private static void Centre(List<Piece> pieces)
    {
        var (left, right) = (pieces.Min(static piece => piece.X - (piece.Width / 2)),
            pieces.Max(static piece => piece.X + (piece.Width / 2)));
        for (var i = 0; i < pieces.Count; i++)
        {
            pieces[i] = pieces[i] with { X = pieces[i].X - ((left + right) / 2) };
        }
    }

    private static double Area(in Piece piece) => (double)piece.Width * piece.Height;
}
