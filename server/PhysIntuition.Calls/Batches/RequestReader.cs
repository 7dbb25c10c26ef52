using System.Runtime.InteropServices;
using Google.Protobuf.Collections;

namespace PhysIntuition.Server.Batches;

/// <summary>Reads the rows of requests to one environment into memory that it keeps. Changes nothing else.</summary>
internal sealed class RequestReader(EnvironmentPlan plan, EnvironmentServices services)
{
    private readonly int[] _rows = new int[plan.Slots];
    private readonly SlotAction[] _actions = new SlotAction[plan.Slots];
    private readonly ulong[] _seeds = new ulong[plan.Slots];
    private double[] _numbers = [];
    private bool[] _mask = [];
    private int _rowCount;

    // Of Create, until the first reset of each slot takes them.
    private readonly TaskOptions?[]? _createOptions = plan.SlotOptions.Count > 0 ? [.. plan.SlotOptions] : null;

    /// <summary>The slots that take part in the request, in ascending order.</summary>
    public ReadOnlyMemory<int> Rows => _rows.AsMemory(0, _rowCount);

    /// <summary>Slots by number, in the order of the request.</summary>
    /// <param name="slots">Empty: all.</param>
    public int[] ReadSlots(RepeatedField<uint> slots)
    {
        if (slots.Count == 0)
        {
            return [.. Enumerable.Range(0, plan.Slots)];
        }

        foreach (var slot in slots)
        {
            if (slot >= plan.Slots)
            {
                Throw.OutOfRange("slots", slot, $"there are the slots 0 to {plan.Slots - 1}", "Choose among these.");
            }
        }

        return [.. slots.Select(slot => (int)slot)];
    }

    /// <summary>Which slots take part; fills the rows.</summary>
    public ReadOnlySpan<bool> ReadMask(ByteString mask)
    {
        if (mask.IsEmpty)
        {
            for (var i = 0; i < plan.Slots; i++)
            {
                _rows[i] = i;
            }

            _rowCount = plan.Slots;
            return default;
        }

        if (mask.Length != plan.Slots)
        {
            Throw.WrongLength("mask", mask.Length, plan.Slots, "bytes", $"uint8[{plan.Slots}]");
        }

        _mask = _mask.Length == plan.Slots ? _mask : new bool[plan.Slots];
        _rowCount = 0;
        for (var i = 0; i < plan.Slots; i++)
        {
            _mask[i] = mask[i] != 0;
            if (_mask[i])
            {
                _rows[_rowCount++] = i;
            }
        }

        return _mask;
    }

    /// <summary>Seeds of the rows; empty: none are given.</summary>
    public ReadOnlySpan<ulong> ReadSeeds(ResetRequest request)
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
            _seeds[slot] = plan.Split == Split.Heldout ? services.Heldout.Map(plan.Task.Spec.Id, seed) : seed;
        }

        return _seeds;
    }

    /// <summary>Options of the next episodes by slot; null: none change.</summary>
    public TaskOptions?[]? ReadOptions(RepeatedField<string> json)
    {
        if (json.Count > 1 && json.Count != _rowCount)
        {
            Throw.WrongLength("options_json", json.Count, _rowCount, "entries", $"{_rowCount} rows, or 1, or 0");
        }

        var options = _createOptions;
        if (json.Count > 0)
        {
            options = options?.ToArray() ?? new TaskOptions?[plan.Slots];
            for (var row = 0; row < _rowCount; row++)
            {
                options[_rows[row]] = plan.ReadOptions(json[json.Count == 1 ? 0 : row], $"options_json[{row}]");
            }
        }

        return options;
    }

    /// <summary>For each row, the captured state that it continues from.</summary>
    /// <param name="sources">Empty: the same as the row.</param>
    /// <param name="states">How many were captured.</param>
    public int[] ReadSources(RepeatedField<uint> sources, int states)
    {
        if (sources.Count != 0 && sources.Count != _rowCount)
        {
            Throw.WrongLength("sources", sources.Count, _rowCount, "entries", $"uint32[{_rowCount}]");
        }

        var read = new int[_rowCount];
        for (var row = 0; row < _rowCount; row++)
        {
            var source = sources.Count > 0 ? sources[row] : (uint)row;
            if (source >= states)
            {
                Throw.OutOfRange($"sources[{row}]", source, $"the snapshot holds the slots 0 to {states - 1}",
                    "Choose among these, or mask the slot out.");
            }

            read[row] = (int)source;
        }

        return read;
    }

    /// <summary>Forgets the options of Create for the rows, which have taken them.</summary>
    public void ForgetCreateOptions()
    {
        foreach (var slot in Rows.Span)
        {
            _createOptions?[slot] = null;
        }
    }

    /// <summary>The same for a slot that has taken them elsewhere.</summary>
    public void ForgetCreateOptions(int slot) => _createOptions?[slot] = null;

    /// <summary>Actions by slot, of the rows.</summary>
    public ReadOnlySpan<SlotAction> ReadActions(StepRequest request)
    {
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

        return _actions;
    }

    private void ReadNumbers(ByteString bytes)
    {
        var size = plan.Task.Spec.Answer.Count;
        if (bytes.Length != _rowCount * size * sizeof(float))
        {
            Throw.WrongLength("numbers", bytes.Length, (long)_rowCount * size * sizeof(float), "bytes",
                $"float32[{_rowCount}, {size}]");
        }

        if (_numbers.Length < plan.Slots * size)
        {
            _numbers = new double[plan.Slots * size];
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
        var most = services.Quota.Limits.MaxTextBytes;
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
