using PhysIntuition.Simulation;
using PhysIntuition.Vlm.Generation;
using PhysIntuition.Vlm.Models;
using PhysIntuition.Vlm.Tokenization;

namespace PhysIntuition.Trainer.Rollouts;

/// <summary>What replay keeps, and that a checkpoint holds every number of it.</summary>
public sealed class ReplayBufferTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Restore_SavedGroups_HaveEveryNumberBack()
    {
        var random = new RandomStream(21);
        EpisodeGroup[] groups = [.. Enumerable.Range(0, 5).Select(_ => Draw(ref random))];
        var (saved, restored) = (new ReplayBuffer(5), new ReplayBuffer(5));
        saved.Add(groups);
        Directory.CreateDirectory(_folder.At("one"));
        Directory.CreateDirectory(_folder.At("two"));

        saved.Save(_folder.At("one"));
        restored.Restore(_folder.At("one"));
        restored.Save(_folder.At("two"));

        Assert.Equal(File.ReadAllBytes(_folder.At("one/replay.bin")), File.ReadAllBytes(_folder.At("two/replay.bin")));
        Assert.Equal(5, restored.Count);
        foreach (var (own, other) in saved.Draw(5, seed: 3).Zip(restored.Draw(5, seed: 3)))
        {
            AssertEqual(own, other);
        }
    }

    [Fact]
    public void Restore_OverOtherGroups_LeavesNoneOfThem()
    {
        var random = new RandomStream(22);
        var (saved, restored) = (new ReplayBuffer(4), new ReplayBuffer(4));
        saved.Add([Draw(ref random)]);
        restored.Add([Draw(ref random), Draw(ref random), Draw(ref random)]);

        saved.Save(_folder.Root);
        restored.Restore(_folder.Root);

        Assert.Equal(1, restored.Count);
        AssertEqual(saved.Draw(1, seed: 0)[0], restored.Draw(1, seed: 0)[0]);
    }

    [Fact]
    public void Save_BufferThatKeepsNothing_WritesNoFileAndRestoresWithoutOne()
    {
        var none = new ReplayBuffer(0);
        var random = new RandomStream(23);
        none.Add([Draw(ref random)]);

        none.Save(_folder.Root);
        none.Restore(_folder.Root);

        Assert.Equal(0, none.Count);
        Assert.Empty(Directory.GetFiles(_folder.Root));
    }

    [Fact]
    public void Draw_ManySeeds_TakesEachGroupAlikeOften()
    {
        var buffer = new ReplayBuffer(4);
        buffer.Add([.. Enumerable.Range(0, 4).Select(i => new EpisodeGroup([], [i], [true]))]);

        var counts = Enumerable.Range(0, 800).Select(seed => buffer.Draw(1, (ulong)seed)[0].Returns[0])
            .CountBy(earned => earned).ToDictionary();

        // Four standard deviations of 800 draws with a chance of a quarter: 4 sqrt(150) is 49.
        Assert.Equal(4, counts.Count);
        Assert.All(counts.Values, count => Assert.InRange(count, 200 - 49, 200 + 49));
    }

    private static void AssertEqual(EpisodeGroup own, EpisodeGroup other)
    {
        Assert.Equal(own.Returns, other.Returns);
        Assert.Equal(own.AreReadable, other.AreReadable);
        Assert.Equal(own.Turns.Length, other.Turns.Length);
        foreach (var (turn, read) in own.Turns.Zip(other.Turns))
        {
            Assert.Equal(turn.Rows, read.Rows);
            Assert.Equal(turn.Tasks, read.Tasks);
            foreach (var (prompt, back) in turn.Prompts.Zip(read.Prompts))
            {
                Assert.Equal(prompt.Ids, back.Ids);
                Assert.Equal(prompt.IsAnswer, back.IsAnswer);
                Assert.Equal(prompt.Images.Select(image => image.Grid), back.Images.Select(image => image.Grid));
                Assert.Equal(
                    prompt.Images.SelectMany(image => image.Values), back.Images.SelectMany(image => image.Values));
            }

            Assert.Equal(turn.Groups.Select(each => each.Length), read.Groups.Select(each => each.Length));
            foreach (var (answer, back) in turn.Groups.SelectMany(all => all).Zip(read.Groups.SelectMany(all => all)))
            {
                Assert.Equal(answer.TokenIds, back.TokenIds);
                Assert.Equal(answer.LogProbabilities, back.LogProbabilities);
                Assert.Equal(answer.IsStopped, back.IsStopped);
            }
        }
    }

    // Two episodes of one scene, the first of one turn and the second of two.
    private static EpisodeGroup Draw(ref RandomStream random)
    {
        string[] task = ["Größe-v1"];
        var first = new Exchange([Prompt(ref random)], [[Answer(ref random), Answer(ref random)]], [0, 1], task);
        var second = new Exchange([Prompt(ref random)], [[Answer(ref random)]], [1], task);

        return new([first, second], [random.NextFloat(), -random.NextFloat()], [true, random.NextInt(0, 2) == 0]);
    }

    private static EncodedChat Prompt(ref RandomStream random)
    {
        var (ids, isAnswer, values) = (new int[random.NextInt(1, 9)], new List<bool>(), new float[24]);
        for (var i = 0; i < ids.Length; i++)
        {
            ids[i] = random.NextInt(0, 150_000);
            isAnswer.Add(random.NextInt(0, 2) == 0);
        }

        for (var i = 0; i < values.Length; i++)
        {
            values[i] = random.NextFloat(-1f, 1f);
        }

        return new(ids, [.. isAnswer], [new ImagePatches(values, new PatchGrid(1, 2, 4))]);
    }

    private static Completion Answer(ref RandomStream random) => new(
        [random.NextInt(0, 99), random.NextInt(0, 99)], [-random.NextFloat(), float.NegativeInfinity],
        random.NextInt(0, 2) == 0);
}
