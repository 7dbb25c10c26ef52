using System.Numerics;
using PhysIntuition.Environments.Answers;
using PhysIntuition.Environments.Episodes;
using PhysIntuition.Rendering.Scenes;

namespace PhysIntuition.Server.Pages;

/// <summary>A scene of an open split, with all that is known about it. SI units; answers in the units of the
/// task's axes.</summary>
internal sealed record SceneInfo
{
    public required string Task { get; init; }

    public required string Split { get; init; }

    /// <summary>As text: JSON's numbers hold 53 bits.</summary>
    public required string Seed { get; init; }

    /// <summary>Without the answer's form.</summary>
    public required string Question { get; init; }

    /// <summary>Answers that the episode takes.</summary>
    public required int Attempts { get; init; }

    /// <summary>Tries that it has left.</summary>
    public required int TriesLeft { get; init; }

    /// <summary>What a model is told.</summary>
    public required string Prompt { get; init; }

    /// <summary>Complete.</summary>
    public required JsonElement Options { get; init; }

    /// <summary>16 hexadecimal digits.</summary>
    public required string SceneHash { get; init; }

    /// <summary>Of the simulation that decided the label; absent where none did.</summary>
    public string? OutcomeHash { get; init; }

    /// <summary>Static margin over a block's width; absent where it means nothing.</summary>
    public float? Margin { get; init; }

    /// <summary>The best known answer.</summary>
    public required double[] Expert { get; init; }

    /// <summary>The same between answer tags.</summary>
    public required string ExpertText { get; init; }

    /// <summary>Index of the body that the question is about.</summary>
    public int Subject { get; init; }

    /// <summary>For answers that are places; absent where they are words.</summary>
    public AimInfo? Aim { get; init; }

    public required View View { get; init; }

    public required BodyInfo[] Bodies { get; init; }

    public required Mark[] Overlays { get; init; }
}

/// <summary>Camera, light and ground.</summary>
/// <param name="Camera">From where it is seen.</param>
/// <param name="SunDirection">Towards the sun.</param>
/// <param name="SunColor">Linear RGB.</param>
/// <param name="SkyColor">Linear RGB.</param>
/// <param name="Ground">Its look.</param>
/// <param name="Style">The overall look.</param>
internal sealed record View(
    CameraInfo Camera, float[] SunDirection, float[] SunColor, float[] SkyColor, string Ground, string Style);

/// <summary>A pinhole camera without roll.</summary>
/// <param name="Eye">m.</param>
/// <param name="Target">m.</param>
/// <param name="FieldOfView">Vertical, rad.</param>
internal sealed record CameraInfo(float[] Eye, float[] Target, float FieldOfView)
{
    /// <summary>A camera as pages see it.</summary>
    public static CameraInfo From(Camera camera) =>
        new(Vectors.Numbers(camera.Eye), Vectors.Numbers(camera.Target), camera.FieldOfView);
}

/// <summary>What a person needs to point at places.</summary>
/// <param name="Camera">From where the picture is seen.</param>
/// <param name="Origin">Where an answer of zeros puts the block, m.</param>
/// <param name="HalfExtents">Of that block, m.</param>
/// <param name="Mass">Of that block, kg.</param>
/// <param name="Blocks">Where the answer names a block: all of them.</param>
internal sealed record AimInfo(
    CameraInfo Camera, float[] Origin, float[] HalfExtents, float Mass, AimBlock[] Blocks)
{
    /// <summary>An aim as pages see it; null stays null.</summary>
    public static AimInfo? From(Aim? aim) => aim is null ? null : new(
        CameraInfo.From(aim.Camera), Vectors.Numbers(aim.Origin), Vectors.Numbers(aim.HalfExtents), aim.Mass,
        [.. aim.Blocks.Select(block =>
            new AimBlock(Vectors.Numbers(block.Position), Vectors.Numbers(block.HalfExtents)))]);
}

/// <summary>A block that an answer may name.</summary>
internal sealed record AimBlock(float[] Position, float[] HalfExtents);

/// <summary>Vectors as JSON has them.</summary>
internal static class Vectors
{
    /// <summary>x, y, z.</summary>
    public static float[] Numbers(Vector3 vector) => [vector.X, vector.Y, vector.Z];
}

/// <summary>A cuboid.</summary>
/// <param name="Position">Centre, m.</param>
/// <param name="Orientation">Quaternion x, y, z, w.</param>
/// <param name="HalfExtents">m.</param>
/// <param name="Color">Linear RGB.</param>
/// <param name="Material">What it is made of.</param>
/// <param name="Mass">kg.</param>
internal sealed record BodyInfo(
    float[] Position, float[] Orientation, float[] HalfExtents, float[] Color, string Material, float Mass);

/// <summary>A mark in the picture.</summary>
internal sealed record Mark(string Kind, float[] From, float[] To, float Size, float[] Color, string? Text = null)
{
    /// <summary>An overlay as pages see it.</summary>
    public static Mark Of(Overlay overlay) => new(
        JsonNamingPolicy.CamelCase.ConvertName(overlay.Kind.ToString()), Vectors.Numbers(overlay.From),
        Vectors.Numbers(overlay.To), overlay.Size, Vectors.Numbers(overlay.Color), overlay.Text);
}

/// <summary>What came of the answers.</summary>
internal sealed record OutcomeInfo
{
    /// <summary>Whether the episode has ended.</summary>
    public bool IsOver { get; init; }

    /// <summary>Of the last step.</summary>
    public double Reward { get; init; }

    /// <summary>Of all steps.</summary>
    public double Return { get; init; }

    /// <summary>A sentence.</summary>
    public string? Verdict { get; init; }

    /// <summary>How far off the answer was, m; absent where it means nothing.</summary>
    public double? Distance { get; init; }

    /// <summary>16 hexadecimal digits.</summary>
    public string? OutcomeHash { get; init; }

    /// <summary>The best known answer.</summary>
    public required double[] Expert { get; init; }

    public required MotionRecord Motion { get; init; }
}

/// <summary>The engine's own trajectory.</summary>
/// <param name="Rate">Frames per second.</param>
/// <param name="Frames">Number of frames.</param>
/// <param name="Bodies">Bodies in each frame, in the scene's order.</param>
/// <param name="Poses">int[frames, bodies, 7]: position xyz in tenths of a millimetre, quaternion xyzw times
/// 10,000.</param>
internal sealed record MotionRecord(float Rate, int Frames, int Bodies, int[] Poses)
{
    /// <summary>Whole numbers for each metre, and for each unit of a quaternion.</summary>
    public const double Scale = 10_000;
}

/// <summary>A task in the list.</summary>
/// <param name="Id">Name and version.</param>
/// <param name="Summary">A sentence.</param>
/// <param name="Answer">What an answer consists of.</param>
/// <param name="Form">How an answer is written.</param>
/// <param name="MaxSteps">Steps of an episode at most, with default options.</param>
/// <param name="AsksOnce">Whether all steps answer one question, so that options give more attempts, and tries.</param>
/// <param name="Reward">Lowest and highest of one step.</param>
/// <param name="Anchors">Mean reward of a random and of a perfect player.</param>
/// <param name="HasScenes">Whether its pictures are drawn from scenes.</param>
/// <param name="Observations">What may be seen.</param>
/// <param name="Splits">Families of scenes.</param>
/// <param name="Suites">Shifted distributions.</param>
/// <param name="IsReady">Whether this server has what it takes to show it.</param>
internal sealed record TaskSummary(
    string Id, string Summary, IReadOnlyList<AnswerAxis> Answer, string Form, int MaxSteps, bool AsksOnce,
    RewardRange Reward,
    RewardAnchors Anchors, bool HasScenes, string[] Observations, string[] Splits, SuiteSummary[] Suites, bool IsReady);

/// <summary>A shifted distribution.</summary>
/// <param name="Name">Wire spelling.</param>
/// <param name="Axis">What is shifted.</param>
/// <param name="Summary">A sentence.</param>
internal sealed record SuiteSummary(string Name, string Axis, string Summary);

/// <summary>A task's options.</summary>
/// <param name="Id">The task.</param>
/// <param name="Defaults">All of them, at their defaults.</param>
/// <param name="Schema">JSON Schema.</param>
internal sealed record TaskOptionsInfo(string Id, JsonElement Defaults, JsonElement Schema);
