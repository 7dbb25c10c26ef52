using System.Collections.Concurrent;
using System.Reflection;
using System.Runtime.InteropServices;
using System.Text.Json;
using System.Threading.Channels;
using Google.Protobuf;
using PhysIntuition.Environments.Options;
using PhysIntuition.Environments.Tasks;
using PhysIntuition.Faults;
using PhysIntuition.Server;
using PhysIntuition.Server.Services;
using PhysIntuition.Server.Sessions;
using PhysIntuition.V1;
using SkiaSharp;

namespace PhysIntuition.Embedded;

/// <summary>What a poll found.</summary>
internal enum PollResult
{
    /// <summary>A reply.</summary>
    Reply,

    /// <summary>Nothing yet.</summary>
    Pending,

    /// <summary>Nothing any more.</summary>
    End,
}

/// <summary>One session of the engine that the whole process shares.</summary>
internal sealed class EmbeddedSession : IDisposable
{
    private const int MostChunks = 2;   // of a dataset that wait for whoever reads them

    private static readonly Lock s_lock = new();
    private static LocalEngine? s_engine;

    private readonly LocalEngine _engine;
    private readonly Session _session;
    private readonly CancellationTokenSource _end = new();
    private readonly ConcurrentDictionary<ulong, Channel<byte[]>> _submitted = new();
    private ulong _numbers;

    private EmbeddedSession(LocalEngine engine)
    {
        _engine = engine;
        _session = engine.Open("embedded");
    }

    /// <summary>Opens a session.</summary>
    /// <param name="settings">A JSON object; empty: none.</param>
    public static EmbeddedSession Open(string settings)
    {
        lock (s_lock)
        {
            return new EmbeddedSession(s_engine ??= Start(Read(settings)));
        }
    }

    /// <summary>Carries out a call and writes its reply.</summary>
    /// <returns>0.</returns>
    public int Call(int method, ReadOnlySpan<byte> request, NativeBytes target)
    {
        using var reply = EmbeddedCalls.RunAsync(_engine, Context(runsHere: true), method, request)
            .GetAwaiter().GetResult();
        target.Set(reply.Message);
        return 0;
    }

    /// <summary>Begins a call.</summary>
    /// <returns>Its number.</returns>
    public ulong Submit(int method, byte[] request)
    {
        var number = Interlocked.Increment(ref _numbers);
        var replies = Channel.CreateBounded<byte[]>(MostChunks);
        _submitted[number] = replies;
        _ = AnswerAsync(method, request, replies.Writer);
        return number;
    }

    /// <summary>Waits for the next reply of a submitted call and writes it.</summary>
    public PollResult Poll(ulong number, int milliseconds, NativeBytes target)
    {
        if (!_submitted.TryGetValue(number, out var replies))
        {
            throw new PhysIntuitionException(Fault.NotFound, "number",
                $"'number' {number} is no call of this session whose replies are still to come. Submit one.");
        }

        var more = replies.Reader.WaitToReadAsync(CancellationToken.None).AsTask();
        try
        {
            if (!more.Wait(milliseconds))
            {
                return PollResult.Pending;
            }
        }
        catch (AggregateException failure)
        {
            _submitted.TryRemove(number, out _);
            throw failure.InnerException!;
        }

        if (replies.Reader.TryRead(out var reply))
        {
            target.Set(reply);
            return PollResult.Reply;
        }

        _submitted.TryRemove(number, out _);
        return PollResult.End;
    }

    public void Dispose()
    {
        _end.Cancel();
        _engine.Close(_session);
    }

    private CallContext Context(bool runsHere) =>
        new(_session, _end.Token) { IsLocal = true, IsInProcess = true, RunsHere = runsHere };

    private async Task AnswerAsync(int method, byte[] request, ChannelWriter<byte[]> replies)
    {
        try
        {
            if (method == EmbeddedCalls.StreamDataset)
            {
                var asked = StreamDatasetRequest.Parser.ParseFrom(request);
                var stream = new DatasetStream(_engine.Calls.Services, _session.Share, asked, _end.Token);
                await stream.RunAsync(async chunk => await replies.WriteAsync(chunk.ToByteArray(), _end.Token));
            }
            else
            {
                using var reply = await EmbeddedCalls.RunAsync(_engine, Context(runsHere: false), method, request);
                await replies.WriteAsync(reply.Message.ToByteArray(), _end.Token);
            }

            replies.Complete();
        }
        catch (Exception failure)
        {
            replies.Complete(failure);
        }
    }

    private static LocalEngine Start((EngineOptions Engine, LimitOptions Limits) options)
    {
        using var file = typeof(EmbeddedSession).Assembly.GetManifestResourceStream("tasks.pb") ??
            throw new InvalidOperationException("The library was built without tasks.pb; see setup_embedded.");
        var tasks = ListTasksReply.Parser.ParseFrom(file);
        foreach (var task in tasks.Tasks)
        {
            OptionsReader.UseSchema(TaskCatalog.Find(task.Id).Spec, task.OptionsSchemaJson);
        }

        OwnFolder.LetSkiaBeFound();
        return new LocalEngine(options.Engine, options.Limits, tasks);
    }

    private static (EngineOptions Engine, LimitOptions Limits) Read(string settings)
    {
        var (engine, limits) = (new EngineOptions(), new LimitOptions());
        if (settings.Length == 0)
        {
            return (engine, limits);
        }

        try
        {
            using var document = JsonDocument.Parse(settings);
            foreach (var setting in document.RootElement.EnumerateObject())
            {
                switch (setting.Name)
                {
                    case "threads":
                        engine = engine with { Threads = InRange(setting, 0, 1024) };
                        break;
                    case "lanes":
                        engine = engine with { Lanes = InRange(setting, 0, 16) };
                        break;
                    case "maxEnvironments":
                        limits = limits with { MaxEnvironmentsPerSession = InRange(setting, 1, 1_000_000) };
                        break;
                    case "snapshotSecret":
                        engine = engine with { SnapshotSecret = setting.Value.GetString()! };
                        break;
                    case "heldoutSecret":
                        engine = engine with { HeldoutSecret = setting.Value.GetString()! };
                        break;
                    default:
                        throw Refuse($"'{setting.Name}' is no setting; there are threads, lanes, maxEnvironments, "
                            + "snapshotSecret, heldoutSecret.");
                }
            }
        }
        catch (Exception wrong) when (wrong is JsonException or InvalidOperationException)
        {
            throw Refuse($"the settings are no JSON object with these: {wrong.Message}");
        }

        return engine.Lanes is 0 or 1 or 8 or 16
            ? (engine, limits)
            : throw Refuse($"'lanes' is {engine.Lanes}; it must be 0, 1, 8 or 16.");
    }

    private static int InRange(JsonProperty setting, int min, int max) =>
        setting.Value.TryGetInt32(out var value) && value >= min && value <= max
            ? value
            : throw Refuse($"'{setting.Name}' is {setting.Value}; it must be a whole number in [{min}, {max}].");

    private static PhysIntuitionException Refuse(string message) => new(Fault.InvalidArgument, "settings", message);
}

/// <summary>The folder of this library, where that of Skia lies; the runtime looks beside the program alone.</summary>
internal static unsafe partial class OwnFolder
{
    private const string Skia = "libSkiaSharp";

    /// <summary>Has Skia looked for here before elsewhere.</summary>
    public static void LetSkiaBeFound() =>
        NativeLibrary.SetDllImportResolver(typeof(SKPixmap).Assembly, Resolve);

    private static nint Resolve(string name, Assembly assembly, DllImportSearchPath? paths)
    {
        if (name != Skia || dladdr((nint)(delegate* unmanaged<byte*>)&Exports.Version, out var here) == 0)
        {
            return 0;
        }

        var folder = Path.GetDirectoryName(Marshal.PtrToStringUTF8(here.File)) ?? "";
        return NativeLibrary.TryLoad(Path.Combine(folder, Skia + ".so"), out var library) ? library : 0;
    }

    [LibraryImport("libc")]
    private static partial int dladdr(nint address, out Place place);

    // Dl_info of dlfcn.h.
    [StructLayout(LayoutKind.Sequential)]
    private struct Place
    {
        public nint File;
        public nint Start;
        public nint Name;
        public nint Symbol;
    }
}
