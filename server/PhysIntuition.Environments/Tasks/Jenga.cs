namespace PhysIntuition.Environments.Tasks;

/// <summary>Take blocks out of a tower, one after the other, so that the rest stands.</summary>
/// <remarks>
/// <para>Sees: a tower of storeys, each a plank on up to three numbered blocks, and a red weight on the roof; after an
/// answer the tower without the block.</para>
/// <para>Acts: the number of the block to take out, or stop.</para>
/// <para>Scores: 1/n for each block that comes out while everything else stays where it is, where n is how many can
/// be taken out of this tower one after the other, at most five; -0.5 if something falls; -1 if the answer cannot be
/// read or names no block that is there; 0 for stop. So the rewards of an episode add up to at most 1.</para>
/// <para>Ends: when something falls, when five are out, with stop, and with an answer that pays -1.</para>
/// <para>Scenes: drawn until the tower stands with 5 % of a block's width to spare, two blocks or more can be taken
/// out, and their number is the same whether 5 % must be left each time or may be missing. Planks overhang and the
/// weight stands anywhere, so what holds at first carries everything later. Numbers are dealt out at random.</para>
/// <para>v1: first release.</para>
/// </remarks>
internal sealed class Jenga : ITask
{
    private const int MaxTaken = 5;
    private const int MaxNumber = 9;
    private const string Digits = "123456789";
    private const double FallReward = -0.5;

    public TaskSpec Spec { get; } = new()
    {
        Name = "Jenga",
        Version = 1,
        Summary = "Take blocks out of a tower, one after the other, so that the rest stands.",
        Answer = [AnswerAxis.Choice("block", "stop", "1", "2", "3", "4", "5", "6", "7", "8", "9")],
        MaxSteps = MaxTaken,
        AsksOnce = false,
        Reward = new(-1, 1),
        Anchors = new(-0.33, 1),
        OptionsType = typeof(JengaOptions),
        Heuristic = "the block that leaves the largest margin to the centre of mass above",
    };

    public string Question(Episode episode) =>
        "The picture shows a tower of loose blocks of one wood: planks that lie on numbered blocks, and a red weight "
        + "on top. Take numbered blocks out, one at a time and without touching the others, so that everything else "
        + "stays where it is; as many as you can, up to five. If anything falls, it is over, and half of all that can "
        + "be won is lost. Which block do you take out now? Answer with its number, or stop if no other can go.";

    public string History(Episode episode)
    {
        int[] taken = [.. Enumerable.Range(0, Storeys.PostsIn(episode.World)).Where(
            post => Storeys.IsOut(episode.World, post)).Select(post => NumberOf(episode, post))];

        return taken.Length == 0 ? "" : $" Out so far: {string.Join(", ", taken)}.";
    }

    public BuildStep Arrange(SceneBuilder draft)
    {
        var (episode, options) = (draft.Episode, draft.OptionsAs<JengaOptions>());
        var plan = draft.Fixed(SeedUse.Plan);
        var storeys = plan.NextInt(options.Storeys.Min, options.Storeys.Max + 1);
        var numbers = DrawNumbers(storeys * Storeys.Posts, plan);
        var height = Storeys.Add(draft, options, storeys);
        var statics = Storeys.Of(episode.World);
        if (statics.Margin() < Towers.SafeMargin)
        {
            return draft.Reject("it hardly stands");
        }

        var most = statics.Most(MaxTaken, Towers.SafeMargin, out var first);
        if (most < 2 || most != statics.Most(MaxTaken, -Towers.SafeMargin, out _))
        {
            return draft.Reject("how many can be taken out is a close call");
        }

        Storeys.Show(draft, storeys);
        episode.State = new()
        {
            Choice = new Code(numbers, most).Packed, Scale = height, Margin = (float)statics.Margin(),
        };
        episode.State = episode.State with { Expert = new Answer(NumberOf(episode, first)) };
        Label(episode);

        return BuildStep.Accepted;
    }

    public void Act(StepContext turn)
    {
        var world = turn.Episode.World;
        if (BodyOf(turn.Episode, turn.Answer) is { } post)
        {
            Storeys.TakeOut(
                turn.Counterfactuals.Settle(world, Settling.ToRestOf(world, turn.Episode.State.Scale)).World, post);
        }
    }

    public Verdict Judge(StepContext turn)
    {
        var episode = turn.Episode;
        if (BodyOf(episode, turn.Answer) is not { } post)
        {
            return !turn.Answer.IsLegal ? new(-1, IsOver: true, "Unreadable.")
                : turn.Answer[0] == 0 ? new(0, IsOver: true, "Stopped.")
                : new(-1, IsOver: true, "There is no block of that number.");
        }

        var trial = turn.Counterfactuals[0];
        Storeys.TakeOut(episode.World, post);
        if (Settling.HasAnyFallen(trial.Outcome))
        {
            Label(episode);
            return new(FallReward, IsOver: true, "Something falls.");
        }

        Settling.Rest(episode.World, trial.World);
        Label(episode);
        var isLast = Enumerable.Range(0, Storeys.PostsIn(episode.World)).Count(
            other => Storeys.IsOut(episode.World, other)) == MaxTaken;

        return new(1.0 / new Code(episode.State.Choice).Most, isLast, "The rest stands.");
    }

    /// <summary>Where nothing is taken out, nothing moves.</summary>
    public void Consequence(StepContext turn)
    {
    }

    public Answer Expert(Episode episode)
    {
        var left = MaxTaken - episode.Steps;
        return left > 0 && Storeys.Of(episode.World).Most(left, Towers.SafeMargin / 2, out var first) > 0
            ? new(NumberOf(episode, first))
            : new(0);
    }

    public Answer Guess(Episode episode) =>
        Storeys.Of(episode.World).Safest() is >= 0 and var post ? new(NumberOf(episode, post)) : new(0);

    /// <summary>As <see cref="Guess"/>, from what the picture shows; a tower that cannot be made out is left
    /// alone.</summary>
    public Answer? Read(Picture picture, Episode hint)
    {
        var labels = LabelFinder.FindSome(picture, Digits);
        var seen = SeenScene.Storeys(picture, hint, labels);
        var post = seen is null ? -1 : Storeys.Of(seen.World).Safest();

        return post < 0 ? new(0) : new(labels[post].Letter - '0');
    }

    private static int DrawNumbers(int count, RandomStream random)
    {
        Span<int> numbers = [1, 2, 3, 4, 5, 6, 7, 8, 9];
        random.Shuffle(numbers);
        var mask = 0;
        foreach (var number in numbers[..count])
        {
            mask |= 1 << number;
        }

        return mask;
    }

    private static void Label(Episode episode)
    {
        episode.Overlays.Clear();
        for (var post = 0; post < Storeys.PostsIn(episode.World); post++)
        {
            if (!Storeys.IsOut(episode.World, post))
            {
                episode.Overlays.Add(Labels.On(episode.World.Bodies[post],
                    NumberOf(episode, post).ToString(CultureInfo.InvariantCulture)));
            }
        }
    }

    private static int NumberOf(Episode episode, int post)
    {
        var number = 0;
        for (var mask = new Code(episode.State.Choice).Numbers; post >= 0; post--)
        {
            do
            {
                number++;
            }
            while ((mask >> number & 1) == 0);
        }

        return number;
    }

    private static int? BodyOf(Episode episode, in Answer answer)
    {
        for (var post = 0; answer.IsLegal && post < Storeys.PostsIn(episode.World); post++)
        {
            if (NumberOf(episode, post) == (int)answer[0])
            {
                return Storeys.IsOut(episode.World, post) ? null : post;
            }
        }

        return null;
    }

    // Which numbers there are (bit k: k), in the order of the bodies, and how many blocks can be taken out.
    private readonly record struct Code(int Packed)
    {
        public Code(int numbers, int most)
            : this(numbers | (most << (MaxNumber + 1)))
        {
        }

        public int Numbers => Packed & ((1 << (MaxNumber + 1)) - 1);

        public int Most => Packed >> (MaxNumber + 1);
    }
}
