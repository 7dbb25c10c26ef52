using System.IO.Hashing;
using System.Runtime.InteropServices;
using PhysIntuition.Environments.Batches;
using PhysIntuition.V1;

namespace PhysIntuition.Server.Cluster;

/// <summary>What calls answered and led to, in 64 bits: an environment that is rebuilt must come to the same.</summary>
internal sealed class OutcomeHash
{
    private readonly XxHash64 _hash = new();

    /// <summary>Adds a reply; observations follow from the state.</summary>
    public void Add(RunReply reply)
    {
        if (reply.ResultCase == RunReply.ResultOneofCase.Step)
        {
            _hash.Append(reply.Step.Rewards.Span);
            _hash.Append(reply.Step.Terminated.Span);
            _hash.Append(reply.Step.Truncated.Span);
            _hash.Append(reply.Step.Started.Span);
        }
    }

    /// <summary>Adds where the slots are, and ends.</summary>
    public ulong Of(EnvironmentBatch batch)
    {
        for (var slot = 0; slot < batch.Slots; slot++)
        {
            if (batch.IsOpen(slot))
            {
                var episode = batch.EpisodeFor(slot);
                ReadOnlySpan<ulong> state = [(ulong)slot, episode.Seed, episode.SceneHash, episode.OutcomeHash];
                _hash.Append(MemoryMarshal.AsBytes(state));
            }
        }

        return _hash.GetCurrentHashAsUInt64();
    }
}
