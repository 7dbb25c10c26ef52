namespace PhysIntuition.Environments.Batches;

/// <content>Episodes that slots will come to, and what the next step gives before it is done.</content>
public sealed partial class EnvironmentBatch
{
    private bool _showsNext;           // after the step under way
    private EnvironmentBatch? _next;   // holds next episodes while they are shown; null: none ever were

    /// <summary>Begins episodes that slots will come to by their own streams of seeds, as far as that needs no
    /// simulation. Changes no episode, and nothing of what can be seen of the batch, so that it may be read
    /// meanwhile.</summary>
    /// <param name="isWanted">Asked before each: whether somebody waits for the batch or the thread.</param>
    public void PrepareAhead(Func<bool> isWanted)
    {
        CheckIdle();
        _source.Prepare(isWanted);
    }

    /// <summary>Shows what the next step gives where every episode has ended: each slot in its next episode. Changes
    /// nothing of what can be seen of this batch.</summary>
    /// <param name="read">Reads a batch that is as this one will be after that step; it must not be kept.</param>
    /// <returns>Whether it was read: not where an episode goes on, or a next one wants simulation.</returns>
    public bool TryShowNext(Action<EnvironmentBatch> read)
    {
        CheckIdle();
        if (Options.Autoreset != AutoresetMode.NextStep || !Array.TrueForAll(_slots, slot => slot is
            { IsOpen: true, IsDone: true, KeepsTurns: false } && _source.FindNext(slot) is not null))
        {
            return false;
        }

        _next ??= new EnvironmentBatch(Task, Options, Simulator, Renderer);
        ExchangeNext();
        try
        {
            read(_next);
        }
        finally
        {
            ExchangeNext();
        }

        return true;
    }

    private void ExchangeNext()
    {
        for (var i = 0; i < _slots.Length; i++)
        {
            var (shown, draft) = (_next!._slots[i], _slots[i].Ahead!.Peek()!);
            (shown.Episode, draft.Episode) = (draft.Episode, shown.Episode);
            shown.IsOpen = true;
            _next.Results.Clear(i);
            _next.Results.SetEpisode(i, shown.Episode);
        }
    }
}
