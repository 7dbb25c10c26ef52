using System.Net;
using System.Net.Sockets;

namespace PhysIntuition.Trainer.Training;

public sealed class TeamTests
{
    [Fact]
    public async Task Sum_ThreeProcesses_AddsInTheOrderOfTheRanks()
    {
        // In float32 the order shows: (1e8 + -1e8) + 1 is 1, and 1e8 + (-1e8 + 1) is 0.
        float[] values = [1e8f, -1e8f, 1];

        var sums = await Everywhere(3, team =>
        {
            float[] own = [values[team.Rank], team.Rank];
            team.Sum<float>(own);
            return own;
        });

        Assert.All(sums, sum => Assert.Equal([1, 3], sum));
    }

    [Fact]
    public async Task FromFirst_AnyProcess_GetsTheFirstOnesNumber()
    {
        var seen = await Everywhere(2, team => team.FromFirst(team.Rank + 7));

        Assert.Equal([7, 7], seen);
    }

    [Fact]
    public async Task ShareOf_AllProcesses_CoverEveryPieceOnce()
    {
        var shares = await Everywhere(2, team => Enumerable.Range(0, 6).Take(team.ShareOf(6)).ToArray());

        Assert.Equal([[0, 1, 2], [3, 4, 5]], shares);
    }

    [Fact]
    public async Task Lead_TwoProcessesOfOneNumber_SaysWhichAndLeavesNobodyWaiting()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        using var first = new TcpClient();
        using var second = new TcpClient();
        foreach (var client in new[] { first, second })
        {
            client.Connect((IPEndPoint)listener.LocalEndpoint);
            client.GetStream().Write(BitConverter.GetBytes(1));
        }

        var thrown = Assert.Throws<IOException>(() => ProcessGroup.Lead(listener, 3));

        Assert.Contains("rank 1", thrown.Message);
        Assert.Equal(0, await first.GetStream().ReadAsync(new byte[1]).AsTask().WaitAsync(TimeSpan.FromMinutes(1)));
    }

    [Theory]
    [InlineData(2, 2, "a:1", "rank is 2")]
    [InlineData(0, 2, "nowhere", "HOST:PORT")]
    public void Open_WrongArguments_SaysWhich(int rank, int size, string rendezvous, string says) =>
        Assert.Contains(
            says, Assert.Throws<ArgumentException>(() => ProcessGroup.Open(rank, size, rendezvous)).Message);

    private static async Task<T[]> Everywhere<T>(int size, Func<ProcessGroup, T> work)
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        var rendezvous = listener.LocalEndpoint.ToString()!;
        return await Task.WhenAll(Enumerable.Range(0, size).Select(rank => Task.Run(() =>
        {
            using var team = rank == 0 ? ProcessGroup.Lead(listener, size) : ProcessGroup.Open(rank, size, rendezvous);
            return work(team);
        }))).WaitAsync(TimeSpan.FromMinutes(1));
    }
}
