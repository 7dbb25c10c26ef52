using System.Numerics;
using PhysIntuition.Environments.Answers;
using PhysIntuition.Environments.Episodes;
using PhysIntuition.Rendering.Scenes;

namespace PhysIntuition.Server.Pages;

/// <summary>Reads from a played scene what pages show.</summary>
internal static class SceneReader
{
    private const float FramesPerSecond = 60;
    private const float StillLength = 0.4f;     // s shown after the last motion
    private const float Still = 1e-4f;          // m or of a quaternion: less is no motion

    /// <summary>The scene before it is answered, or between two answers.</summary>
    public static SceneInfo Describe(PlayedScene scene)
    {
        var (batch, query) = (scene.Batch, scene.Query);
        var (episode, expert) = (batch.View.Episode(0), batch.View.ExpertNumbers(0));
        var facts = episode.State;
        return new SceneInfo
        {
            Task = query.Task.Spec.Id,
            Split = query.Choice.Name,
            Seed = query.Seed.ToString(CultureInfo.InvariantCulture),
            Question = Prompts.Question(query.Task, episode),
            Attempts = query.Task.Spec.AsksOnce ? query.Options.Attempts : query.Task.Spec.MaxSteps,
            TriesLeft = AttemptRule.TriesLeft(episode),
            Prompt = batch.View.Prompt(0),
            Options = JsonSerializer.SerializeToElement(
                JsonDocument.Parse(OptionsReader.Write(query.Options)).RootElement),
            SceneHash = Hash(episode.SceneHash),
            OutcomeHash = episode.OutcomeHash == 0 ? null : Hash(episode.OutcomeHash),
            Margin = float.IsNaN(facts.Margin) ? null : facts.Margin,
            Expert = Numbers(expert),
            ExpertText = AnswerText.Write(expert, query.Task.Spec.Answer, query.Options.Form),
            Subject = facts.Subject,
            Aim = AimInfo.From(batch.View.Aim(0)),
            View = ViewOf(episode),
            Bodies = BodiesOf(episode),
            Overlays = [.. episode.Overlays.Select(Mark.Of)],
        };
    }

    /// <summary>The verdict on the answers, and what they set in motion.</summary>
    public static OutcomeInfo Judge(PlayedScene scene, ISimulator simulator)
    {
        var (batch, results) = (scene.Batch, scene.Batch.Results);
        var distance = results.Distances[0];
        return new OutcomeInfo
        {
            IsOver = batch.IsDone(0),
            Reward = results.Rewards[0],
            Return = scene.Return,
            Verdict = results.Verdicts[0],
            Distance = double.IsFinite(distance) ? distance : null,
            OutcomeHash = results.OutcomeHashes[0] == 0 ? null : Hash(results.OutcomeHashes[0]),
            Expert = Numbers(batch.View.ExpertNumbers(0)),
            Motion = MotionOf(batch.View.InMotion(0), simulator),
        };
    }

    private static MotionRecord MotionOf(Simulation.Bodies.World world, ISimulator simulator)
    {
        if (world.Bodies.Count == 0)
        {
            return new MotionRecord(FramesPerSecond, 0, 0, []);   // A photograph.
        }

        var path = Trajectory.Record(simulator, [world], FramesPerSecond, Settling.ToRest(world).MaxTime)[0];
        var frames = Math.Min(path.Frames, LastMotion(path) + 2 + (int)(StillLength * FramesPerSecond));
        var numbers = new int[frames * path.Bodies * 7];
        var at = 0;
        for (var frame = 0; frame < frames; frame++)
        {
            foreach (var pose in path[frame])
            {
                var (p, q) = (pose.Position, pose.Orientation);
                foreach (var number in (ReadOnlySpan<float>)[p.X, p.Y, p.Z, q.X, q.Y, q.Z, q.W])
                {
                    numbers[at++] = (int)Math.Round(number * MotionRecord.Scale);
                }
            }
        }

        return new MotionRecord(FramesPerSecond, frames, path.Bodies, numbers);
    }

    private static int LastMotion(Trajectory path)
    {
        for (var frame = path.Frames - 1; frame > 0; frame--)
        {
            for (var body = 0; body < path.Bodies; body++)
            {
                var (now, before) = (path[frame][body], path[frame - 1][body]);
                if (Vector3.DistanceSquared(now.Position, before.Position) > Still * Still
                    || (now.Orientation - before.Orientation).LengthSquared() > Still * Still)
                {
                    return frame;
                }
            }
        }

        return 0;
    }

    private static View ViewOf(Episode episode) => new(
        CameraInfo.From(episode.Camera),
        Vectors.Numbers(episode.Light.SunDirection), Vectors.Numbers(episode.Light.SunColor),
        Vectors.Numbers(episode.Light.SkyColor),
        JsonNamingPolicy.CamelCase.ConvertName(episode.Options.Ground.ToString()),
        JsonNamingPolicy.CamelCase.ConvertName(episode.Options.Style.ToString()));

    private static BodyInfo[] BodiesOf(Episode episode) => [.. episode.World.Bodies.Select((body, i) => new BodyInfo(
        Vectors.Numbers(body.Position),
        [body.Orientation.X, body.Orientation.Y, body.Orientation.Z, body.Orientation.W],
        Vectors.Numbers(body.HalfExtents),
        Vectors.Numbers(episode.Appearances[i].Color),
        JsonNamingPolicy.CamelCase.ConvertName(episode.Appearances[i].Material.ToString()),
        body.Mass))];

    private static double[] Numbers(Answer answer) => [.. Enumerable.Range(0, answer.Count).Select(i => answer[i])];

    private static string Hash(ulong hash) => hash.ToString("x16", CultureInfo.InvariantCulture);
}
