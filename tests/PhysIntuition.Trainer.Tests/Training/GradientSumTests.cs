using System.Net;
using System.Net.Sockets;
using PhysIntuition.Vlm.Testing;
using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace PhysIntuition.Trainer.Training;

/// <summary>What several processes have of one another's gradients and numbers.</summary>
public sealed class GradientSumTests
{
    private static readonly TimeSpan s_patience = TimeSpan.FromMinutes(1);

    public GradientSumTests() => NativeTorch.Require();

    [Fact]
    public async Task Exchange_ThreeProcesses_GivesEachTheSumOfAll()
    {
        var gradients = await Everywhere(3, team =>
        {
            using var first = Of([0, 0]);
            using var second = Of([0, 0, 0]);
            Learn(first, [1 << team.Rank, -team.Rank]);
            Learn(second, [team.Rank, 10 * team.Rank, 0.5f]);
            GradientSum.Exchange(team, [first, second]);
            return (first.grad!.data<float>().ToArray(), second.grad!.data<float>().ToArray());
        });

        Assert.All(gradients, own =>
        {
            Assert.Equal([7f, -3], own.Item1);
            Assert.Equal([3f, 30, 1.5f], own.Item2);
        });
    }

    [Fact]
    public void Exchange_Alone_LeavesGradientsAsTheyAre()
    {
        using var parameter = Of([0, 0]);
        Learn(parameter, [3, -4]);

        GradientSum.Exchange(ProcessGroup.Alone, [parameter]);

        Assert.Equal([3f, -4], parameter.grad!.data<float>().ToArray());
    }

    [Fact]
    public async Task Exchange_ParameterThatNobodyUsed_StaysWithoutGradient()
    {
        var hasGradient = await Everywhere(2, team =>
        {
            using var used = Of([0]);
            using var unused = Of([0, 0]);
            Learn(used, [1]);
            GradientSum.Exchange(team, [unused, used]);
            return (unused.grad is not null, used.grad!.data<float>()[0]);
        });

        Assert.All(hasGradient, own => Assert.Equal((false, 2f), own));
    }

    [Theory]
    [InlineData(1, 7)]
    [InlineData(2, 7)]
    [InlineData(3, 7)]
    [InlineData(4, 3)]
    [InlineData(4, 16)]
    public async Task ShareOf_AnyPieces_CoversEachOnceInOrderAndEvenly(int size, int pieces)
    {
        var shares = await Everywhere(size, team => Enumerable.Range(0, pieces).Take(team.ShareOf(pieces)).ToArray());

        Assert.Equal(Enumerable.Range(0, pieces), shares.SelectMany(share => share));
        Assert.InRange(shares.Max(share => share.Length) - shares.Min(share => share.Length), 0, 1);
    }

    [Fact]
    public async Task SumAndAverage_NamedNumbers_AreAddedByName()
    {
        var seen = await Everywhere(2, team =>
        {
            // Written in another order by each.
            var names = team.Rank == 0 ? (string[])["loss", "tokens"] : ["tokens", "loss"];
            var values = names.ToDictionary(name => name, name => (name == "loss" ? 1.5 : 100) * (team.Rank + 1));
            team.Average(values);
            return (values["loss"], values["tokens"], team.Sum(team.Rank + 1.0));
        });

        Assert.All(seen, own => Assert.Equal((2.25, 150.0, 3.0), own));
    }

    [Fact]
    public void Alone_AnySum_IsTheNumberItself()
    {
        Assert.Equal(4.5, ProcessGroup.Alone.Sum(4.5));
        Assert.Equal(4.5, ProcessGroup.Alone.FromFirst(4.5));
        Assert.True(ProcessGroup.Alone.IsFirst);
        Assert.Equal(0..9, ProcessGroup.Alone.ShareOf(9));
    }

    private static async Task<T[]> Everywhere<T>(int size, Func<ProcessGroup, T> work)
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        var rendezvous = listener.LocalEndpoint.ToString()!;
        return await Task.WhenAll(Enumerable.Range(0, size).Select(rank => Task.Factory.StartNew(
            () =>
            {
                using var team = size == 1 ? ProcessGroup.Open(0, 1, "") : rank == 0 ? ProcessGroup.Lead(listener, size)
                    : ProcessGroup.Open(rank, size, rendezvous);
                return work(team);
            }, TaskCreationOptions.LongRunning))).WaitAsync(s_patience);
    }

    private static Parameter Of(float[] values) => nn.Parameter(tensor(values));

    private static void Learn(Parameter parameter, float[] gradient)
    {
        using var scope = NewDisposeScope();
        (parameter * tensor(gradient)).sum().backward();
    }
}
