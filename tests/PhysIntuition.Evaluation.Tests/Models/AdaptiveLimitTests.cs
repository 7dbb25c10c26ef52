using PhysIntuition.Evaluation.Models;

namespace PhysIntuition.Evaluation.Tests.Models;

/// <summary>Requests in flight: fewer when refused, more while it is quiet.</summary>
public sealed class AdaptiveLimitTests
{
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(60);

    [Theory]
    [InlineData(64, 20)]
    [InlineData(8, 8)]   // never more than --concurrency
    [InlineData(1, 1)]
    public void New_Start_IsAtMostTheMost(int most, int start) => Assert.Equal(start, new AdaptiveLimit(most).Current);

    [Fact]
    public void Refused_OverAndOver_LeavesOne()
    {
        var limit = new AdaptiveLimit(4, start: 4);

        var seen = Enumerable.Range(0, 12).Select(_ =>
        {
            limit.Refused();
            return limit.Current;
        }).ToArray();

        // 4 in flight refused together are one sign, then the 2 that are left, then each that is sent alone.
        Assert.Equal([2, 2, 2, 2, 1, 1, 1, 1, 1, 1, 1, 1], seen);
    }

    [Fact]
    public void Answered_AsOftenAsTheLimit_AddsOneUpToTheMost()
    {
        var limit = new AdaptiveLimit(4, start: 2);

        var seen = Enumerable.Range(0, 9).Select(_ =>
        {
            limit.Answered();
            return limit.Current;
        }).ToArray();

        Assert.Equal([2, 3, 3, 3, 4, 4, 4, 4, 4], seen);
    }

    [Fact]
    public void Refused_AfterGrowth_HalvesAgain()
    {
        var limit = new AdaptiveLimit(8, start: 4);
        limit.Refused();
        Assert.Equal(2, limit.Current);
        limit.Answered();
        limit.Answered();
        Assert.Equal(3, limit.Current);

        limit.Refused();

        Assert.Equal(1, limit.Current);
    }

    [Fact]
    public async Task Enter_Waiters_ComeInTheirOrder()
    {
        var limit = new AdaptiveLimit(1);
        var inside = await limit.EnterAsync(CancellationToken.None);
        Task<IDisposable>[] waiting = [limit.EnterAsync(default), limit.EnterAsync(default)];

        inside.Dispose();
        inside = await waiting[0].WaitAsync(s_patience, TestContext.Current.CancellationToken);
        Assert.False(waiting[1].IsCompleted);
        inside.Dispose();

        await waiting[1].WaitAsync(s_patience, TestContext.Current.CancellationToken);
    }

    [Fact]
    public async Task Enter_WaiterThatGaveUp_TakesNobodysPlace()
    {
        var limit = new AdaptiveLimit(1);
        using var impatience = new CancellationTokenSource();
        var inside = await limit.EnterAsync(CancellationToken.None);
        var gone = limit.EnterAsync(impatience.Token);
        var stays = limit.EnterAsync(CancellationToken.None);

        await impatience.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => gone);
        inside.Dispose();

        using var next = await stays.WaitAsync(s_patience, TestContext.Current.CancellationToken);
    }

    [Fact]
    public async Task Enter_AfterARefusal_WaitsUntilFewerAreInFlight()
    {
        var limit = new AdaptiveLimit(4, start: 4);
        var inside = new List<IDisposable>();
        for (var i = 0; i < 4; i++)
        {
            inside.Add(await limit.EnterAsync(CancellationToken.None));
        }

        limit.Refused();
        var waiting = limit.EnterAsync(CancellationToken.None);
        inside[0].Dispose();
        inside[1].Dispose();
        Assert.False(waiting.IsCompleted);   // two are still in flight, and two may be
        inside[2].Dispose();

        using var entered = await waiting.WaitAsync(s_patience, TestContext.Current.CancellationToken);
    }
}
