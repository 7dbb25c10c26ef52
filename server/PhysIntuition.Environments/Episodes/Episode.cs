namespace PhysIntuition.Environments.Episodes;

/// <summary>One scene, what is known about it and what was answered so far. Reused; copied by
/// <see cref="CopyFrom"/>.</summary>
public sealed class Episode
{
    /// <summary>The options that the scene was made with.</summary>
    public TaskOptions Options { get; set; } = null!;

    /// <summary>The family of scenes.</summary>
    public Split Split { get; set; }

    /// <summary>The caller's seed.</summary>
    public ulong Seed { get; set; }

    /// <summary>Steps taken.</summary>
    public int Steps { get; set; }

    /// <summary>Bodies as the agent meets them; a multi-step task changes them between steps.</summary>
    public World World { get; } = new();

    /// <summary>How each body looks; same order as the bodies.</summary>
    public List<Appearance> Appearances { get; } = [];

    /// <summary>Marks in the picture.</summary>
    public List<Overlay> Overlays { get; } = [];

    /// <summary>The same bodies at other moments, or under other causes, shown beside the scene.</summary>
    /// <remarks>Written while the scene is made and never changed, so that copies of an episode share them.</remarks>
    public List<World> Panels { get; } = [];

    /// <summary>From where it is seen.</summary>
    public Camera Camera { get; set; } = new();

    /// <summary>Sun and sky.</summary>
    public Light Light { get; set; } = new();

    /// <summary>What the task found out while it made the scene.</summary>
    public EpisodeState State { get; set; }

    /// <summary>Earlier answers and tries, where an episode takes several.</summary>
    public List<Attempt> Attempts { get; } = [];

    /// <summary>The verdict on the last answer; null: there is none.</summary>
    public string? LastVerdict { get; internal set; }

    /// <summary>Why the last answer could not be read; null: it could.</summary>
    public string? LastError { get; internal set; }

    /// <summary>The turns of the chat before the one that is shown, where they are kept.</summary>
    internal List<PastTurn> Past { get; } = [];

    /// <summary>Of bodies, looks, camera and light: same hash, same picture and physics.</summary>
    public ulong SceneHash { get; set; }

    /// <summary>Of the simulation that decided the label; 0 where no simulation did.</summary>
    public ulong OutcomeHash { get; set; }

    /// <summary>Empties the episode for another scene; keeps memory.</summary>
    public void Clear()
    {
        Steps = 0;
        World.Bodies.Clear();
        World.Pushes.Clear();
        World.HasGround = true;
        World.Time = 0;
        Appearances.Clear();
        Overlays.Clear();
        Panels.Clear();
        Attempts.Clear();
        Past.Clear();
        LastVerdict = LastError = null;
        State = default;
        SceneHash = OutcomeHash = 0;
    }

    /// <summary>Makes this episode equal to another; reuses this one's lists.</summary>
    public void CopyFrom(Episode other)
    {
        Clear();
        (Options, Split, Seed, Steps) = (other.Options, other.Split, other.Seed, other.Steps);
        World.CopyFrom(other.World);
        Appearances.AddRange(other.Appearances);
        Overlays.AddRange(other.Overlays);
        Panels.AddRange(other.Panels);
        Attempts.AddRange(other.Attempts);
        Past.AddRange(other.Past);
        (LastVerdict, LastError) = (other.LastVerdict, other.LastError);
        (Camera, Light, State) = (other.Camera, other.Light, other.State);
        (SceneHash, OutcomeHash) = (other.SceneHash, other.OutcomeHash);
    }

    /// <summary>Adds a body and its look.</summary>
    /// <returns>Its index.</returns>
    public int Add(in Body body, in Appearance appearance)
    {
        World.Bodies.Add(body);
        Appearances.Add(appearance);

        return World.Bodies.Count - 1;
    }
}

/// <summary>How one body looks.</summary>
/// <param name="Color">Linear RGB, each in [0, 1].</param>
/// <param name="Material">Surface.</param>
/// <param name="TextureSeed">Chooses the grain; never depends on a label.</param>
public readonly record struct Appearance(Vector3 Color, Material Material, uint TextureSeed);

/// <summary>What a task found out while it made a scene. Which fields count is the task's choice.</summary>
public readonly record struct EpisodeState
{
    /// <summary>The right answer to a yes/no question.</summary>
    public bool IsYes { get; init; }

    /// <summary>The right one of several choices.</summary>
    public int Choice { get; init; }

    /// <summary>Index of the body that the question is about.</summary>
    public int Subject { get; init; }

    /// <summary>A place that the task asks for, m.</summary>
    public Vector3 Target { get; init; }

    /// <summary>Where the subject was before the first answer, m.</summary>
    public Vector3 Start { get; init; }

    /// <summary>The length that rewards are measured in, usually a block's width, m.</summary>
    public float Scale { get; init; }

    /// <summary>
    /// How far the scene is from another outcome, over a block's width: above 0 it stands, below 0 it falls.
    /// </summary>
    public float Margin { get; init; }

    /// <summary>The best known answer.</summary>
    public Answer Expert { get; init; }
}

/// <summary>A turn of a chat that an answer has followed.</summary>
/// <param name="Scene">What was shown; never changed.</param>
/// <param name="Text">What was said to the model.</param>
/// <param name="Answer">What it replied.</param>
internal sealed record PastTurn(Episode Scene, string Text, string Answer);

/// <summary>One earlier answer, or a try.</summary>
/// <param name="Answer">What was answered.</param>
/// <param name="Reward">What it pays, or would have paid, as an episode's only answer.</param>
/// <param name="Reason">The verdict on it.</param>
public readonly record struct Attempt(Answer Answer, double Reward, string Reason);
