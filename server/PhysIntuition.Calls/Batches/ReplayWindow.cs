namespace PhysIntuition.Server.Batches;

/// <summary>The last numbered replies of an environment: a repeated request is answered, not done again.</summary>
/// <param name="capacity">Replies kept.</param>
internal sealed class ReplayWindow(int capacity)
{
    private readonly ReplyBuffer?[] _pages = new ReplyBuffer?[capacity];

    /// <summary>Replies kept.</summary>
    public int Capacity => capacity;

    /// <summary>The number of the last numbered request that was carried out; 0: none.</summary>
    public ulong Last { get; private set; }

    /// <summary>The recorded reply to a repeated number, held for the caller; null: it is the next number.</summary>
    public ReplyBuffer? Find(ulong number)
    {
        if (number == 0 || number == Last + 1)
        {
            return null;
        }

        if (number <= Last && Last - number < (ulong)capacity && _pages[number % (ulong)capacity] is { } page)
        {
            page.Hold();
            return page;
        }

        Throw.OutOfOrder("step_id", "WRONG_STEP_ID", number > Last
            ? $"'step_id' is {number}; the next one is {Last + 1}. Send the requests before it first."
            : $"'step_id' is {number}; only replies {Oldest} to {Last} are kept. Create with a larger replay_window.");
        return null;
    }

    /// <summary>Goes on behind requests that were carried out elsewhere; their replies are not kept.</summary>
    /// <param name="last">The number of the last of them.</param>
    public void GoOnAfter(ulong last) => Last = last;

    /// <summary>Keeps the reply to a numbered request.</summary>
    public void Add(ulong number, ReplyBuffer page)
    {
        if (number == 0)
        {
            return;
        }

        page.Hold();
        ref var place = ref _pages[number % (ulong)capacity];
        place?.Release();
        place = page;
        Last = number;
    }

    private ulong Oldest => Last < (ulong)capacity ? 1 : Last - (ulong)capacity + 1;
}
