using System.Diagnostics;
using System.Runtime.InteropServices;
using System.Security.Cryptography;
using System.Text.Json.Nodes;
using Google.Protobuf;
using Grpc.Core;
using Grpc.Net.Client;
using PhysIntuition.Environments.Answers;
using PhysIntuition.Environments.Tasks;
using PhysIntuition.Rendering.Encoding;
using PhysIntuition.Server;
using PhysIntuition.Server.Batches;
using PhysIntuition.Simulation;
using PhysIntuition.V1;
using Answer = PhysIntuition.Environments.Answers.Answer;
using RunSpec = PhysIntuition.Leaderboard.RunSpec;

namespace PhysIntuition.Benchmarks.Leaks;

/// <summary>A player who tries to get labels from everything but the pictures, on one server with an open
/// season.</summary>
/// <param name="channel">Where the server speaks gRPC.</param>
/// <param name="http">Where it speaks HTTP.</param>
/// <param name="labels">The truth, to see whether the player would have found it.</param>
/// <param name="probes">What was measured.</param>
internal sealed class LeakAttack(GrpcChannel channel, HttpClient http, HeldoutLabels labels, Probes probes)
{
    private const int Small = 16;           // pixels: pictures that cost nothing
    private const int Many = 256;           // looks in one call
    private const int AtOnce = 4;           // calls in parallel; a run may have 32
    private const int Workers = 8;          // players who measure at the same time
    private const uint NeighbourSlots = 16;
    private const uint Undrawn = 512;       // pixels: pictures that have to be drawn first
    private const int MostCommon = 64, MostCloses = 48;

    /// <summary>The setting that makes held-out scenes of sessions known to the bench.</summary>
    public const string Setting = "Engine:HeldoutSecret=bench";

    private static readonly HeldoutSeeds s_heldout =
        new(Microsoft.Extensions.Options.Options.Create(new EngineOptions { HeldoutSecret = "bench" }));

    private readonly LeaderboardService.LeaderboardServiceClient _board = new(channel);
    private readonly EnvironmentService.EnvironmentServiceClient _environments = new(channel);
    private readonly Meters _meters = new(channel, http);

    /// <summary>Reads the server's numbers, and perhaps others.</summary>
    public Meters Meters
    {
        get => _meters;
        init => _meters = value;
    }

    /// <summary>Plays everything on one task.</summary>
    /// <param name="task">With a held-out split.</param>
    /// <param name="scenes">On how many each number is measured; the classes have about half of them each.</param>
    /// <param name="cancel">Stops it.</param>
    public async Task RunAsync(ITask task, int scenes, CancellationToken cancel)
    {
        await LookAsync(task, scenes, cancel);
        await ReadMetersAsync(task, scenes, cancel);
        await AnswerAsync(task, scenes, cancel);
        await CompareRepliesAsync(task, scenes, cancel);
        await LookFirstAsync(task, scenes, cancel);
        await PlaySessionAsync(task, scenes, cancel);
        if (task.Spec.MaxSteps == 1)
        {
            await CloseAsync(task, scenes, cancel);
        }
    }

    // Anonymous: names do not limit such runs.
    private async Task<OpenRunReply> OpenAsync(ITask task, int scenes, uint edge, CancellationToken cancel) =>
        await _board.OpenRunAsync(new OpenRunRequest
        {
            Method = "stopwatch", Task = task.Spec.Id, Count = (uint)scenes, PictureWidth = edge, PictureHeight = edge,
        }, cancellationToken: cancel);

    private async Task<ObserveRunReply> ObserveAsync(
        OpenRunReply run, IEnumerable<int> scenes, uint edge, CancellationToken cancel) =>
        await _board.ObserveAsync(new ObserveRunRequest
        {
            Run = run.Run, Token = run.Token, Scenes = { scenes.Select(scene => (uint)scene) },
            Width = edge, Height = edge,
        }, cancellationToken: cancel);

    // A run whose pictures are drawn, and its truth.
    private async Task<(OpenRunReply Run, bool[] Truth)> OpenReadyAsync(
        ITask task, int scenes, CancellationToken cancel)
    {
        var run = await OpenAsync(task, scenes, Small, cancel);
        foreach (var chunk in Enumerable.Range(0, scenes).Chunk(Many))
        {
            await ObserveAsync(run, chunk, Small, cancel);
        }

        return (run, await TruthAsync(run, scenes));
    }

    private Task<bool[]> TruthAsync(OpenRunReply run, int scenes) =>
        labels.OfAsync([.. Enumerable.Range(0, scenes).Select(scene => (run.Run, scene))]);

    /// <summary>Looks once, many times in a call, many times at once, beside a busy neighbour; and what the neighbour
    /// feels.</summary>
    public async Task LookAsync(ITask task, int scenes, CancellationToken cancel)
    {
        var (run, truth) = await OpenReadyAsync(task, scenes, cancel);
        async Task TimeAsync(string name, Func<int, Task> look) => probes.Add(task.Spec.Id, name, truth,
            await EachAsync(truth.Length, Workers, async scene =>
            {
                var start = Stopwatch.GetTimestamp();
                await look(scene);
                return Stopwatch.GetElapsedTime(start).TotalSeconds;
            }, cancel));
        await TimeAsync("look_s", scene => LookOverHttpAsync(run, scene, cancel));
        await TimeAsync("look_many_times_s", scene =>
            ObserveAsync(run, Enumerable.Repeat(scene, Many), Small, cancel));
        await TimeAsync("look_in_parallel_s", scene => Task.WhenAll(
            Enumerable.Range(0, AtOnce).Select(_ => ObserveAsync(run, [scene], Small, cancel))));

        var session = await OpenSessionAsync(cancel);
        await _environments.CreateAsync(
            new CreateRequest { Task = "Stability-v1", Slots = NeighbourSlots }, session, cancellationToken: cancel);
        var felt = new double[truth.Length];
        await TimeAsync("look_beside_neighbour_s", async scene =>
        {
            var look = ObserveAsync(run, [scene], Small, cancel);
            felt[scene] = await WorkUntilAsync(look, session, cancel);
            await look;
        });
        probes.Add(task.Spec.Id, "neighbour_s", truth, felt);
    }

    private async Task<Metadata> OpenSessionAsync(CancellationToken cancel)
    {
        var opened = await _environments.OpenSessionAsync(
            new OpenSessionRequest { Client = "neighbour" }, cancellationToken: cancel);
        return new Metadata
        {
            { "physintuition-session", opened.Id }, { "physintuition-session-token", opened.Token },
        };
    }

    // Another session of the same player, whose calls wait for the same processors: mean time of a reset, s.
    private async Task<double> WorkUntilAsync(Task other, Metadata session, CancellationToken cancel)
    {
        var (start, resets) = (Stopwatch.GetTimestamp(), 0UL);
        do
        {
            await _environments.ResetAsync(
                new ResetRequest { Environment = 1, Seed = resets }, session, cancellationToken: cancel);
            resets++;
        }
        while (!other.IsCompleted);

        return Stopwatch.GetElapsedTime(start).TotalSeconds / resets;
    }

    private async Task<string> LookOverHttpAsync(OpenRunReply run, int scene, CancellationToken cancel)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, $"/api/leaderboard/runs/{run.Run}/observe");
        request.Headers.Add("physintuition-run-token", run.Token);
        request.Content = new StringContent($$"""{"scenes": [{{scene}}], "width": {{Small}}, "height": {{Small}}}""");
        using var reply = await http.SendAsync(request, cancel);
        reply.EnsureSuccessStatusCode();
        return await reply.Content.ReadAsStringAsync(cancel);
    }

    /// <summary>What the server tells about itself, around single looks.</summary>
    public async Task ReadMetersAsync(ITask task, int scenes, CancellationToken cancel)
    {
        var (run, truth) = await OpenReadyAsync(task, scenes, cancel);
        var moved = new Dictionary<string, double[]>();
        var before = await Meters.ReadAsync(cancel);
        for (var scene = 0; scene < truth.Length; scene++)
        {
            await LookOverHttpAsync(run, scene, cancel);
            var after = await Meters.ReadAsync(cancel);
            foreach (var (name, value) in after)
            {
                if (!moved.TryGetValue(name, out var changes))
                {
                    moved[name] = changes = new double[truth.Length];
                }

                changes[scene] = value - before.GetValueOrDefault(name);
            }

            before = after;
        }

        foreach (var (name, changes) in moved)
        {
            probes.Add(task.Spec.Id, name, truth, changes);
        }
    }

    private async Task AnswerAsync(ITask task, int scenes, CancellationToken cancel)
    {
        var (run, truth) = await OpenReadyAsync(task, scenes, cancel);
        var text = LastAnswer(task);
        var look = new double[scenes];
        var answer = await EachAsync(scenes, Workers, async scene =>
        {
            var start = Stopwatch.GetTimestamp();
            await _board.AnswerAsync(new AnswerRequest
            {
                Run = run.Run, Token = run.Token, Answers = { new RunAnswer { Scene = (uint)scene, Text = text } },
            }, cancellationToken: cancel);
            var answered = Stopwatch.GetTimestamp();
            await ObserveAsync(run, [scene], Small, cancel);
            look[scene] = Stopwatch.GetElapsedTime(answered).TotalSeconds;
            return Stopwatch.GetElapsedTime(start, answered).TotalSeconds;
        }, cancel);
        probes.Add(task.Spec.Id, "answer_s", truth, answer);
        probes.Add(task.Spec.Id, "look_after_answer_s", truth, look);
    }

    // Everything in a reply that is not the picture's pixels or the prompt, and for comparison what those tell.
    private async Task CompareRepliesAsync(ITask task, int scenes, CancellationToken cancel)
    {
        var run = await OpenAsync(task, scenes, edge: 0, cancel);
        var truth = await TruthAsync(run, scenes);
        var replies = new ObserveRunReply[scenes];
        await EachAsync(scenes, Workers, async scene =>
        {
            replies[scene] = await ObserveAsync(run, [scene], edge: 0, cancel);
            return 0;
        }, cancel);
        void Add(string name, Func<ObserveRunReply, double> read) =>
            probes.Add(task.Spec.Id, name, truth, [.. replies.Select(read)]);
        Add("reply_beyond_bytes", reply => reply.CalculateSize()
            - CodedOutputStream.ComputeBytesSize(reply.Pictures[0])
            - CodedOutputStream.ComputeStringSize(reply.Prompts[0]));
        Add("ended", reply => reply.Ended[0]);
        Add("png_beyond_bytes", reply => reply.Pictures[0].Length - EncodeAgain(reply.Pictures[0]).Length);
        Add("png_differs", reply => reply.Pictures[0].Span.SequenceEqual(EncodeAgain(reply.Pictures[0])) ? 0 : 1);
        Add("picture_hash", reply => HashOf(reply.Pictures[0].Span));
        Add("prompt_hash", reply => HashOf(System.Text.Encoding.UTF8.GetBytes(reply.Prompts[0])));
        Add(Probe.ShownPrefix + "png_bytes", reply => reply.Pictures[0].Length);
        Add(Probe.ShownPrefix + "reply_bytes", reply => reply.CalculateSize());
        Add(Probe.ShownPrefix + "prompt_length", reply => reply.Prompts[0].Length);
    }

    private static byte[] EncodeAgain(ByteString file)
    {
        var picture = PictureDecoder.Decode(file.Span);
        return PngEncoder.Encode(picture.Rgb, picture.Width, picture.Height);
    }

    // Runs of a single scene: from the opening to the first look, and a look whose picture is not drawn yet.
    private async Task LookFirstAsync(ITask task, int scenes, CancellationToken cancel)
    {
        var runs = new OpenRunReply[scenes];
        var opened = await EachAsync(scenes, Workers, async i =>
        {
            var start = Stopwatch.GetTimestamp();
            runs[i] = await OpenAsync(task, 1, edge: 0, cancel);
            await ObserveAsync(runs[i], [0], Small, cancel);
            return Stopwatch.GetElapsedTime(start).TotalSeconds;
        }, cancel);
        var undrawn = await EachAsync(scenes, Workers, async i =>
        {
            var start = Stopwatch.GetTimestamp();
            await ObserveAsync(runs[i], [0], Undrawn, cancel);
            return Stopwatch.GetElapsedTime(start).TotalSeconds;
        }, cancel);
        var truth = await labels.OfAsync([.. runs.Select(run => (run.Run, 0))]);
        probes.Add(task.Spec.Id, "open_and_look_s", truth, opened);
        probes.Add(task.Spec.Id, "look_undrawn_s", truth, undrawn);
    }

    // Common scenes are the same for all runs: each of many runs answers some of them, and is closed. What a scene adds
    // to the time is the difference between the runs that answered it and those that did not.
    private async Task CloseAsync(ITask task, int scenes, CancellationToken cancel)
    {
        var (count, closes) = (Math.Min(MostCommon, scenes), Math.Min(MostCloses, scenes / 2));
        int[] common = [.. Enumerable.Range(0, count).Select(i => (2 * i) + 1)];
        var text = LastAnswer(task);
        var random = new RandomStream(1);
        var (with, without) = (new List<double>[count], new List<double>[count]);
        for (var i = 0; i < count; i++)
        {
            (with[i], without[i]) = ([], []);
        }

        OpenRunReply? first = null;
        for (var close = 0; close < closes; close++)
        {
            var (run, _) = await OpenReadyAsync(task, 2 * count, cancel);
            first ??= run;
            bool[] isAnswered = [.. common.Select(_ => random.NextInt(0, 2) == 0)];
            await _board.AnswerAsync(new AnswerRequest
            {
                Run = run.Run, Token = run.Token,
                Answers = { common.Where((_, i) => isAnswered[i]).Select(
                    scene => new RunAnswer { Scene = (uint)scene, Text = text }) },
            }, cancellationToken: cancel);
            var start = Stopwatch.GetTimestamp();
            await _board.CloseRunAsync(
                new CloseRunRequest { Run = run.Run, Token = run.Token }, cancellationToken: cancel);
            var seconds = Stopwatch.GetElapsedTime(start).TotalSeconds;
            for (var i = 0; i < count; i++)
            {
                (isAnswered[i] ? with : without)[i].Add(seconds);
            }
        }

        var truth = await labels.OfAsync([.. common.Select(scene => (first!.Run, scene))]);
        probes.Add(task.Spec.Id, "close_s", truth, [.. with.Zip(without, (yes, no) => yes.Average() - no.Average())]);
    }

    // A session on the held-out split: everything that it is told before and after an answer but the pictures.
    private async Task PlaySessionAsync(ITask task, int scenes, CancellationToken cancel)
    {
        string[] names = ["info", "seed", "steps", "outcome_hash", "scene_hash"];
        var session = await OpenSessionAsync(cancel);
        await _environments.CreateAsync(new CreateRequest
        {
            Task = task.Spec.Id, Split = "heldout", Slots = (uint)scenes, Autoreset = AutoresetMode.Disabled,
            Observe = new ObservationRequest { Names = { names } },
        }, session, cancellationToken: cancel);
        var seeds = Enumerable.Range(0, scenes).Select(scene => (ulong)scene).ToArray();
        var reset = await _environments.ResetAsync(
            new ResetRequest { Environment = 1, Seeds = { seeds } }, session, cancellationToken: cancel);
        var step = await _environments.StepAsync(new StepRequest
        {
            Environment = 1, Texts = new TextActions { Answers = { Enumerable.Repeat(LastAnswer(task), scenes) } },
        }, session, cancellationToken: cancel);
        var truth = labels.Of(
            new RunSpec { Method = "", Task = task.Spec.Id },
            [.. seeds.Select(seed => s_heldout.Map(task.Spec.Id, seed))]);
        void Add(string name, double[] values) =>
            probes.Add(task.Spec.Id, $"session_{name}", truth, values);
        var rewards = MemoryMarshal.Cast<byte, float>(step.Rewards.Span).ToArray();
        Add("reward", [.. rewards.Select(reward => (double)reward)]);
        Add("terminated", [.. step.Terminated.Select(one => (double)one)]);
        Add("truncated", [.. step.Truncated.Select(one => (double)one)]);
        foreach (var seen in reset.Observations)
        {
            Add($"{seen.Name}_before", Numbers(seen, scenes));
        }

        foreach (var seen in step.Observations)
        {
            Add($"{seen.Name}_after", Numbers(seen, scenes));
        }
    }

    // One number a row: of texts a hash, of others their bits.
    private static double[] Numbers(Observation seen, int rows)
    {
        if (seen.ContentCase == Observation.ContentOneofCase.Texts)
        {
            return [.. seen.Texts.Values.Select(text => HashOf(System.Text.Encoding.UTF8.GetBytes(text)))];
        }

        var width = seen.Tensor.Data.Length / rows;
        return [.. Enumerable.Range(0, rows).Select(row => width == sizeof(ulong)
            ? BitConverter.ToUInt64(seen.Tensor.Data.Span[(row * width)..])
            : (double)BitConverter.ToUInt32(seen.Tensor.Data.Span[(row * width)..]))];
    }

    private static double HashOf(ReadOnlySpan<byte> bytes) => BitConverter.ToUInt64(SHA256.HashData(bytes));

    /// <summary>Legal for every scene: the last of the choices, or the largest numbers.</summary>
    internal static string LastAnswer(ITask task) => AnswerText.Write(
        Answer.Of([.. task.Spec.Answer.Select(static axis => axis.Max)]), task.Spec.Answer);

    // A number for each scene, measured by several players at the same time.
    private static async Task<double[]> EachAsync(
        int scenes, int workers, Func<int, Task<double>> measure, CancellationToken cancel)
    {
        var values = new double[scenes];
        var options = new ParallelOptions { MaxDegreeOfParallelism = workers, CancellationToken = cancel };
        await Parallel.ForEachAsync(Enumerable.Range(0, scenes), options,
            async (scene, _) => values[scene] = await RetriedAsync(() => measure(scene), cancel));
        return values;
    }

    // A rate costs a patient player nothing but time.
    private static async Task<double> RetriedAsync(Func<Task<double>> measure, CancellationToken cancel)
    {
        while (true)
        {
            try
            {
                return await measure();
            }
            catch (RpcException refused) when (refused.StatusCode == StatusCode.ResourceExhausted)
            {
                await Task.Delay(TimeSpan.FromMilliseconds(200), cancel);
            }
        }
    }
}
