using PhysIntuition.Environments.Batches;
using PhysIntuition.Environments.Options;
using PhysIntuition.Environments.Tasks;

namespace PhysIntuition.Environments.Tests.Splits;

/// <summary>No scene of a split or suite is a scene of another.</summary>
public sealed class DisjointSplitsTests
{
    private const int Scenes = 8;

    public static TheoryData<string> Tasks => Given.Tasks;

    [Theory]
    [MemberData(nameof(Tasks))]
    public void Reset_SameSeedsInEverySplit_ShareNoScene(string id)
    {
        var hashes = Enum.GetValues<Split>().SelectMany(split => Hashes(id, split, suite: null)).ToList();

        Assert.Equal(hashes.Count, hashes.Distinct().Count());
    }

    [Theory]
    [MemberData(nameof(Tasks))]
    public void Reset_SuitesOfOneAxis_ShareNoScene(string id)
    {
        var spec = TaskCatalog.Find(id).Spec;
        foreach (var axis in SuiteCatalog.Of(spec).GroupBy(suite => suite.Axis))
        {
            // A single block that is red whatever the palette has no other colour to show.
            var hashes = axis.SelectMany(suite => Hashes(id, Split.Test, suite)).ToList();
            Assert.True(hashes.Count == hashes.Distinct().Count() || (id, axis.Key) == ("PushRest-v1", "colour"),
                $"{id}: suites of {axis.Key} share scenes.");
        }
    }

    [Theory]
    [MemberData(nameof(Tasks))]
    public void Reset_SuitesToTestWith_ShareNoSceneWithWhatIsTrainedOn(string id)
    {
        var trained = Hashes(id, Split.Train, suite: null).ToHashSet();
        foreach (var suite in SuiteCatalog.Of(TaskCatalog.Find(id).Spec))
        {
            Assert.DoesNotContain(Hashes(id, Split.Test, suite), trained.Contains);
        }
    }

    [Fact]
    public void Reset_TasksOfOneFamily_ShareNoScene()
    {
        foreach (var family in (string[][])[["Offset-v1", "OffsetRetry-v1", "OffsetX-v1"],
            ["PyramidStability-v1", "RedRemove-v1"], ["Collision-v1", "CollisionStop-v1"]])
        {
            var hashes = family.SelectMany(id => Hashes(id, Split.Train, suite: null)).ToList();
            Assert.Equal(hashes.Count, hashes.Distinct().Count());
        }
    }

    [Theory]
    [MemberData(nameof(Tasks))]
    public void Open_Examples_AreTrainingScenesAndNeverTheQuestionsOwn(string id)
    {
        var batch = Given.Batch(id, 8, Split.Test, options: """{"examples":5}""");
        batch.Reset(0);
        for (var slot = 0; slot < 8; slot++)
        {
            var examples = ExampleBatch.Open(batch, slot);

            Assert.Equal((5, Split.Train), (examples.Slots, examples.Options.Split));
            Assert.Equal(5, examples.Results.SceneHashes.Distinct().Count());
            Assert.DoesNotContain(batch.Results.SceneHashes[slot], examples.Results.SceneHashes);
        }
    }

    [Fact]
    public void Open_TwiceOrInAnotherSlot_IsAlikeForOneSeedOnly()
    {
        var batch = Given.Batch("Offset-v1", 2, options: """{"examples":3}""");
        batch.Reset(default, [5, 6]);
        var moved = Given.Batch("Offset-v1", 2, options: """{"examples":3}""");
        moved.Reset(default, [6, 5]);

        var (first, second) = (ExampleBatch.Open(batch, 0), ExampleBatch.Open(batch, 1));

        Assert.Equal(first.Results.SceneHashes, ExampleBatch.Open(moved, 1).Results.SceneHashes);
        Assert.Empty(first.Results.SceneHashes.Intersect(second.Results.SceneHashes));
    }

    private static ulong[] Hashes(string id, Split split, Suite? suite)
    {
        var task = TaskCatalog.Find(id);
        var options = new SplitChoice(split, suite).Apply(OptionsReader.DefaultsOf(task.Spec));
        var batch = new EnvironmentBatch(
            task, new BatchOptions { Slots = Scenes, Split = split, Task = options }, Given.Simulator);
        batch.Reset(1000);

        return batch.Results.SceneHashes;
    }
}
