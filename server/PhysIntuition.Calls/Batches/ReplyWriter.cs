using PhysIntuition.Environments.Observations;

namespace PhysIntuition.Server.Batches;

/// <summary>Writes the replies of one environment into pages.</summary>
internal sealed class ReplyWriter(EnvironmentBatch batch, ReplyBufferPool pages, ServerMetrics metrics)
{
    private readonly ObservationWriter _observations = new(batch, metrics);
    private int[] _final = [];

    /// <summary>The reply to a reset, restore or fork.</summary>
    public ReplyBuffer Reset(ulong stepId, ReadOnlyMemory<int> rows, ObservationPlan observe) => Fill(page =>
    {
        page.Reset = new ResetReply { StepId = stepId };
        _observations.Write(observe, rows.Span, ObservationTime.Now, page, page.Reset.Observations);
    });

    /// <summary>The reply to a step.</summary>
    public ReplyBuffer Step(ulong stepId, ReadOnlyMemory<int> rows, ObservationPlan observe) => Fill(page =>
    {
        var results = batch.Results;
        var slots = rows.Span;
        page.Step = new StepReply
        {
            StepId = stepId,
            Rewards = ShowRewards(page.Rewards, slots),
            Terminated = ShowFlags(page.Terminated, slots, results.Terminated),
            Truncated = ShowFlags(page.Truncated, slots, results.Truncated),
        };
        if (results.WasReset.AsSpan().Contains(true))
        {
            page.Step.Started = ShowFlags(page.Started, slots, results.WasReset);
        }

        _observations.Write(observe, slots, ObservationTime.Now, page, page.Step.Observations);
        var final = FinalRows(slots);
        if (final.Length > 0)
        {
            _observations.Write(observe, final, ObservationTime.Final, page, page.Step.FinalObservations);
        }
    });

    /// <summary>Slots as they are.</summary>
    public ReplyBuffer Render(ReadOnlyMemory<int> slots, ObservationPlan observe, RenderReply reply) =>
        Fill(page => _observations.Write(observe, slots.Span, ObservationTime.Now, page, reply.Observations));

    // What cannot be written leaves no page behind: a buffer of shared memory would be lost for good.
    private ReplyBuffer Fill(Action<ReplyBuffer> write)
    {
        var page = pages.Rent();
        try
        {
            write(page);
            return page;
        }
        catch
        {
            page.ForgetStates();
            page.Release();
            throw;
        }
    }

    // Of the rows, those whose episode the step has finished in same-step mode.
    private ReadOnlySpan<int> FinalRows(ReadOnlySpan<int> rows)
    {
        var hasFinal = batch.Results.HasFinal;
        if (!hasFinal.AsSpan().Contains(true))
        {
            return default;
        }

        _final = _final.Length == batch.Slots ? _final : new int[batch.Slots];
        var count = 0;
        foreach (var slot in rows)
        {
            if (hasFinal[slot])
            {
                _final[count++] = slot;
            }
        }

        return _final.AsSpan(0, count);
    }

    private ByteString ShowRewards(HeldBuffer buffer, ReadOnlySpan<int> rows)
    {
        var target = buffer.Reserve<float>(rows.Length);
        for (var row = 0; row < rows.Length; row++)
        {
            target[row] = (float)batch.Results.Rewards[rows[row]];
        }

        return buffer.Show(rows.Length * sizeof(float));
    }

    private static ByteString ShowFlags(HeldBuffer buffer, ReadOnlySpan<int> rows, bool[] flags)
    {
        var target = buffer.Reserve(rows.Length);
        for (var row = 0; row < rows.Length; row++)
        {
            target[row] = flags[rows[row]] ? (byte)1 : (byte)0;
        }

        return buffer.Show(rows.Length);
    }
}
