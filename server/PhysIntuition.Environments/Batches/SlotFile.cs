using System.Buffers;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace PhysIntuition.Environments.Batches;

/// <summary>A slot's state as bytes: little-endian, in the order of <see cref="Write"/>.</summary>
internal static class SlotFile
{
    private const uint Format = 0x34504950;   // "PIP4": raised with every change of the layout

    /// <summary>Writes everything that the slot's future depends on.</summary>
    public static void Write(Slot slot, string taskId, IBufferWriter<byte> target)
    {
        Put(target, Format);
        Put(target, SceneSeed.HashOf(taskId));
        Put(target, slot.KeepsTurns);
        Put(target, slot.Stream);
        Put(target, slot.Context.Answer.Count);
        PutAnswer(target, slot.Context.Answer);
        // In same-step mode it is the final episode's.
        var hasOutcome = (slot.IsDone || slot.IsAnswered) && slot.HasOutcome;
        Put(target, slot.IsDone);
        Put(target, hasOutcome);
        PutText(target, OptionsReader.Write(slot.Options));
        PutText(target, ReferenceEquals(slot.Options, slot.Episode.Options)
            ? "" : OptionsReader.Write(slot.Episode.Options));
        PutEpisode(target, slot.Episode);
        PutWorld(target, slot.Episode.World);
        Put(target, slot.Episode.Past.Count);
        foreach (var turn in slot.Episode.Past)
        {
            PutEpisode(target, turn.Scene);
            PutWorld(target, turn.Scene.World);
            PutText(target, turn.Text);
            PutText(target, turn.Answer);
        }

        if (hasOutcome)
        {
            PutWorld(target, slot.Outcome);
        }
    }

    /// <summary>Whether the turns of the slot's chat are kept; of bytes that are damaged no.</summary>
    public static bool KeepsTurns(ReadOnlySpan<byte> source)
    {
        const int at = sizeof(uint) + sizeof(ulong);

        return source.Length > at && source[at] != 0;
    }

    /// <summary>Reads what <see cref="Write"/> wrote.</summary>
    public static void Read(Slot slot, TaskSpec spec, Split split, ReadOnlySpan<byte> source)
    {
        try
        {
            ReadChecked(slot, spec, split, source);
        }
        catch (ArgumentOutOfRangeException)
        {
            throw Damaged("it ends too early");
        }
    }

    private static void ReadChecked(Slot slot, TaskSpec spec, Split split, ReadOnlySpan<byte> source)
    {
        if (Take<uint>(ref source) != Format)
        {
            throw Damaged("it is of another version");
        }

        if (Take<ulong>(ref source) != SceneSeed.HashOf(spec.Id))
        {
            throw Damaged($"it is not of {spec.Id}");
        }

        var keepsTurns = Take<byte>(ref source) != 0;
        var stream = Take<RandomStream>(ref source);
        var count = Take<int>(ref source);
        var answer = TakeAnswer(ref source, count);
        var (isDone, hasOutcome) = (Take<byte>(ref source) != 0, Take<byte>(ref source) != 0);
        var options = ReadOptions(spec, TakeText(ref source), slot.Options);
        var own = TakeText(ref source);
        var episode = new Episode { Options = own.Length == 0 ? options : ReadOptions(spec, own, options) };
        TakeEpisode(ref source, episode, split);
        TakeWorld(ref source, episode.World);
        if (episode.World.Bodies.Count != episode.Appearances.Count)
        {
            throw Damaged("its bodies do not match its looks");
        }

        TakePast(ref source, episode, split);

        var outcome = hasOutcome ? new World() : null;
        if (outcome is not null)
        {
            TakeWorld(ref source, outcome);
        }

        slot.ClearOutcome();   // only now: a slot that is refused its bytes stays as it was
        if (outcome is not null)
        {
            slot.SetOutcome(outcome);
        }

        (slot.Options, slot.Stream, slot.IsOpen, slot.IsDone) = (options, stream, true, isDone);
        slot.KeepsTurns = keepsTurns;
        (slot.Phase, slot.SceneBuilder, slot.Episode) = (AnswerPhase.Idle, null, episode);
        slot.Context.Begin(episode, answer);
    }

    // A captured state mostly has the options of its slot, and to read them takes a hundred times what the rest takes.
    private static TaskOptions ReadOptions(TaskSpec spec, string text, TaskOptions known) =>
        text == OptionsReader.Write(known) ? known : OptionsReader.Read(spec, text);

    private static void TakePast(ref ReadOnlySpan<byte> source, Episode episode, Split split)
    {
        for (var count = TakeCount(ref source); count > 0; count--)
        {
            var scene = new Episode { Options = episode.Options };
            TakeEpisode(ref source, scene, split);
            TakeWorld(ref source, scene.World);
            episode.Past.Add(new(scene, TakeText(ref source), TakeText(ref source)));
        }
    }

    private static void PutEpisode(IBufferWriter<byte> target, Episode episode)
    {
        Put(target, (int)episode.Split);
        Put(target, episode.Seed);
        Put(target, episode.Steps);
        Put(target, episode.SceneHash);
        Put(target, episode.OutcomeHash);
        PutText(target, episode.LastVerdict ?? "");
        PutText(target, episode.LastError ?? "");
        Put(target, episode.Appearances.Count);
        foreach (var look in episode.Appearances)
        {
            Put(target, (look.Color, look.TextureSeed));
            Put(target, look.Material);
        }

        Put(target, episode.Overlays.Count);
        foreach (var overlay in episode.Overlays)
        {
            Put(target, (overlay.From, overlay.To, overlay.Color, overlay.Size));
            Put(target, overlay.Kind);
            PutText(target, overlay.Text ?? "");
        }

        Put(target, episode.Camera);
        Put(target, episode.Light);
        PutFacts(target, episode.State);
        Put(target, episode.Attempts.Count);
        foreach (var attempt in episode.Attempts)
        {
            Put(target, attempt.Answer.Count);
            PutAnswer(target, attempt.Answer);
            Put(target, attempt.Answer.IsTry);
            Put(target, attempt.Reward);
            PutText(target, attempt.Reason);
        }

        Put(target, episode.Panels.Count);
        foreach (var panel in episode.Panels)
        {
            PutWorld(target, panel);
        }
    }

    private static void TakeEpisode(ref ReadOnlySpan<byte> source, Episode episode, Split split)
    {
        episode.Split = (Split)Take<int>(ref source);
        if (episode.Split != split)
        {
            throw Damaged($"it is of the split '{episode.Split}', not '{split}'");
        }

        (episode.Seed, episode.Steps) = (Take<ulong>(ref source), Take<int>(ref source));
        (episode.SceneHash, episode.OutcomeHash) = (Take<ulong>(ref source), Take<ulong>(ref source));
        (episode.LastVerdict, episode.LastError) = (TakeTextOrNull(ref source), TakeTextOrNull(ref source));
        for (var count = TakeCount(ref source); count > 0; count--)
        {
            var (color, texture) = Take<(Vector3, uint)>(ref source);
            episode.Appearances.Add(new(color, Take<Material>(ref source), texture));
        }

        for (var count = TakeCount(ref source); count > 0; count--)
        {
            var (from, to, color, size) = Take<(Vector3, Vector3, Vector3, float)>(ref source);
            var kind = Take<OverlayKind>(ref source);
            var text = TakeText(ref source);
            episode.Overlays.Add(new(kind, from, to, size, color, text.Length == 0 ? null : text));
        }

        (episode.Camera, episode.Light) = (Take<Camera>(ref source), Take<Light>(ref source));
        episode.State = TakeFacts(ref source);
        for (var count = TakeCount(ref source); count > 0; count--)
        {
            var numbers = Take<int>(ref source);
            var answer = TakeAnswer(ref source, numbers) with { IsTry = Take<byte>(ref source) != 0 };
            episode.Attempts.Add(new(answer, Take<double>(ref source), TakeText(ref source)));
        }

        for (var count = TakeCount(ref source); count > 0; count--)
        {
            var panel = new World();
            TakeWorld(ref source, panel);
            episode.Panels.Add(panel);
        }
    }

    private static void PutFacts(IBufferWriter<byte> target, in EpisodeState facts)
    {
        Put(target, facts.IsYes);
        Put(target, (facts.Choice, facts.Subject, facts.Target, facts.Start));
        Put(target, (facts.Scale, facts.Margin));
        Put(target, facts.Expert.Count);
        PutAnswer(target, facts.Expert);
    }

    private static EpisodeState TakeFacts(ref ReadOnlySpan<byte> source)
    {
        var isYes = Take<byte>(ref source) != 0;
        var (choice, subject, place, start) = Take<(int, int, Vector3, Vector3)>(ref source);
        var (scale, margin) = Take<(float, float)>(ref source);
        var count = Take<int>(ref source);

        return new()
        {
            IsYes = isYes, Choice = choice, Subject = subject, Target = place, Start = start,
            Scale = scale, Margin = margin,
            Expert = TakeAnswer(ref source, count),
        };
    }

    private static void PutWorld(IBufferWriter<byte> target, World world)
    {
        Put(target, world.HasGround);
        Put(target, (world.Gravity, world.GroundFriction, world.GroundRestitution, world.Time));
        Put(target, world.Bodies.Count);
        foreach (var body in world.Bodies)
        {
            Put(target, (body.Position, body.Orientation, body.LinearVelocity, body.AngularVelocity, body.HalfExtents));
            Put(target, (body.Mass, body.Friction, body.Restitution));
            Put(target, body.Motion);
        }

        PutList(target, world.Pushes);
    }

    private static void TakeWorld(ref ReadOnlySpan<byte> source, World world)
    {
        world.HasGround = Take<byte>(ref source) != 0;
        (world.Gravity, world.GroundFriction, world.GroundRestitution, world.Time) =
            Take<(float, float, float, float)>(ref source);
        world.Bodies.Clear();
        for (var count = TakeCount(ref source); count > 0; count--)
        {
            var (place, turn, speed, spin, half) = Take<(Vector3, Quaternion, Vector3, Vector3, Vector3)>(ref source);
            var (mass, friction, restitution) = Take<(float, float, float)>(ref source);
            world.Bodies.Add(new()
            {
                Position = place, Orientation = turn, LinearVelocity = speed, AngularVelocity = spin,
                HalfExtents = half, Mass = mass, Friction = friction, Restitution = restitution,
                Motion = Take<Motion>(ref source),
            });
        }

        TakeList(ref source, world.Pushes);
    }

    private static void PutAnswer(IBufferWriter<byte> target, in Answer answer)
    {
        for (var k = 0; k < Math.Max(Answer.Few, answer.Count); k++)
        {
            Put(target, answer[k]);
        }
    }

    private static Answer TakeAnswer(ref ReadOnlySpan<byte> source, int count)
    {
        if (count is < 0 or > Answer.MaxNumbers)
        {
            throw Damaged("an answer has more numbers than there are");
        }

        Span<double> numbers = stackalloc double[Answer.MaxNumbers];
        for (var k = 0; k < Math.Max(Answer.Few, count); k++)
        {
            numbers[k] = Take<double>(ref source);
        }

        return Answer.Of(numbers[..count]);
    }

    private static void PutText(IBufferWriter<byte> target, string text)
    {
        Put(target, Encoding.UTF8.GetByteCount(text));
        target.Write(Encoding.UTF8.GetBytes(text));
    }

    private static string TakeText(ref ReadOnlySpan<byte> source)
    {
        var length = Take<int>(ref source);
        var text = Encoding.UTF8.GetString(source[..length]);
        source = source[length..];

        return text;
    }

    private static string? TakeTextOrNull(ref ReadOnlySpan<byte> source) =>
        TakeText(ref source) is { Length: > 0 } text ? text : null;

    private static void PutList<T>(IBufferWriter<byte> target, List<T> items) where T : unmanaged
    {
        Put(target, items.Count);
        target.Write(MemoryMarshal.AsBytes(CollectionsMarshal.AsSpan(items)));
    }

    private static void TakeList<T>(ref ReadOnlySpan<byte> source, List<T> items) where T : unmanaged
    {
        items.Clear();
        for (var count = TakeCount(ref source); count > 0; count--)
        {
            items.Add(Take<T>(ref source));
        }
    }

    private static int TakeCount(ref ReadOnlySpan<byte> source)
    {
        var count = Take<int>(ref source);

        return count is >= 0 and <= 4096 ? count : throw Damaged("a list in it is too long");
    }

    // Of types without padding alone: what lies in it is whatever the memory held before.
    private static void Put<T>(IBufferWriter<byte> target, T value) where T : unmanaged
    {
        var size = Unsafe.SizeOf<T>();
        MemoryMarshal.Write(target.GetSpan(size), in value);
        target.Advance(size);
    }

    private static T Take<T>(ref ReadOnlySpan<byte> source) where T : unmanaged
    {
        var value = MemoryMarshal.Read<T>(source);
        source = source[Unsafe.SizeOf<T>()..];

        return value;
    }

    private static PhysIntuitionException Damaged(string reason) => new(Fault.InvalidArgument, "snapshot",
        $"'snapshot' cannot be restored: {reason}. Send the bytes of a capture of the same task, split and version.");
}
