using PhysIntuition.Vlm.Generation;
using PhysIntuition.Vlm.Models;
using PhysIntuition.Vlm.Tokenization;

namespace PhysIntuition.Trainer.Rollouts;

/// <summary>Episodes of a scene as a group, several groups as a batch, and groups of the past.</summary>
public sealed class EpisodeGroupTests
{
    [Fact]
    public void Join_OneGroupThatEndedEarlier_LeavesItOutOfTheLaterTurns()
    {
        EpisodeGroup[] groups =
        [
            new([Of([10], [1, 2], [0, 1])], [1, 2], [true, true]),
            new([Of([30], [8, 9], [0, 1]), Of([31], [7], [1])], [3, 4], [true, false]),
        ];

        var turns = EpisodeGroup.Join(groups, each: 2);

        Assert.Equal(2, turns.Length);
        Assert.Equal([0, 1, 2, 3], turns[0].Rows);
        Assert.Equal([10, 30], turns[0].Prompts.Select(prompt => prompt.Ids[0]));
        Assert.Equal([3], turns[1].Rows);   // row 1 of the second group
        Assert.Equal([7], turns[1].Groups.SelectMany(answers => answers).Select(answer => answer.TokenIds[0]));
    }

    [Fact]
    public void Join_GroupsInAnotherOrder_CountsRowsByTheirPlaces()
    {
        EpisodeGroup first = new([Of([1], [5, 6], [0, 1])], [0, 0], [true, true]);
        EpisodeGroup second = new([Of([2], [7, 8], [0, 1])], [0, 0], [true, true]);

        var turn = Assert.Single(EpisodeGroup.Join([second, first], each: 2));

        Assert.Equal([2, 1], turn.Prompts.Select(prompt => prompt.Ids[0]));
        Assert.Equal([7, 8, 5, 6], turn.Groups.SelectMany(answers => answers).Select(answer => answer.TokenIds[0]));
        Assert.Equal([0, 1, 2, 3], turn.Rows);
    }

    [Fact]
    public void Restore_WhatWasSaved_IsTheSameToTheLastBit()
    {
        using var folder = new TemporaryFolder();
        var picture = new ImagePatches([0.1f, float.Epsilon, -0f], new PatchGrid(1, 2, 3));
        var shown = new EncodedChat([1, 2], [false, true], [picture]);
        var saved = new ReplayBuffer(4);
        saved.Add([new EpisodeGroup(
            [new Exchange([shown], [[new Completion([9, 8], [-0.5f, -1e-20f], false)]], [0], ["Offset-v1"])],
            [1 / 3.0], [false])]);
        saved.Save(folder.Root);

        var read = new ReplayBuffer(4);
        read.Restore(folder.Root);
        var group = Assert.Single(read.Draw(9, seed: 1));

        var turn = Assert.Single(group.Turns);
        Assert.Equal((1 / 3.0, false, true), (group.Returns[0], group.AreReadable[0], group.IsPast));
        Assert.Equal("Offset-v1", Assert.Single(turn.Tasks));
        Assert.Equal([9, 8], turn.Groups[0][0].TokenIds);
        Assert.Equal([-0.5f, -1e-20f], turn.Groups[0][0].LogProbabilities);
        Assert.False(turn.Groups[0][0].IsStopped);
        var prompt = Assert.Single(turn.Prompts);
        Assert.Equal([false, true], prompt.IsAnswer);
        Assert.Equal(picture.Values.Select(BitConverter.SingleToInt32Bits),
            Assert.Single(prompt.Images).Values.Select(BitConverter.SingleToInt32Bits));
        Assert.Equal(picture.Grid, prompt.Images[0].Grid);
    }

    [Fact]
    public void Save_BufferThatKeepsNothing_WritesNoFile()
    {
        using var folder = new TemporaryFolder();
        var none = new ReplayBuffer(0);
        none.Add([new EpisodeGroup([], [1], [true])]);
        none.Save(folder.Root);
        none.Restore(folder.Root);

        Assert.Equal(0, none.Count);
        Assert.Empty(Directory.GetFileSystemEntries(folder.Root));
    }

    private static EncodedChat Prompt(int id) => new([id], [false], []);

    private static Completion Text(int id) => new([id], [-1], true);

    private static Exchange Of(int[] prompts, int[] answers, int[] rows) => new(
        [.. prompts.Select(Prompt)],
        [.. answers.Chunk(answers.Length / prompts.Length).Select(some => some.Select(Text).ToArray())], rows,
        [.. prompts.Select(_ => "A")]);
}
