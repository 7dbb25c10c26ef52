namespace PhysIntuition.Client;

/// <summary>What a reply says of how its episodes went, shortened to be compared within this process.</summary>
/// <param name="Ends">Of rewards and ends.</param>
/// <param name="Hashes">Of the hashes that were asked for; null: none, or they came through shared memory.</param>
internal readonly record struct ReplyOutcome(int Ends, int? Hashes)
{
    /// <summary>Whether an observation is a hash.</summary>
    public static bool IsHash(string name) => name is "scene_hash" or "outcome_hash";

    /// <summary>Of a reply to Reset, Step or Restore.</summary>
    public static ReplyOutcome Of(RunReply reply)
    {
        var ends = new HashCode();
        if (reply.Step is { } step)
        {
            ends.AddBytes(step.Rewards.Span);
            ends.AddBytes(step.Terminated.Span);
            ends.AddBytes(step.Truncated.Span);
            ends.AddBytes(step.Started.Span);
        }

        HashCode? hashes = null;
        foreach (var observation in (reply.Step?.Observations ?? reply.Reset!.Observations))
        {
            if (IsHash(observation.Name) && observation.Tensor is { Data.IsEmpty: false } tensor)
            {
                var sum = hashes ?? new HashCode();
                sum.AddBytes(tensor.Data.Span);
                hashes = sum;
            }
        }

        return new ReplyOutcome(ends.ToHashCode(), hashes?.ToHashCode());
    }

    /// <summary>Whether another reply to the same call says the same.</summary>
    public bool Fits(ReplyOutcome other) =>
        Ends == other.Ends && (Hashes is null || other.Hashes is null || Hashes == other.Hashes);
}
