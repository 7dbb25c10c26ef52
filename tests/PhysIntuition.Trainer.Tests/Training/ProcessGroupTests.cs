namespace PhysIntuition.Trainer.Training;

/// <param name="together">Any number of processes.</param>
[Collection(TogetherTests.Name)]
public sealed class ProcessGroupTests(Together together)
{
    private readonly ProcessGroup _group = together.Group;

    [Fact]
    public void Sum_AnyProcesses_AddsInTheOrderOfTheRanks()
    {
        // The order shows: (1e16 + -1e16) + 1 is 1, and 1e16 + (-1e16 + 1) is 0.
        double[] values = [1e16, -1e16, 1];

        Assert.Equal(values.Take(_group.Size).Aggregate((sum, value) => sum + value), _group.Sum(values[_group.Rank]));
    }

    [Fact]
    public void SumPieces_SeveralOfEach_AddsInTheOrderOfThePieces()
    {
        double[] values = [1e16, 1, -1e16, 1, 3, 1e16, 7, -1e16, 5, 0.1, 0.2, 0.3];
        var sum = 0.0;
        foreach (var value in values)
        {
            sum += value;
        }

        var sums = _group.SumPieces([.. _group.ShareOf(values.Length).Select(i => new[] { values[i], i })]);

        Assert.Equal([sum, 66], sums);
    }

    [Fact]
    public void Collect_PiecesOfAnyLength_ComeInTheirOrder()
    {
        var all = _group.Collect([.. _group.ShareOf(6).Select(
            piece => Enumerable.Repeat((double)piece, piece % 3).ToArray())]);

        Assert.Equal([[], [1], [2, 2], [], [4], [5, 5]], all);
    }

    [Fact]
    public void FromFirst_AnyProcess_GetsTheFirstOnesNumber() => Assert.Equal(7, _group.FromFirst(_group.Rank + 7));

    [Fact]
    public void Max_AnyProcess_GetsTheLargest() => Assert.Equal(_group.Size + 1, _group.Max(_group.Rank + 2));

    [Fact]
    public void ShareOf_AllProcesses_CoverEveryPieceOnceAndEvenly()
    {
        var own = _group.ShareOf(12);

        Assert.Equal(12 / _group.Size, own.Length);
        Assert.Equal(Enumerable.Range(0, 12),
            _group.Collect([[.. own.Select(piece => (double)piece)]]).SelectMany(piece => piece).Order()
                .Select(piece => (int)piece));
    }

    [Fact]
    public void StopsFor_OneThatIsTold_StopsAll()
    {
        using var stop = new CancellationTokenSource();
        Assert.False(_group.StopsFor(stop.Token));
        if (_group.Rank == _group.Size - 1)
        {
            stop.Cancel();
        }

        Assert.True(_group.StopsFor(stop.Token));
        Assert.True(_group.HasStopped);
    }

    [Fact]
    public void DeviceOf_SeveralProcesses_GivesEachItsOwnGpu()
    {
        Assert.Equal(_group.Size == 1 ? "cuda" : $"cuda:{_group.Rank}", _group.DeviceOf("cuda"));
        Assert.Equal("cuda:2", _group.DeviceOf("cuda:2"));
        Assert.Equal("cpu", _group.DeviceOf("cpu"));
    }

    [Fact]
    public void NullReference_BesideOpenMpi_IsStillAnException()
    {
        string? nothing = null;

        // Open MPI has handlers of signals, too; this one must stay the runtime's.
        Assert.Throws<NullReferenceException>(() => nothing!.Length);
    }
}
