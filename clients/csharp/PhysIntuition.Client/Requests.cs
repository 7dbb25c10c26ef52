using System.Buffers;
using System.Runtime.InteropServices;
using System.Security.Cryptography;
using System.Text;
using Google.Protobuf;

namespace PhysIntuition.Client;

/// <summary>Settings as messages.</summary>
internal static class Requests
{
    public static ObservationRequest? From(Observe? observe) => observe is null ? null : new ObservationRequest
    {
        Names = { observe.Names },
        Width = (uint)observe.Width,
        Height = (uint)observe.Height,
        Encoding = observe.Encoding,
        Quality = (uint)observe.Quality,
        Samples = (uint)observe.Samples,
        History = observe.History,
    };

    public static ByteString Mask(IReadOnlyList<bool>? mask) => mask is null
        ? ByteString.Empty
        : UnsafeByteOperations.UnsafeWrap(mask.Select(isSet => isSet ? (byte)1 : (byte)0).ToArray());

    public static ByteString Numbers(ReadOnlyMemory<float> numbers) =>
        ByteString.CopyFrom(MemoryMarshal.AsBytes(numbers.Span));

    /// <summary>Texts of whole Unicode: half a surrogate pair would arrive as another character.</summary>
    public static TextActions Texts(IReadOnlyList<string> answers)
    {
        var texts = new TextActions();
        foreach (var answer in answers)
        {
            if (IndexOfHalf(answer) is var place and >= 0)
            {
                throw EnvironmentException.Refuse(
                    $"actions[{texts.Answers.Count}]", $"holds half a character at {place}", "it must be Unicode",
                    "Cut texts between characters.");
            }

            texts.Answers.Add(answer);
        }

        return texts;
    }

    private static int IndexOfHalf(ReadOnlySpan<char> text)
    {
        for (var start = 0; start < text.Length;)
        {
            if (Rune.DecodeFromUtf16(text[start..], out _, out var length) != OperationStatus.Done)
            {
                return start;
            }

            start += length;
        }

        return -1;
    }

    public static CreateRequest From(EnvironmentSettings settings, bool usesSharedMemory) => new()
    {
        Task = settings.Task,
        Split = settings.Split,
        Slots = (uint)settings.Slots,
        OptionsJson = settings.Options,
        SlotOptionsJson = { settings.SlotOptions },
        Autoreset = settings.Autoreset,
        Outcome = settings.Outcome,
        Observe = From(settings.Observe),
        ReplayWindow = (uint)settings.ReplayWindow,
        SharedBuffers = usesSharedMemory && settings.Observe is not null ? (uint)settings.SharedBuffers : 0,
        CreateId = NewCreateId(),
    };

    public static ForkRequest Fork(uint environment, IEnumerable<uint> slots) => new()
    {
        Environment = environment,
        Slots = { slots },
        CreateId = NewCreateId(),
        WithoutObservations = true,
    };

    // A Create or Fork that is sent again finds the environment that it opened, and nobody else's.
    public static ulong NewCreateId() =>
        BitConverter.ToUInt64(RandomNumberGenerator.GetBytes(sizeof(ulong))) | 1; // 0 is no number

    public static ResetRequest From(ResetSettings? settings)
    {
        var request = new ResetRequest();
        if (settings is null)
        {
            return request;
        }

        if (settings.Seed is { } seed)
        {
            request.Seed = seed;
        }

        request.Seeds.AddRange(settings.Seeds);
        request.Mask = Mask(settings.Mask);
        request.OptionsJson.AddRange(settings.Options);
        request.Observe = From(settings.Observe);
        return request;
    }

    public static StepRequest From(StepSettings? settings) => settings is null ? new StepRequest() : new StepRequest
    {
        Mask = Mask(settings.Mask),
        Observe = From(settings.Observe),
    };

    public static ScoreRequest From(ScoreSettings settings)
    {
        var request = new ScoreRequest
        {
            Task = settings.Task,
            Split = settings.Split,
            OptionsJson = settings.Options,
            Seeds = { settings.Seeds },
            Turns = { settings.Turns.Select(count => checked((uint)count)) },
            Observe = From(settings.Observe),
        };
        if (settings.Answers is { } answers)
        {
            request.Texts = Texts(answers);
        }
        else
        {
            request.Numbers = Numbers(settings.Numbers);
        }

        return request;
    }

    public static StreamDatasetRequest From(DatasetSettings settings) => new()
    {
        Task = settings.Task,
        Split = settings.Split,
        OptionsJson = settings.Options,
        FirstSeed = settings.FirstSeed,
        Count = (uint)settings.Count,
        Observe = From(settings.Observe),
        ChunkRows = (uint)settings.ChunkRows,
    };
}
