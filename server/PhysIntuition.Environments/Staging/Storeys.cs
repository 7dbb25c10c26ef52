namespace PhysIntuition.Environments.Staging;

/// <summary>Towers of storeys, a plank on three posts each, with a weight on the roof; and their statics.</summary>
/// <remarks>
/// <para>Bodies: the posts, in the order of their numbers; the planks from below; the weight.</para>
/// <para>A storey stands when the centre of mass of what is above lies over the hull of its posts' contacts, at their
/// tops and at their feet. Forces that only press can then balance every block, since no post reaches beyond what it
/// stands on.</para>
/// </remarks>
internal sealed class Storeys
{
    /// <summary>Posts below a plank.</summary>
    public const int Posts = 3;

    // All over the width of a post.
    private const float HalfPlank = 3.2f;
    private const float Thickness = 0.4f;     // of a plank
    private const float Slot = 1.9f;          // from the middle post to the outer ones, and
    private const float Jitter = 0.4f;        // how far posts are from it
    private const float Shift = 0.7f;         // of a plank against the one below
    private const float Depth = 1.5f;
    private const float MaxWeight = 2.4f;     // height and width of the weight, and
    private const float MinWidth = 1.6f, MinHeight = 1.4f;

    private readonly Post[] _posts;           // from below, and from the left
    private readonly (double Mass, double Moment)[] _loads;   // what lies on each storey's posts, but for posts
    private readonly double _width;           // of a post, m

    private Storeys(Post[] posts, (double, double)[] loads, double width)
    {
        (_posts, _loads, _width) = (posts, loads, width);
    }

    /// <summary>Adds a tower to an episode.</summary>
    /// <param name="draft">Whose episode.</param>
    /// <param name="options">Sizes.</param>
    /// <param name="storeys">How many.</param>
    /// <returns>Height of a post, m.</returns>
    public static float Add(SceneBuilder draft, JengaOptions options, int storeys)
    {
        var (world, density, random) = (
            draft.Episode.World, Scenery.SetPhysics(draft), draft.Fresh(SeedUse.Geometry));
        var width = Scenery.Draw(options.BlockWidth, ref random);
        var (height, thickness) = (width * Scenery.Draw(options.BlockHeight, ref random), width * Thickness);
        Span<float> planks = stackalloc float[storeys];
        var middle = 0f;   // of them all, which is put at x = 0
        for (var k = 1; k < storeys; k++)
        {
            planks[k] = planks[k - 1] + (Signed(ref random) * Shift * width);
            middle += planks[k] / storeys;
        }

        foreach (ref var plank in planks)
        {
            plank -= middle;
        }

        Span<Vector3> places = stackalloc Vector3[storeys * Posts];
        var storey = height + thickness;
        for (var i = 0; i < places.Length; i++)
        {
            var k = i / Posts;
            var slot = (((i % Posts) - 1) * Slot) + (Signed(ref random) * Jitter);
            var x = ((planks[k] + planks[Math.Max(0, k - 1)]) / 2) + (slot * width);
            places[i] = new(x, (storey * k) + (height / 2), 0f);
        }

        draft.Fixed(SeedUse.Pictures).Shuffle(places);   // numbers tell nothing of places
        foreach (var place in places)
        {
            Add(world, place, new(width, height, width * Depth), density);
        }

        for (var k = 0; k < storeys; k++)
        {
            Add(world, new(planks[k], (storey * k) + height + (thickness / 2), 0f),
                new(2 * HalfPlank * width, thickness, width * Depth), density);
        }

        var weight = new Vector3(
            random.NextFloat(MinWidth, MaxWeight), random.NextFloat(MinHeight, MaxWeight), Depth) * width;
        var reach = (HalfPlank * width) - (weight.X / 2);
        Add(world, new(planks[^1] + (Signed(ref random) * reach), (storey * storeys) + (weight.Y / 2), 0f), weight,
            density);

        return height;
    }

    /// <summary>Looks and view; the view depends on the number of storeys and on sizes alone.</summary>
    /// <param name="draft">After <see cref="Add(SceneBuilder, JengaOptions, int)"/>.</param>
    /// <param name="storeys">How many.</param>
    public static void Show(SceneBuilder draft, int storeys)
    {
        var post = draft.Episode.World.Bodies[0].HalfExtents;
        var (width, height) = (2 * post.X, 2 * post.Y);
        Scenery.Paint(draft, red: storeys * (Posts + 1));
        PaintPlanks(draft.Episode.Appearances, storeys * Posts);
        Scenery.SetView(draft, halfWidth: width * (HalfPlank + (Shift * (storeys - 1) / 2) + 0.1),
            height: (storeys * (height + (Thickness * width))) + (MaxWeight * width), depth: width * Depth / 2);
    }

    /// <summary>Posts in a world, those that were taken out among them.</summary>
    public static int PostsIn(World world) => world.Bodies.Count / (Posts + 1) * Posts;

    /// <summary>Whether a post was taken out.</summary>
    public static bool IsOut(World world, int post) => world.Bodies[post].Motion == Motion.Fixed;

    /// <summary>Takes a post out; several lie apart from one another.</summary>
    public static void TakeOut(World world, int post) => Scenery.TakeAway(world, post, 2f * post);

    /// <summary>The statics of a tower as it stands.</summary>
    public static Storeys Of(World world)
    {
        var (count, posts) = (PostsIn(world), new List<Post>());
        var planks = world.Bodies.GetRange(count, count / Posts);
        var loads = new (double Mass, double Moment)[planks.Count];
        for (var k = 0; k < loads.Length; k++)
        {
            loads[k] = (planks[k].Mass, (double)planks[k].Mass * planks[k].Position.X);
        }

        var weight = world.Bodies[^1];
        loads[^1] = (loads[^1].Mass + weight.Mass, loads[^1].Moment + ((double)weight.Mass * weight.Position.X));
        for (var i = 0; i < count; i++)
        {
            if (!IsOut(world, i))
            {
                var (body, storey) = (world.Bodies[i], 0);
                while (storey < loads.Length - 1 && planks[storey].Position.Y < body.Position.Y)
                {
                    storey++;
                }

                posts.Add(new(i, storey, body.Mass, body.Position.X, Contact(body, planks[storey]),
                    storey == 0 ? Contact(body, body) : Contact(body, planks[storey - 1])));
            }
        }

        posts.Sort(static (a, b) => a.Storey != b.Storey ? a.Storey.CompareTo(b.Storey) : a.X.CompareTo(b.X));
        return new([.. posts], loads, 2.0 * world.Bodies[0].HalfExtents.X);
    }

    /// <summary>How far the nearest storey is from tipping when some posts are taken out, over the width of a
    /// post.</summary>
    /// <param name="without">Bit i: the i-th post from below and from the left.</param>
    public double Margin(int without = 0)
    {
        var (mass, moment, margin, end) = (0.0, 0.0, double.PositiveInfinity, _posts.Length);
        for (var storey = _loads.Length - 1; storey >= 0; storey--)
        {
            mass += _loads[storey].Mass;
            moment += _loads[storey].Moment;
            var (tops, feet, above) = (Hull.Empty, Hull.Empty, moment / mass);
            for (; end > 0 && _posts[end - 1].Storey == storey; end--)
            {
                if ((without >> (end - 1) & 1) == 0)
                {
                    var post = _posts[end - 1];
                    (tops, feet) = (tops.With(post.Top), feet.With(post.Foot));
                    mass += post.Mass;
                    moment += post.Mass * post.X;
                }
            }

            margin = Math.Min(margin, Math.Min(tops.MarginOf(above), feet.MarginOf(moment / mass)));
        }

        return margin / _width;
    }

    /// <summary>The post whose loss leaves the largest margin: its body; -1: nothing would stand.</summary>
    public int Safest()
    {
        var (best, most) = (-1, 0.0);
        for (var i = 0; i < _posts.Length; i++)
        {
            var margin = Margin(1 << i);
            (best, most) = margin > most ? (_posts[i].Body, margin) : (best, most);
        }

        return best;
    }

    /// <summary>How many posts can be taken out one after the other.</summary>
    /// <param name="limit">More are not looked for.</param>
    /// <param name="least">The margin that must be left each time.</param>
    /// <param name="first">The body to begin with; -1: there is none.</param>
    public int Most(int limit, double least, out int first)
    {
        // Sets of posts by their number, each with the post that was taken out first.
        Span<sbyte> firstOf = stackalloc sbyte[1 << _posts.Length];
        firstOf.Fill(-1);
        List<int> sets = [0], next = [];
        first = -1;
        for (var taken = 0; taken < limit; taken++, (sets, next) = (next, sets))
        {
            next.Clear();
            foreach (var set in sets)
            {
                for (var i = 0; i < _posts.Length; i++)
                {
                    var larger = set | (1 << i);
                    if (larger != set && firstOf[larger] < 0 && Margin(larger) >= least)
                    {
                        firstOf[larger] = set == 0 ? (sbyte)i : firstOf[set];
                        next.Add(larger);
                    }
                }
            }

            if (next.Count == 0)
            {
                return taken;
            }

            first = _posts[firstOf[next[0]]].Body;
        }

        return limit;
    }

    private static void Add(World world, Vector3 centre, Vector3 size, float density) =>
        world.Bodies.Add(Scenery.Cuboid(world, centre, size / 2, density));

    // Planks of one colour, which no post has unless the palette has no other: else fronts that touch run together.
    private static void PaintPlanks(List<Appearance> looks, int posts)
    {
        var (color, weight) = (looks[posts].Color, looks.Count - 1);
        var other = looks.FindIndex(0, weight, look => look.Color != color);
        for (var i = 0; i < weight; i++)
        {
            var isAlike = i < posts && looks[i].Color == color && other >= 0;
            looks[i] = looks[i] with
            {
                Color = i >= posts ? color : isAlike ? looks[other].Color : looks[i].Color,
            };
        }
    }

    private static float Signed(ref RandomStream random) => random.NextFloat(-1f, 1f);

    private static Hull Contact(in Body post, in Body other) => new(
        Math.Max(post.Position.X - post.HalfExtents.X, other.Position.X - other.HalfExtents.X),
        Math.Min(post.Position.X + post.HalfExtents.X, other.Position.X + other.HalfExtents.X));

    private readonly record struct Post(int Body, int Storey, double Mass, double X, Hull Top, Hull Foot);

    private readonly record struct Hull(double Min, double Max)
    {
        public static Hull Empty { get; } = new(double.PositiveInfinity, double.NegativeInfinity);

        public Hull With(in Hull other) => new(Math.Min(Min, other.Min), Math.Max(Max, other.Max));

        public double MarginOf(double place) => Math.Min(place - Min, Max - place);
    }
}
