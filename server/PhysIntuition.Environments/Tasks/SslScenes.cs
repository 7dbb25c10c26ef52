namespace PhysIntuition.Environments.Tasks;

/// <summary>What the self-supervised tasks share: where pictures come from, and how answers are paid.</summary>
/// <remarks>
/// The idea that such tasks give rewards without labels is that of SSL4RL (Guo et al.); the forms are this project's.
/// </remarks>
internal static class SslScenes
{
    private const int Tries = 64;   // towers drawn until one looks stacked; the odds to need more are nil

    /// <summary>The usual facts of such a task.</summary>
    public static TaskSpec Spec(string name, string summary, IReadOnlyList<AnswerAxis> answer, double random,
        string heuristic) =>
        new()
        {
            Name = name,
            Version = 1,
            Summary = summary,
            Observations = ObservationSpec.PictureOnly,
            Answer = answer,
            Reward = new(0, 1),
            Anchors = new(random, 1),
            OptionsType = typeof(SslOptions),
            Heuristic = heuristic,
        };

    /// <summary>Arranges a tower to be drawn, of any margin; no physics is asked.</summary>
    public static BuildStep Arrange(SceneBuilder draft, int choice, in Answer expert)
    {
        var options = draft.OptionsAs<SslOptions>();
        if (options.Pictures.Length > 0)
        {
            _ = PictureLibrary.Find(options.Pictures);
        }

        FillTower(draft, options);
        draft.Episode.State = new() { Choice = choice, Expert = expert, IsYes = choice != 0, Margin = float.NaN };

        return BuildStep.Accepted;
    }

    /// <summary>Pays 1 for the right answer in all its numbers, else 0.</summary>
    public static Verdict Judge(StepContext turn)
    {
        if (!turn.Answer.IsLegal)
        {
            return new(0, IsOver: true, "Unreadable.");
        }

        return turn.Answer == turn.Episode.State.Expert
            ? new(1, IsOver: true, "Right.")
            : new(0, IsOver: true, "Wrong.");
    }

    /// <summary>A stream for an episode's transformations that does not depend on the picture's size.</summary>
    public static RandomStream Stream(Episode episode, string name) =>
        new(SceneSeed.Of(name, episode.Split, episode.Seed), (ulong)SeedUse.Pictures);

    /// <summary>The picture before its transformation.</summary>
    /// <param name="episode">Whose picture.</param>
    /// <param name="name">The task's name.</param>
    /// <param name="isOther">Another picture instead, of the same kind.</param>
    /// <param name="width">Pixels.</param>
    /// <param name="height">Pixels.</param>
    /// <param name="renderer">Draws scenes.</param>
    public static Picture Original(
        Episode episode, string name, bool isOther, int width, int height, IRenderer renderer)
    {
        var options = (SslOptions)episode.Options;

        return options.Pictures.Length > 0
            ? FromFolder(episode, name, isOther, width, height, PictureLibrary.Find(options.Pictures))
            : Drawn(isOther ? Other(episode, name) : episode, width, height, renderer);
    }

    /// <summary>Copies a picture into the caller's buffer, scaled where sizes differ.</summary>
    public static void CopyTo(Picture picture, in FrameFormat format, Span<byte> rgb)
    {
        var target = new Picture(format.Width, format.Height);
        target.Paste(picture, (0, 0, picture.Width, picture.Height), (0, 0, format.Width, format.Height));
        target.Rgb.CopyTo(rgb);
    }

    private static void FillTower(SceneBuilder draft, SslOptions options)
    {
        var (plan, geometry) = (draft.Fixed(SeedUse.Plan), draft.Fixed(SeedUse.Geometry));
        var count = plan.NextInt(options.Blocks.Min, options.Blocks.Max + 1);
        var column = Towers.Rent(count);
        for (var i = 0; i < Tries; i++)
        {
            Towers.DrawBlocks(column, options, ref geometry);
            if (column.TryScaleTo(Towers.DrawMargin(Difficulty.Any, ref geometry)))
            {
                break;
            }
        }

        Towers.Add(column, draft.Episode, Scenery.SetPhysics(draft));
        Scenery.Paint(draft);
        double width = options.BlockWidth.Max, height = count * width * options.BlockHeight.Max;
        Scenery.SetView(draft, width * (0.9 + (0.3 * count)), height, depth: width / 2);
    }

    private static Episode Other(Episode episode, string name)
    {
        var draft = new SceneBuilder();
        draft.Begin(name + "/other", episode.Options, episode.Split, episode.Seed);
        FillTower(draft, (SslOptions)episode.Options);

        return draft.Episode;
    }

    private static Picture Drawn(Episode episode, int width, int height, IRenderer renderer)
    {
        var (scene, picture) = (new Scene(), new Picture(width, height));
        Drawing.Fill(episode, episode.World, scene);
        renderer.Draw([scene], new FrameFormat(width, height), new FrameBuffers { Rgb = picture.Rgb });

        return picture;
    }

    private static Picture FromFolder(
        Episode episode, string name, bool isOther, int width, int height, PictureFolder folder)
    {
        var random = Stream(episode, name + "/picture");
        var index = random.NextInt(0, folder.Count);
        var step = folder.Count > 1 ? random.NextInt(1, folder.Count) : 0;
        var source = folder[isOther ? (index + step) % folder.Count : index];

        return Cropped(source, width, height);
    }

    /// <summary>The largest middle part of a picture with the target's proportions, scaled to it.</summary>
    public static Picture Cropped(Picture source, int width, int height)
    {
        var cutWidth = Math.Min(source.Width, (int)((long)source.Height * width / height));
        var cutHeight = Math.Min(source.Height, (int)((long)source.Width * height / width));
        var target = new Picture(width, height);
        target.Paste(source, ((source.Width - cutWidth) / 2, (source.Height - cutHeight) / 2, cutWidth, cutHeight),
            (0, 0, width, height));

        return target;
    }
}
