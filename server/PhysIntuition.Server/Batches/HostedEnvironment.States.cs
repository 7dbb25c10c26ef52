using Google.Protobuf;
using PhysIntuition.Environments.Batches;
using PhysIntuition.Server.Faults;
using PhysIntuition.V1;

namespace PhysIntuition.Server.Batches;

/// <content>States as values.</content>
internal sealed partial class HostedEnvironment
{
    private static readonly ObservationRequest s_picture = new() { Names = { "rgb" } };

    /// <summary>Puts captured states into slots.</summary>
    public void Restore(RestoreRequest request, List<ReadOnlyMemory<byte>> states)
    {
        ReadMask(request.Mask);
        _observe = ReadObserve(request.Observe);
        if (request.Sources.Count != 0 && request.Sources.Count != _rowCount)
        {
            Throw.WrongLength("sources", request.Sources.Count, _rowCount, "entries", $"uint32[{_rowCount}]");
        }

        for (var row = 0; row < _rowCount; row++)
        {
            var source = request.Sources.Count > 0 ? request.Sources[row] : (uint)row;
            if (source >= states.Count)
            {
                Throw.OutOfRange($"sources[{row}]", source, $"the snapshot holds the slots 0 to {states.Count - 1}",
                    "Choose among these, or mask the slot out.");
            }
        }

        for (var row = 0; row < _rowCount; row++)
        {
            var source = request.Sources.Count > 0 ? (int)request.Sources[row] : row;
            Batch.Restore(_rows[row], states[source].Span);
        }
    }

    /// <summary>Makes every slot equal to a slot of another environment.</summary>
    public Page BecomeForkOf(HostedEnvironment origin, int[] slots, ObservationRequest? observe, ForkReply reply)
    {
        for (var slot = 0; slot < slots.Length; slot++)
        {
            Batch.Fork(slot, origin.Batch, slots[slot]);
        }

        return ShowFork(observe, reply);
    }

    /// <summary>Shows a fork once more to a client that lost the reply.</summary>
    public Page ShowFork(ObservationRequest? observe, ForkReply reply)
    {
        ReadMask(ByteString.Empty);
        _observe = ReadObserve(observe);
        var page = FinishReset(stepId: 0);
        reply.Observations.Add(page.Reset!.Observations);
        return page;
    }

    /// <summary>Checks what a render request wants.</summary>
    public ObservationPlan ReadPictures(ObservationRequest? request, int rows)
    {
        var asked = request ?? s_picture;
        if (asked.Names.Count == 0)
        {
            asked = asked.Clone();
            asked.Names.Add("rgb");
        }

        var plan = Plan.ToObservationPlan(asked, _services.Quota.Limits);
        CheckReplyBytes(plan, rows);
        return plan;
    }
}
