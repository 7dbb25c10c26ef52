using System.Runtime.InteropServices;
using Google.Protobuf;
using PhysIntuition.Environments.Batches;
using PhysIntuition.V1;

namespace PhysIntuition.Server.Batches;

/// <content>Replies: written into a page, recorded if numbered.</content>
internal sealed partial class HostedEnvironment
{
    private ReadOnlySpan<int> Rows => _rows.AsSpan(0, _rowCount);

    /// <summary>Writes and records the reply to a reset or restore.</summary>
    public Page FinishReset(ulong stepId)
    {
        foreach (var slot in Rows)
        {
            _isOpen[slot] = true;
            _pendingOptions?[slot] = null;
        }

        return Fill(page =>
        {
            page.Reset = new ResetReply { StepId = stepId };
            _writer.Write(_observe, Rows, Moment.Now, page, page.Reset.Observations);
            Window.Add(stepId, page);
        });
    }

    /// <summary>Writes and records the reply to a step.</summary>
    public Page FinishStep(ulong stepId) => Fill(page =>
    {
        page.Step = new StepReply
        {
            StepId = stepId,
            Rewards = ShowRewards(page.Rewards),
            Terminated = ShowFlags(page.Terminated, Batch.Results.Terminated),
            Truncated = ShowFlags(page.Truncated, Batch.Results.Truncated),
        };
        if (Batch.Results.WasReset.AsSpan().Contains(true))
        {
            page.Step.Started = ShowFlags(page.Started, Batch.Results.WasReset);
        }

        _writer.Write(_observe, Rows, Moment.Now, page, page.Step.Observations);
        WriteFinal(page);
        Window.Add(stepId, page);
    });

    /// <summary>Draws slots as they are.</summary>
    public Page Render(int[] slots, ObservationPlan plan, RenderReply reply) =>
        Fill(page => _writer.Write(plan, slots, Moment.Now, page, reply.Observations));

    // What cannot be written leaves no page behind: a buffer of shared memory would be lost for good.
    private Page Fill(Action<Page> write)
    {
        var page = _pages.Rent();
        try
        {
            write(page);
            return page;
        }
        catch
        {
            page.Release();
            throw;
        }
    }

    private void WriteFinal(Page page)
    {
        if (_observe.Columns.Count == 0 || !Batch.Results.HasFinal.AsSpan().Contains(true))
        {
            return;
        }

        var slots = new List<int>(_rowCount);
        foreach (var slot in Rows)
        {
            if (Batch.Results.HasFinal[slot])
            {
                slots.Add(slot);
            }
        }

        _writer.Write(
            _observe, CollectionsMarshal.AsSpan(slots), Moment.Final, page, page.Step!.FinalObservations);
    }

    private ByteString ShowRewards(HeldBuffer buffer)
    {
        var target = buffer.Reserve<float>(_rowCount);
        for (var row = 0; row < _rowCount; row++)
        {
            target[row] = (float)Batch.Results.Rewards[_rows[row]];
        }

        return buffer.Show(_rowCount * sizeof(float));
    }

    private ByteString ShowFlags(HeldBuffer buffer, bool[] flags)
    {
        var target = buffer.Reserve(_rowCount);
        for (var row = 0; row < _rowCount; row++)
        {
            target[row] = flags[_rows[row]] ? (byte)1 : (byte)0;
        }

        return buffer.Show(_rowCount);
    }
}
