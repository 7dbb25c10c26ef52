using Google.Protobuf;
using Microsoft.Extensions.Options;
using PhysIntuition.Leaderboard.Runs;
using PhysIntuition.Rendering;
using PhysIntuition.Rendering.Encoding;
using PhysIntuition.Server.Faults;
using PhysIntuition.Server.Options;
using PhysIntuition.V1;
using Run = PhysIntuition.Leaderboard.Runs.Run;
using RunRequest = PhysIntuition.Leaderboard.Runs.RunRequest;

namespace PhysIntuition.Server.Leaderboards;

/// <summary>What a player of a held-out run may see.</summary>
internal sealed class RunScenes(RunReplay replay, IOptions<LimitOptions> limits)
{
    private const int DefaultEdge = 224;    // pixels
    private const int SmallestEdge = 16;    // pixels

    /// <summary>Pictures and prompts after the answers so far.</summary>
    public async Task<ObserveRunReply> ObserveAsync(OpenLeaderboard open, Run run, ObserveRunRequest request)
    {
        var chosen = Check(run, request);
        var format = new FrameFormat(
            Edge("width", request.Width), Edge("height", request.Height), Channels.Rgb);
        var seeds = await open.Board.SeedsAsync(run);
        var answers = AnswersByScene.Of(await open.Store.AnswersAsync(run.Id), run.Request.Count);
        return await Task.Run(() => Draw(run.Request, chosen, seeds, answers, format));
    }

    private ObserveRunReply Draw(
        RunRequest request, int[] chosen, ulong[] seeds, IReadOnlyList<string>[] answers, FrameFormat format)
    {
        var replayed = replay.Play(
            request, [.. chosen.Select(scene => seeds[scene])], [.. chosen.Select(scene => answers[scene])],
            isFinal: false);
        var pixels = new byte[format.BytesOf(Channels.Rgb) * chosen.Length];
        var slots = Enumerable.Range(0, chosen.Length).ToArray();
        replayed.Batch.Render(slots, format, new FrameBuffers { Rgb = pixels });
        var size = format.BytesOf(Channels.Rgb);
        return new ObserveRunReply
        {
            Pictures =
            {
                slots.Select(slot => UnsafeByteOperations.UnsafeWrap(
                    PngEncoder.Encode(pixels.AsSpan(slot * size, size), format.Width, format.Height))),
            },
            Prompts = { slots.Select(slot => replayed.Batch.Prompt(slot)) },
            Ended = ByteString.CopyFrom([.. slots.Select(slot => replayed.Batch.IsDone(slot) ? (byte)1 : (byte)0)]),
        };
    }

    private static int[] Check(Run run, ObserveRunRequest request)
    {
        if (request.Scenes.Count is 0 or > RunReplay.MaxScenes)
        {
            Throw.OutOfRange("scenes", $"{request.Scenes.Count} indices",
                $"it must have 1 to {RunReplay.MaxScenes}", "Ask for fewer at a time.");
        }

        foreach (var scene in request.Scenes)
        {
            if (scene >= run.Request.Count)
            {
                Throw.OutOfRange("scenes", scene, $"the run has scenes 0 to {run.Request.Count - 1}", "Ask for those.");
            }
        }

        return [.. request.Scenes.Select(scene => (int)scene)];
    }

    private int Edge(string field, uint wanted)
    {
        if (wanted == 0)
        {
            return DefaultEdge;
        }

        if (wanted < SmallestEdge || wanted > limits.Value.MaxPictureEdge)
        {
            Throw.OutOfRange(field, wanted, $"it must be in [{SmallestEdge}, {limits.Value.MaxPictureEdge}] pixels",
                "Choose another size, or 0 for 224.");
        }

        return (int)wanted;
    }
}
