namespace PhysIntuition.Environments.Datasets;

/// <summary>What comes of an answer, frame by frame: the question for half a second, then the simulation.</summary>
/// <remarks>
/// Each frame is simulated from the start, not from the frame before: a film shows the very run that is judged.
/// </remarks>
/// <param name="simulator">Decides outcomes.</param>
/// <param name="renderer">Draws the frames.</param>
public sealed class OutcomeFilm(ISimulator simulator, IRenderer renderer)
{
    /// <summary>Draws the film of one episode.</summary>
    /// <param name="task">A task that shows scenes, not pictures put together from others.</param>
    /// <param name="options">Which episode, which answer, how long.</param>
    /// <returns>uint8[frames, side, side, 3], and the verdict's reward.</returns>
    /// <exception cref="PhysIntuitionException">An option is out of range, or the scene is held out.</exception>
    public (byte[] Frames, double Reward) Draw(ITask task, FilmOptions options)
    {
        Check(task, options);
        var batch = Open(task, options, [options.Seed]);
        var film = new Shot();
        Answer(batch, [film], [SlotAction.OfText(options.Answer ?? batch.View.Expert(0))], [true]);

        return (DrawFrames([film], options), batch.TrueReward(0));
    }

    /// <summary>Draws films of the last answers of episodes, side by side.</summary>
    /// <param name="task">A task that shows scenes, not pictures put together from others.</param>
    /// <param name="options">Split, the task's options, how long; neither seed nor answer is read.</param>
    /// <param name="seeds">The scenes.</param>
    /// <param name="answers">For each scene at least one, as they were given.</param>
    /// <returns>uint8[scenes, frames, side, side, 3].</returns>
    /// <exception cref="PhysIntuitionException">An option is out of range, or the scenes are held out.</exception>
    public byte[] DrawAll(
        ITask task, FilmOptions options, IReadOnlyList<ulong> seeds, IReadOnlyList<IReadOnlyList<string>> answers)
    {
        Check(task, options);
        var batch = Open(task, options, [.. seeds]);
        Shot[] films = [.. seeds.Select(_ => new Shot())];
        for (var turn = 0; turn < answers.Max(list => list.Count); turn++)
        {
            SlotAction[] actions = [.. answers.Select(list => SlotAction.OfText(list.ElementAtOrDefault(turn) ?? ""))];
            Answer(batch, films, actions, [.. answers.Select(list => turn < list.Count)]);
        }

        return DrawFrames(films, options);
    }

    private static void Check(ITask task, FilmOptions options)
    {
        options.Check();
        if (task is IPictureTask)
        {
            throw new PhysIntuitionException(Fault.InvalidArgument, "task",
                $"'task' is {task.Spec.Id}, whose pictures are put together from others. Film another.");
        }
    }

    private EnvironmentBatch Open(ITask task, FilmOptions options, ulong[] seeds)
    {
        var batch = new EnvironmentBatch(
            task, new BatchOptions
            {
                Slots = seeds.Length,
                Split = options.Choice.Split,
                Task = options.Choice.Apply(options.Task ?? OptionsReader.DefaultsOf(task.Spec)),
                Autoreset = AutoresetMode.Disabled,
            }, simulator, renderer);
        batch.Reset(default, seeds);
        return batch;
    }

    // What the answers set in motion takes the place of what earlier ones did.
    private static void Answer(EnvironmentBatch batch, Shot[] films, SlotAction[] actions, bool[] mask)
    {
        int[] slots = [.. Enumerable.Range(0, films.Length).Where(slot => mask[slot])];
        var read = new Answer[films.Length];
        foreach (var slot in slots)
        {
            films[slot].Question.CopyFrom(batch.View.Episode(slot));
            read[slot] = batch.ReadAnswer(slot, slot, actions[slot]);
        }

        batch.Step(actions, mask);
        foreach (var slot in slots)
        {
            films[slot].Start.CopyFrom(AnswerEffect.Of(batch.Task, films[slot].Question, read[slot])
                ?? batch.View.Episode(slot).World);
        }
    }

    private byte[] DrawFrames(Shot[] films, FilmOptions options)
    {
        var format = new FrameFormat(options.Side, options.Side);
        var lead = options.LeadFrames;
        var scenes = new Scene[films.Length * options.Frames];
        for (var frame = 0; frame < options.Frames; frame++)
        {
            World[] worlds = [.. films.Select(film => frame < lead ? film.Question.World : film.Begin())];
            if (frame > lead)
            {
                simulator.Advance(worlds, (frame - lead) / (float)options.FramesPerSecond);
            }

            for (var i = 0; i < films.Length; i++)
            {
                Drawing.Fill(films[i].Question, worlds[i], scenes[(i * options.Frames) + frame] = new Scene());
            }
        }

        var frames = new byte[scenes.Length * format.BytesOf(Channels.Rgb)];
        renderer.Draw(scenes, format, new FrameBuffers { Rgb = frames });
        return frames;
    }

    /// <summary>One film: the episode before its last answer, and the world as that answer leaves it.</summary>
    private sealed class Shot
    {
        public Episode Question { get; } = new();

        public World Start { get; } = new();

        public World Begin()
        {
            var world = new World();
            world.CopyFrom(Start);
            return world;
        }
    }
}

/// <summary>Which episode is filmed, and how.</summary>
public sealed record FilmOptions
{
    private const long MaxBytes = 1L << 30;   // of all frames in memory

    /// <summary>The split, and perhaps a suite. Held-out scenes are never filmed.</summary>
    public SplitChoice Choice { get; init; } = new(Split.Train, null);

    /// <summary>The task's options; null takes the defaults.</summary>
    public TaskOptions? Task { get; init; }

    /// <summary>Of the scene.</summary>
    public ulong Seed { get; init; }

    /// <summary>An answer as a player writes it; null takes the expert's.</summary>
    public string? Answer { get; init; }

    /// <summary>s of simulated time, in (0, 20].</summary>
    public float Seconds { get; init; } = 4f;

    /// <summary>1 to 60.</summary>
    public int FramesPerSecond { get; init; } = 30;

    /// <summary>Pixels a side, 16 to 1024.</summary>
    public int Side { get; init; } = 224;

    /// <summary>Frames of the question that come first: half a second.</summary>
    internal int LeadFrames => FramesPerSecond / 2;

    /// <summary>Frames of the whole film.</summary>
    public int Frames => LeadFrames + Math.Max(1, (int)(Seconds * FramesPerSecond));

    internal void Check()
    {
        Require(Choice.Split != Split.Heldout, Fault.NotAllowed, "split", "heldout",
            "what comes of held-out scenes is withheld. Film train, val or test");
        Require(Seconds is > 0f and <= 20f, Fault.InvalidArgument, "seconds", Seconds,
            "it must lie in (0, 20]. Take 4");
        Require(FramesPerSecond is >= 1 and <= 60, Fault.InvalidArgument, "fps", FramesPerSecond,
            "it must lie in [1, 60]. Take 30");
        Require(Side is >= 16 and <= 1024, Fault.InvalidArgument, "size", Side, "it must lie in [16, 1024]. Take 224");
        Require((long)Frames * Side * Side * 3 <= MaxBytes, Fault.InvalidArgument, "size", Side,
            $"{Frames} frames of it have more than {MaxBytes} bytes. Film fewer seconds or smaller frames");
    }

    private static void Require(bool isMet, Fault fault, string field, object value, string rule)
    {
        if (!isMet)
        {
            throw new PhysIntuitionException(fault, field, FormattableString.Invariant(
                $"'{field}' is {value}; {rule}."));
        }
    }
}
