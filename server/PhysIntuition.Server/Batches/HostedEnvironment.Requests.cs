using System.Runtime.InteropServices;
using System.Text;
using Google.Protobuf;
using Google.Protobuf.Collections;
using PhysIntuition.Environments.Batches;
using PhysIntuition.Environments.Options;
using PhysIntuition.Environments.Splits;
using PhysIntuition.Server.Faults;
using PhysIntuition.Server.Options;
using PhysIntuition.V1;

namespace PhysIntuition.Server.Batches;

/// <content>Requests: checked as a whole before anything changes.</content>
internal sealed partial class HostedEnvironment
{
    private readonly int[] _rows;
    private readonly SlotAction[] _actions;
    private readonly ulong[] _seeds;
    private double[] _numbers = [];
    private bool[] _mask = [];
    private TaskOptions?[]? _pendingOptions;   // of Create, until the first reset of each slot takes them
    private int _rowCount;
    private ObservationPlan _observe = ObservationPlan.None;

    /// <summary>Begins a reset.</summary>
    public IPendingWorlds BeginReset(ResetRequest request)
    {
        var mask = ReadMask(request.Mask);
        _observe = ReadObserve(request.Observe);
        var options = ReadOptions(request.OptionsJson);
        var seeds = ReadSeeds(request);
        Batch.BeginReset(mask, seeds, options);
        _services.Metrics.Reset(_rowCount);
        return Batch;
    }

    /// <summary>Begins a step.</summary>
    public IPendingWorlds BeginStep(StepRequest request)
    {
        var mask = ReadMask(request.Mask);
        _observe = ReadObserve(request.Observe);
        switch (request.ActionsCase)
        {
            case StepRequest.ActionsOneofCase.Numbers:
                ReadNumbers(request.Numbers);
                break;
            case StepRequest.ActionsOneofCase.Texts:
                ReadTexts(request.Texts.Answers);
                break;
            default:
                Throw.OutOfRange("actions", "absent", "either numbers or texts must be set", "Send one of them.");
                break;
        }

        Batch.BeginStep(_actions, mask);
        _services.Metrics.Stepped(_rowCount);
        return Batch;
    }

    /// <summary>Checks a render request.</summary>
    /// <returns>The slots to draw, in order.</returns>
    public int[] ReadSlots(RepeatedField<uint> slots, string field)
    {
        if (slots.Count == 0)
        {
            return [.. Enumerable.Range(0, Slots)];
        }

        foreach (var slot in slots)
        {
            if (slot >= Slots)
            {
                Throw.OutOfRange(field, slot, $"there are the slots 0 to {Slots - 1}", "Choose among these.");
            }
        }

        return [.. slots.Select(slot => (int)slot)];
    }

    /// <summary>Which slots take part; fills the rows.</summary>
    public ReadOnlySpan<bool> ReadMask(ByteString mask)
    {
        if (mask.IsEmpty)
        {
            for (var i = 0; i < Slots; i++)
            {
                _rows[i] = i;
            }

            _rowCount = Slots;
            return default;
        }

        if (mask.Length != Slots)
        {
            Throw.WrongLength("mask", mask.Length, Slots, "bytes", $"uint8[{Slots}]");
        }

        _mask = _mask.Length == Slots ? _mask : new bool[Slots];
        _rowCount = 0;
        for (var i = 0; i < Slots; i++)
        {
            _mask[i] = mask[i] != 0;
            if (_mask[i])
            {
                _rows[_rowCount++] = i;
            }
        }

        return _mask;
    }

    /// <summary>What this reply returns.</summary>
    public ObservationPlan ReadObserve(ObservationRequest? request)
    {
        var plan = request is null ? Plan.Observe : Plan.ToObservationPlan(request, _services.Quota.Limits);
        CheckReplyBytes(plan, _rowCount);
        return plan;
    }

    /// <summary>Refuses replies that no message can carry.</summary>
    public static void CheckReplyBytes(ObservationPlan plan, int rows, SharedBuffers? shared, LimitOptions limits)
    {
        var bytes = plan.TensorBytesPerRow * rows;
        if (bytes > limits.MaxMessageBytes && (shared is null || bytes > shared.BufferBytes))
        {
            Throw.OutOfRange("observe", $"{bytes} bytes for {rows} rows",
                $"one message carries {limits.MaxMessageBytes} bytes",
                $"Ask for smaller pictures or fewer slots, or raise {LimitOptions.Section}:MaxMessageBytes.");
        }
    }

    private void CheckReplyBytes(ObservationPlan plan, int rows) =>
        CheckReplyBytes(plan, rows, _shared, _services.Quota.Limits);

    private ReadOnlySpan<ulong> ReadSeeds(ResetRequest request)
    {
        if (request.Seeds.Count == 0 && !request.HasSeed)
        {
            return default;
        }

        if (request.Seeds.Count > 0 && (request.HasSeed || request.Seeds.Count != _rowCount))
        {
            Throw.WrongLength("seeds", request.Seeds.Count, request.HasSeed ? 0 : _rowCount, "entries",
                request.HasSeed ? "a request with 'seed'" : $"uint64[{_rowCount}]");
        }

        for (var row = 0; row < _rowCount; row++)
        {
            var slot = _rows[row];
            var seed = request.HasSeed ? unchecked(request.Seed + (ulong)slot) : request.Seeds[row];
            _seeds[slot] = Plan.Split == Split.Heldout ? _services.Heldout.Map(Plan.Task.Spec.Id, seed) : seed;
        }

        return _seeds;
    }

    private TaskOptions?[]? ReadOptions(RepeatedField<string> json)
    {
        if (json.Count > 1 && json.Count != _rowCount)
        {
            Throw.WrongLength("options_json", json.Count, _rowCount, "entries", $"{_rowCount} rows, or 1, or 0");
        }

        var options = _pendingOptions;
        if (json.Count > 0)
        {
            options = options?.ToArray() ?? new TaskOptions?[Slots];
            for (var row = 0; row < _rowCount; row++)
            {
                options[_rows[row]] = Plan.ReadOptions(json[json.Count == 1 ? 0 : row], $"options_json[{row}]");
            }
        }

        return options;
    }

    private void ReadNumbers(ByteString bytes)
    {
        var size = Plan.Task.Spec.Answer.Count;
        if (bytes.Length != _rowCount * size * sizeof(float))
        {
            Throw.WrongLength("numbers", bytes.Length, (long)_rowCount * size * sizeof(float), "bytes",
                $"float32[{_rowCount}, {size}]");
        }

        if (_numbers.Length < Slots * size)
        {
            _numbers = new double[Slots * size];
        }

        var source = MemoryMarshal.Cast<byte, float>(bytes.Span);
        for (var row = 0; row < _rowCount; row++)
        {
            var at = row * size;
            for (var i = 0; i < size; i++)
            {
                _numbers[at + i] = source[at + i];
            }

            _actions[_rows[row]] = new SlotAction(null, _numbers.AsMemory(at, size));
        }
    }

    private void ReadTexts(RepeatedField<string> answers)
    {
        var most = _services.Quota.Limits.MaxTextBytes;
        if (answers.Count != _rowCount)
        {
            Throw.WrongLength("texts.answers", answers.Count, _rowCount, "entries", $"{_rowCount} rows");
        }

        for (var row = 0; row < _rowCount; row++)
        {
            if (answers[row].Length > most || Encoding.UTF8.GetByteCount(answers[row]) > most)
            {
                Throw.OutOfRange($"texts.answers[{row}]", $"{Encoding.UTF8.GetByteCount(answers[row])} bytes",
                    $"must be at most {most}", $"Shorten it, or raise {LimitOptions.Section}:MaxTextBytes.");
            }

            _actions[_rows[row]] = SlotAction.OfText(answers[row]);
        }
    }
}
