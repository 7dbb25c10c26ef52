using System.Buffers;
using PhysIntuition.Environments.Batches;
using PhysIntuition.Environments.Observations;
using PhysIntuition.Environments.Tasks;
using PhysIntuition.Rendering;
using PhysIntuition.Rendering.Encoding;
using PhysIntuition.Simulation;

namespace PhysIntuition.Benchmarks.Clients;

/// <summary>The paths of <see cref="PathsArea"/> in the engine alone: no message, no other process.</summary>
internal sealed class EnginePaths
{
    private const int Side = 224;   // of OpenEnv's pictures

    private readonly ITask _task;
    private readonly BatchSimulator _simulator;
    private readonly Func<Action, double> _measure;
    private readonly CpuRenderer _renderer = new();
    private readonly EnvironmentBatch _single;

    /// <summary>One task's.</summary>
    public EnginePaths(ITask task, BatchSimulator simulator, Func<Action, double> measure)
    {
        (_task, _simulator, _measure) = (task, simulator, measure);
        _single = Open(1, AutoresetMode.Disabled);
        _single.Reset(0UL);
        Answer = _single.View.Expert(0);
    }

    /// <summary>What can be timed.</summary>
    public static string[] Names { get; } = ["render", "fork", "snapshot", "restore", "final"];

    /// <summary>An answer in the task's form, the same for every episode.</summary>
    public string Answer { get; }

    /// <summary>Answers all slots, and times one of the paths behind it.</summary>
    /// <returns>Seconds of a call, behind a first one.</returns>
    public double Seconds(string path, int slots, int calls)
    {
        var batch = Open(slots, path == "final" ? AutoresetMode.SameStep : AutoresetMode.Disabled);
        int[] all = [.. Enumerable.Range(0, slots)];
        SlotAction[] actions = [.. all.Select(_ => SlotAction.OfText(Answer))];
        var state = new float[slots * StateLayout.Length];
        batch.Reset(0UL);
        if (path == "final")
        {
            return Time(() =>
            {
                batch.Step(actions);
                batch.View.State(all, state);
                int[] ended = [.. all.Where(slot => batch.Results.HasFinal[slot])];
                batch.View.State(ended, state, ObservationTime.Final);
            });
        }

        batch.Step(actions);
        if (path != "render")
        {
            batch.View.State(all, state);   // what came of the answers is known, as after a step that shows it
        }

        var states = path == "restore" ? Capture(batch) : [];
        var rgb = new byte[path == "render" ? slots * 64 * 64 * 3 : 0];
        return Time(() =>
        {
            switch (path)
            {
                case "render":
                    batch.View.Render(all, new FrameFormat(64, 64), new FrameBuffers { Rgb = rgb });
                    break;
                case "fork":
                    var fork = Open(slots, AutoresetMode.Disabled);
                    Array.ForEach(all, slot => fork.Fork(slot, batch, slot));
                    fork.View.State(all, state);
                    break;
                case "snapshot":
                    _ = Capture(batch);
                    break;
                default:
                    Array.ForEach(all, slot => batch.Restore(slot, states[slot]));
                    batch.View.State(all, state);
                    break;
            }
        });

        double Time(Action call)
        {
            call();
            return _measure(() =>
            {
                for (var i = 0; i < calls; i++)
                {
                    call();
                }
            }) / calls;
        }
    }

    /// <summary>Plays episodes one at a time with a PNG file before and after the answer.</summary>
    /// <returns>Seconds.</returns>
    public double Episodes(int[] seeds)
    {
        var rgb = new byte[Side * Side * 3];
        return _measure(() =>
        {
            foreach (var seed in seeds)
            {
                _single.Reset((ulong)seed);
                Draw();
                _single.Step([SlotAction.OfText(Answer)]);
                Draw();
            }
        });

        void Draw()
        {
            _single.View.Render([0], new FrameFormat(Side, Side), new FrameBuffers { Rgb = rgb });
            _ = PngEncoder.Encode(rgb, Side, Side);
        }
    }

    private static byte[][] Capture(EnvironmentBatch batch)
    {
        var states = new byte[batch.Slots][];
        for (var slot = 0; slot < states.Length; slot++)
        {
            var state = new ArrayBufferWriter<byte>(1024);
            batch.Capture(slot, state);
            states[slot] = state.WrittenSpan.ToArray();
        }

        return states;
    }

    private EnvironmentBatch Open(int slots, AutoresetMode autoreset) =>
        new(_task, new BatchOptions { Slots = slots, Autoreset = autoreset }, _simulator, _renderer);
}
