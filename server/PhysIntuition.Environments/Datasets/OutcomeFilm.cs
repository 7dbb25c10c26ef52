using PhysIntuition.Environments.Answers;
using PhysIntuition.Environments.Batches;
using PhysIntuition.Environments.Episodes;
using PhysIntuition.Environments.Options;
using PhysIntuition.Environments.Tasks;
using PhysIntuition.Faults;
using PhysIntuition.Rendering;
using PhysIntuition.Rendering.Scenes;
using PhysIntuition.Simulation;
using PhysIntuition.Simulation.Bodies;

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
        options.Check();
        if (task is IPictureTask)
        {
            throw new PhysIntuitionException(Fault.InvalidArgument, "task",
                $"'task' is {task.Spec.Id}, whose pictures are put together from others. Film another.");
        }

        var batch = new EnvironmentBatch(
            task, new BatchOptions
            {
                Split = options.Choice.Split,
                Task = options.Choice.Apply(options.Task ?? OptionsReader.DefaultsOf(task.Spec)),
                Autoreset = AutoresetMode.Disabled,
            }, simulator, renderer);
        batch.Reset(options.Seed);
        var episode = new Episode();
        episode.CopyFrom(batch.View.Episode(0));
        var action = SlotAction.OfText(options.Answer ?? batch.View.Expert(0));
        var answer = batch.ReadAnswer(0, 0, action);
        batch.Step([action]);

        var start = AnswerEffect.Of(task, episode, answer) ?? batch.View.Episode(0).World;

        return (DrawFrames(episode, start, options), batch.TrueReward(0));
    }

    private byte[] DrawFrames(Episode episode, World start, FilmOptions options)
    {
        var format = new FrameFormat(options.Side, options.Side);
        var lead = options.LeadFrames;
        var scenes = new Scene[options.Frames];
        for (var i = 0; i < scenes.Length; i++)
        {
            var world = episode.World;
            if (i >= lead)
            {
                world = new World();
                world.CopyFrom(start);
                Advance(world, (i - lead) / (float)options.FramesPerSecond);
            }

            Drawing.Fill(episode, world, scenes[i] = new Scene());
        }

        var frames = new byte[scenes.Length * format.BytesOf(Channels.Rgb)];
        renderer.Draw(scenes, format, new FrameBuffers { Rgb = frames });
        return frames;
    }

    private void Advance(World world, float seconds)
    {
        if (seconds > 0f)
        {
            simulator.Advance([world], seconds);
        }
    }
}
