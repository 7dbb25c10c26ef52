using PhysIntuition.Environments.Players;
using PhysIntuition.Environments.Splits;
using PhysIntuition.Environments.Tasks;

namespace PhysIntuition.Environments.Tests.Checks;

public sealed class PlayerTests
{
    private const int Episodes = 100;

    public static TheoryData<string> Tasks => Given.Tasks;

    [Theory]
    [MemberData(nameof(Tasks))]
    public void Play_Heuristic_BeatsTheFloor(string id)
    {
        var task = TaskCatalog.Find(id);
        var match = new Match(task, new SplitChoice(Split.Test, null), Given.Simulator, Given.Renderer);
        IPlayer heuristic = task is IPictureTask ? new VisionPlayer() : new GeometricPlayer();
        var (floor, top) = (match.Play(new RandomPlayer(), 0, Episodes)!.Average(), task.Spec.Anchors.Perfect);

        var score = match.Play(heuristic, 0, Episodes)!.Average();

        Assert.True(score > floor + (0.4 * (top - floor)),
            $"{id}: {heuristic.Name} {score:0.000}, random {floor:0.000}");
    }

    [Fact]
    public void Play_VisionOnStability_BeatsTheFloorFromPixelsAlone()
    {
        var match = new Match(new Stability(), new SplitChoice(Split.Test, null), Given.Simulator, Given.Renderer);

        Assert.True(match.Play(new VisionPlayer(), 0, Episodes)!.Average() > 0.62);
    }
}
