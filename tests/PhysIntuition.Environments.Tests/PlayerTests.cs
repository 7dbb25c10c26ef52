using PhysIntuition.Environments.Options;
using PhysIntuition.Environments.Players;
using PhysIntuition.Environments.Tasks;

namespace PhysIntuition.Environments.Tests;

public sealed class PlayerTests
{
    private const int Episodes = 100;

    public static TheoryData<string> Tasks => Given.Tasks;

    // Push asks for places on the ground, which cannot be read without the camera.
    public static TheoryData<string> VisionTasks =>
        [.. Given.Tasks.Select(row => row.Data).Where(id => id != "Push-v1")];

    [Theory]
    [MemberData(nameof(Tasks))]
    public void Play_Heuristic_BeatsTheFloor(string id)
    {
        var task = TaskCatalog.Find(id);
        var match = new Match(task, new SplitChoice(Split.Test, null), Given.Simulator, Given.Renderer);
        var heuristic = Given.HeuristicOf(task);
        var (floor, top) = (match.Play(ScriptedPlayers.Random, 0, Episodes)!.Average(), task.Spec.Anchors.Perfect);

        var score = match.Play(heuristic, 0, Episodes)!.Average();

        Assert.True(score > floor + (0.4 * (top - floor)),
            $"{id}: {heuristic.Name} {score:0.000}, random {floor:0.000}");
    }

    [Theory]
    [MemberData(nameof(VisionTasks))]
    public void Play_Vision_BeatsTheFloorFromPixelsAlone(string id)
    {
        var task = TaskCatalog.Find(id);
        var match = new Match(task, new SplitChoice(Split.Train, null), Given.Simulator, Given.Renderer);
        var (floor, top) = (match.Play(ScriptedPlayers.Random, 0, 2 * Episodes)!.Average(), task.Spec.Anchors.Perfect);

        var score = match.Play(ScriptedPlayers.Vision, 0, 2 * Episodes)!.Average();

        Assert.True(score > floor + (0.1 * (top - floor)), $"{id}: vision {score:0.000}, random {floor:0.000}");
    }

    // It reads 7 in 10 structures to the end; the others have light or like-coloured blocks that touch.
    [Fact]
    public void Play_VisionOnBuild_BuildsMoreThanHalfOfWhatTheStructureIs()
    {
        var match = new Match(TaskCatalog.Find("Build-v1"), new SplitChoice(Split.Train, null), Given.Simulator,
            Given.Renderer);

        Assert.InRange(match.Play(ScriptedPlayers.Vision, 0, Episodes)!.Average(), 0.5, 1);
    }

    [Theory]
    [MemberData(nameof(Tasks))]
    public void Play_NoisyEyes_AreNoBetterThanExactOnesAndBetterThanChance(string id)
    {
        var task = TaskCatalog.Find(id);
        var match = new Match(task, new SplitChoice(Split.Test, null), Given.Simulator, Given.Renderer);
        if (match.Play(ScriptedPlayers.Geometric, 0, 1) is null)
        {
            Assert.Null(match.Play(new NoisyPlayer(), 0, 1)); // No geometry, nothing to be unsure about.
            return;
        }

        var (random, noisy, exact) =
            (Mean(ScriptedPlayers.Random), Mean(new NoisyPlayer()), Mean(ScriptedPlayers.Geometric));

        var slack = 0.05 * (task.Spec.Anchors.Perfect - task.Spec.Anchors.Random);
        Assert.InRange(noisy, random + slack, exact + slack);

        double Mean(IPlayer player) => match.Play(player, 0, Episodes)!.Average();
    }
}
