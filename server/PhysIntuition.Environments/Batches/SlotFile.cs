using System.Buffers;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace PhysIntuition.Environments.Batches;

/// <summary>A slot's state as bytes, little-endian: one order of its parts, whether they are written or read.</summary>
/// <remarks>
/// Each method passes a value through: it writes and returns it, or returns what it reads instead. What is written is
/// assigned to itself, so that whoever shares it sees no change.
/// </remarks>
internal ref struct SlotFile
{
    private const uint Format = 0x34504950;   // "PIP4": raised with every change of the layout
    private const int MaxItems = 4096;

    private readonly IBufferWriter<byte>? _target;   // null: it is read
    private readonly Split _split;
    private ReadOnlySpan<byte> _source;

    private SlotFile(IBufferWriter<byte>? target, Split split, ReadOnlySpan<byte> source)
    {
        (_target, _split) = (target, split);
        _source = source;
    }

    private delegate void Item<T>(ref SlotFile file, ref T item);

    private readonly bool IsRead => _target is null;

    /// <summary>Writes everything that the slot's future depends on.</summary>
    public static void Write(Slot slot, TaskSpec spec, IBufferWriter<byte> target) =>
        new SlotFile(target, slot.Episode.Split, []).Pass(slot, spec);

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
            new SlotFile(null, split, source).Pass(slot, spec);
        }
        catch (ArgumentOutOfRangeException)
        {
            throw Damaged("it ends too early");
        }
    }

    private void Pass(Slot slot, TaskSpec spec)
    {
        if (Pass(Format) != Format)
        {
            throw Damaged("it is of another version");
        }

        var task = SceneSeed.HashOf(spec.Id);
        if (Pass(task) != task)
        {
            throw Damaged($"it is not of {spec.Id}");
        }

        var keepsTurns = Pass(slot.KeepsTurns);
        var stream = Pass(slot.Stream);
        var answer = Pass(slot.Context.Answer);
        var isDone = Pass(slot.IsDone);
        // In same-step mode it is the final episode's.
        var hasOutcome = Pass((slot.IsDone || slot.IsAnswered) && slot.HasOutcome);
        var options = Pass(slot.Options, spec);
        var episode = IsRead ? new Episode { Options = options } : slot.Episode;
        episode.Options = Pass(episode.Options, spec, slotOptions: options);
        Pass(episode);
        Pass(episode.Past, static (ref file, ref turn) => turn = new(
            file.Pass(turn?.Scene ?? new()), file.Pass(turn?.Text) ?? "", file.Pass(turn?.Answer) ?? ""));
        var outcome = hasOutcome ? Pass(IsRead ? new() : slot.Outcome) : null;
        if (!IsRead)
        {
            return;
        }

        slot.ClearOutcome();   // only now: a slot that is refused its bytes stays as it was
        if (outcome is not null)
        {
            slot.SetOutcome(outcome);
        }

        foreach (var turn in episode.Past)
        {
            turn.Scene.Options = episode.Options;
        }

        (slot.Options, slot.Stream, slot.IsOpen, slot.IsDone) = (options, stream, true, isDone);
        slot.KeepsTurns = keepsTurns;
        (slot.Phase, slot.SceneBuilder, slot.Episode) = (AnswerPhase.Idle, null, episode);
        slot.Context.Begin(episode, answer);
    }

    // A captured state mostly has the options of its slot, and to read them takes a hundred times what the rest takes.
    private TaskOptions Pass(TaskOptions options, TaskSpec spec, TaskOptions? slotOptions = null)
    {
        var known = ReferenceEquals(options, slotOptions) ? "" : OptionsReader.Write(options);
        var text = Pass(known) ?? "";

        return text == known ? options : OptionsReader.Read(spec, text);
    }

    private Episode Pass(Episode episode)
    {
        episode.Split = Pass(episode.Split);
        if (episode.Split != _split)
        {
            throw Damaged($"it is of the split '{episode.Split}', not '{_split}'");
        }

        (episode.Seed, episode.Steps) = (Pass(episode.Seed), Pass(episode.Steps));
        (episode.SceneHash, episode.OutcomeHash) = (Pass(episode.SceneHash), Pass(episode.OutcomeHash));
        (episode.LastVerdict, episode.LastError) = (Pass(episode.LastVerdict), Pass(episode.LastError));
        Pass(episode.Appearances, static (ref file, ref look) =>
        {
            var (color, texture) = file.Pass((look.Color, look.TextureSeed));
            look = new(color, file.Pass(look.Material), texture);
        });
        Pass(episode.Overlays, static (ref file, ref overlay) =>
        {
            var (from, to, color, size) = file.Pass((overlay.From, overlay.To, overlay.Color, overlay.Size));
            overlay = new(file.Pass(overlay.Kind), from, to, size, color, file.Pass(overlay.Text));
        });
        (episode.Camera, episode.Light) = (Pass(episode.Camera), Pass(episode.Light));
        episode.State = Pass(episode.State);
        Pass(episode.Attempts, static (ref file, ref attempt) => attempt = new(
            file.Pass(attempt.Answer) with { IsTry = file.Pass(attempt.Answer.IsTry) },
            file.Pass(attempt.Reward), file.Pass(attempt.Reason) ?? ""));
        Pass(episode.Panels, static (ref file, ref panel) => panel = file.Pass(panel ?? new()));
        Pass(episode.World);

        return episode.World.Bodies.Count == episode.Appearances.Count
            ? episode : throw Damaged("its bodies do not match its looks");
    }

    private EpisodeState Pass(EpisodeState state)
    {
        var isYes = Pass(state.IsYes);
        var (choice, subject, place, start) = Pass((state.Choice, state.Subject, state.Target, state.Start));
        var (scale, margin) = Pass((state.Scale, state.Margin));

        return new()
        {
            IsYes = isYes, Choice = choice, Subject = subject, Target = place, Start = start,
            Scale = scale, Margin = margin, Expert = Pass(state.Expert),
        };
    }

    private World Pass(World world)
    {
        world.HasGround = Pass(world.HasGround);
        (world.Gravity, world.GroundFriction, world.GroundRestitution, world.Time) =
            Pass((world.Gravity, world.GroundFriction, world.GroundRestitution, world.Time));
        Pass(world.Bodies, static (ref file, ref body) =>
        {
            (body.Position, body.Orientation, body.LinearVelocity, body.AngularVelocity, body.HalfExtents) = file.Pass(
                (body.Position, body.Orientation, body.LinearVelocity, body.AngularVelocity, body.HalfExtents));
            (body.Mass, body.Friction, body.Restitution) = file.Pass((body.Mass, body.Friction, body.Restitution));
            body.Motion = file.Pass(body.Motion);
        });
        Pass(world.Pushes, static (ref file, ref push) => push = file.Pass(push));

        return world;
    }

    private Answer Pass(Answer answer)
    {
        var count = Pass(answer.Count);
        if (count is < 0 or > Answer.MaxNumbers)
        {
            throw Damaged("an answer has more numbers than there are");
        }

        Span<double> numbers = stackalloc double[Answer.MaxNumbers];
        for (var k = 0; k < Math.Max(Answer.Few, count); k++)
        {
            numbers[k] = Pass(IsRead ? 0 : answer[k]);
        }

        return IsRead ? Answer.Of(numbers[..count]) : answer;
    }

    private void Pass<T>(List<T> items, Item<T> pass)
    {
        var count = Pass(items.Count);
        if (count is < 0 or > MaxItems)
        {
            throw Damaged("a list in it is too long");
        }

        CollectionsMarshal.SetCount(items, count);   // reading, of a new list, whose items are empty
        foreach (ref var item in CollectionsMarshal.AsSpan(items))
        {
            pass(ref this, ref item);
        }
    }

    // An empty one is read as null.
    private string? Pass(string? text)
    {
        var length = Pass(IsRead || text is null ? 0 : Encoding.UTF8.GetByteCount(text));
        if (!IsRead)
        {
            Encoding.UTF8.GetBytes(text, _target!);
            return text;
        }

        text = length == 0 ? null : Encoding.UTF8.GetString(_source[..length]);
        _source = _source[length..];

        return text;
    }

    private bool Pass(bool value) => Pass(value ? (byte)1 : (byte)0) != 0;

    // Of types without padding alone: what lies in it is whatever the memory held before.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private T Pass<T>(T value) where T : unmanaged
    {
        var size = Unsafe.SizeOf<T>();
        if (IsRead)
        {
            value = MemoryMarshal.Read<T>(_source);
            _source = _source[size..];
        }
        else
        {
            MemoryMarshal.Write(_target!.GetSpan(size), in value);
            _target!.Advance(size);
        }

        return value;
    }

    private static PhysIntuitionException Damaged(string reason) => new(Fault.InvalidArgument, "snapshot",
        $"'snapshot' cannot be restored: {reason}. Send the bytes of a capture of the same task, split and version.");
}
