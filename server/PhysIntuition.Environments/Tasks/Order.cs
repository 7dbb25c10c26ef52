namespace PhysIntuition.Environments.Tasks;

/// <summary>Which of four numbered blocks is leftmost, highest, nearest or largest?</summary>
/// <remarks>
/// <para>Sees: blocks in short stacks side by side, four of them with the numbers 1 to 4.</para>
/// <para>Acts: 1, 2, 3 or 4; as a number its index 0 to 3.</para>
/// <para>Scores: 1 if right, 0 if wrong, -1 if the answer cannot be read.</para>
/// <para>Ends: after one answer.</para>
/// <para>Scenes: what is asked is drawn first; the numbers are dealt out at random, so that each is right equally
/// often. The right block leads the next by a share that one sees: to the left by 2 % of the distance to the viewer,
/// in height by a sixth and nearer by a quarter of the widest block's width, larger by 30 % in volume. Nothing is
/// simulated.</para>
/// <para>v1: first release.</para>
/// </remarks>
internal sealed class Order : ITask
{
    private const int Numbered = 4;
    private const string Digits = "1234";

    public TaskSpec Spec { get; } = new()
    {
        Name = "Order",
        Version = 1,
        Summary = "Which numbered block is leftmost, highest, nearest or largest?",
        Answer = [AnswerAxis.Choice("block", "1", "2", "3", "4")],
        Reward = new(-1, 1),
        Anchors = new(0.25, 1),
        OptionsType = typeof(OrderOptions),
        Heuristic = "the exact places and sizes",
    };

    public string Question(Episode episode) => "Four of the blocks carry the numbers 1 to 4. " + Code.Of(episode).Asked
        switch
        {
            Relation.Leftmost => "Which of the four is farthest to the left in the picture?",
            Relation.Highest => "Which of the four is highest: whose top is farthest above the ground?",
            Relation.Nearest => "Which of the four has its front nearest to the viewer?",
            _ => "Which of the four is the largest by volume? Each block is as deep as it is wide.",
        };

    public BuildStep Arrange(SceneBuilder draft)
    {
        var (episode, options) = (draft.Episode, draft.OptionsAs<OrderOptions>());
        var plan = draft.Fixed(SeedUse.Plan);
        var count = plan.NextInt(options.Blocks.Min, options.Blocks.Max + 1);
        var drawn = (Relation)plan.NextInt(1, options.HasSizes ? 5 : 4);
        var asked = options.Relation == Relation.Any ? drawn : options.Relation;
        Heaps.Add(draft, options, count);

        Span<int> blocks = stackalloc int[count];
        for (var i = 0; i < count; i++)
        {
            blocks[i] = i;
        }

        draft.Fresh(SeedUse.Pictures).Shuffle(blocks);
        for (var i = 0; i < Numbered; i++)
        {
            episode.Overlays.Add(Labels.On(episode.World.Bodies[blocks[i]], Digits[i..(i + 1)]));
        }

        var code = new Code(asked, blocks[0], blocks[1], blocks[2], blocks[3]);
        episode.State = new() { Choice = code.Packed, Scale = options.BlockWidth.Max, Margin = float.NaN };
        var lead = LeadOf(episode, out var first);
        episode.State = episode.State with { Expert = new Answer(first) };

        return lead >= LeastLead(asked, episode.State.Scale)
            ? BuildStep.Accepted
            : draft.Reject("the first block hardly leads");
    }

    public Answer Guess(Episode episode)
    {
        LeadOf(episode, out var first);

        return new(first);
    }

    public Answer? Read(Picture picture, Episode hint)
    {
        if (LabelFinder.Find(picture, Digits) is not { } labels)
        {
            return null;
        }

        var boxes = BlockFinder.Find(picture, FaceForm.Any);
        BlockBox[] fronts = [.. labels.Select(label => boxes.Where(box => box.Holds(label.X, label.Y))
            .DefaultIfEmpty(new(label.X, label.Y, 1, 1, IsRed: false)).MaxBy(box => box.Width))];

        return new(Enumerable.Range(0, Numbered).MaxBy(i => Code.Of(hint).Asked switch
        {
            Relation.Leftmost => -labels[i].X,
            Relation.Highest => fronts[i].Bottom - (2 * fronts[i].CentreY),
            Relation.Nearest => fronts[i].Bottom,
            _ => fronts[i].Width * fronts[i].Width * fronts[i].Height,
        }));
    }

    public Verdict Judge(StepContext turn) => ChoiceRule.Judge(turn, YesNoReward.ZeroOne);

    /// <summary>An answer moves nothing.</summary>
    public void Consequence(StepContext turn)
    {
    }

    // Which numbered block is first in what is asked, and by how much.
    private static double LeadOf(Episode episode, out int first)
    {
        var (code, most, next) = (Code.Of(episode), double.NegativeInfinity, double.NegativeInfinity);
        first = 0;
        for (var i = 0; i < Numbered; i++)
        {
            var value = ValueOf(episode, episode.World.Bodies[code.Block(i)], code.Asked);
            next = Math.Max(next, Math.Min(most, value));
            (most, first) = value > most ? (value, i) : (most, first);
        }

        return code.Asked == Relation.Largest ? most / next : most - next;
    }

    private static double LeastLead(Relation asked, float widest) => asked switch
    {
        Relation.Leftmost => 0.02,           // of the distance
        Relation.Highest => widest / 6,      // m
        Relation.Nearest => widest / 4,      // m
        _ => 1.3,                            // times the volume
    };

    private static double ValueOf(Episode episode, in Body body, Relation asked)
    {
        var (eye, half) = (episode.Camera.Eye, body.HalfExtents);
        var (way, ahead) = (body.Position + new Vector3(0f, 0f, half.Z) - eye, episode.Camera.Target - eye);
        double x = ahead.X, y = ahead.Y, z = ahead.Z;
        var level = Math.Sqrt((x * x) + (z * z));
        var depth = (way.X * x) + (way.Z * z);
        var right = ((way.Z * x) - (way.X * z)) / level;
        var forward = (depth + (way.Y * y)) / Math.Sqrt((x * x) + (y * y) + (z * z));

        return asked switch
        {
            Relation.Leftmost => -right / forward,
            Relation.Highest => (double)body.Position.Y + half.Y,
            Relation.Nearest => -depth / level,
            _ => 8.0 * half.X * half.Y * half.Z,
        };
    }

    // What is asked, and which bodies have the numbers 1 to 4, in one number that the scene's hash covers.
    private readonly record struct Code(int Packed)
    {
        private const int Bits = 4;   // of a body's index: a world has at most 16

        public Code(Relation asked, int first, int second, int third, int fourth)
            : this((int)asked
                | (first << Bits) | (second << (2 * Bits)) | (third << (3 * Bits)) | (fourth << (4 * Bits)))
        {
        }

        public Relation Asked => (Relation)(Packed & ((1 << Bits) - 1));

        public int Block(int index) => (Packed >> (Bits * (index + 1))) & ((1 << Bits) - 1);

        public static Code Of(Episode episode) => new(episode.State.Choice);
    }
}
