using PhysIntuition.Environments.Answers;
using PhysIntuition.Environments.Checks;
using PhysIntuition.Environments.Episodes;
using PhysIntuition.Environments.Options;
using PhysIntuition.Environments.Tasks;
using PhysIntuition.Rendering;
using PhysIntuition.Simulation.Bodies;

namespace PhysIntuition.Environments.Tests;

public sealed class EnvironmentCheckerTests
{
    private static readonly SplitChoice s_choice = new(Split.Test, null);

    [Theory]
    [InlineData("Stability-v1")]
    [InlineData("OffsetX-v1")]
    [InlineData("Collision-v1")]
    [InlineData("SslContrastive-v1")]
    [InlineData("Count-v1")]
    [InlineData("Order-v1")]
    [InlineData("Describe-v1")]
    [InlineData("Jenga-v1")]
    [InlineData("Build-v1")]
    public void Check_Task_FindsNoFault(string id)
    {
        var findings = Findings(TaskCatalog.Find(id));

        Assert.All(findings, finding => Assert.True(finding.Passed, finding.ToString()));
    }

    [Fact]
    public void Check_TaskWhoseColoursTellTheLabel_FindsTheLeak()
    {
        var findings = Findings(new Leaky());

        Assert.Contains(findings, finding => !finding.Passed && finding.Name.Contains("leaks",
            StringComparison.Ordinal));
    }

    [Fact]
    public void Check_TaskWhoseColoursTellWhichBlockIsNext_FindsTheLeak()
    {
        var findings = LeakProbe.Check(new LeakyBuild(), s_choice, 200, Given.Simulator, Given.Renderer);

        Assert.False(Assert.Single(findings).Passed);
        Assert.True(Assert.Single(LeakProbe.Check(new Build(), s_choice, 200, Given.Simulator, Given.Renderer)).Passed);
    }

    private static IReadOnlyList<Finding> Findings(ITask task) =>
        new EnvironmentChecker(Given.Simulator, Given.Renderer).Check(
            task, s_choice, TaskReport.Measure(task, s_choice, 200, Given.Simulator, Given.Renderer));

    // Build with darker blocks where the first one to place has a number of the later half.
    private sealed class LeakyBuild : IPictureTask
    {
        private readonly Build _origin = new();

        public TaskSpec Spec => _origin.Spec;

        public BuildStep Arrange(SceneBuilder draft)
        {
            var (step, episode) = (_origin.Arrange(draft), draft.Episode);
            var isLater = 2 * _origin.Expert(episode)[0] > episode.World.Bodies.Count;
            for (var i = 0; i < episode.Appearances.Count && isLater; i++)
            {
                episode.Appearances[i] = episode.Appearances[i] with { Color = episode.Appearances[i].Color * 0.1f };
            }

            return step;
        }

        public string Question(Episode episode) => _origin.Question(episode);

        public Verdict Judge(StepContext turn) => _origin.Judge(turn);

        public void Compose(
            Episode episode, World world, in FrameFormat format, IRenderer renderer, Span<byte> rgb) =>
            _origin.Compose(episode, world, format, renderer, rgb);
    }

    // Stability with the falling towers painted darker: what a careless task does.
    private sealed class Leaky : ITask
    {
        private readonly Stability _origin = new();

        public TaskSpec Spec => _origin.Spec;

        public BuildStep Arrange(SceneBuilder draft)
        {
            var step = _origin.Arrange(draft);
            for (var i = 0; i < draft.Episode.Appearances.Count && draft.Episode.State.IsYes; i++)
            {
                var look = draft.Episode.Appearances[i];
                draft.Episode.Appearances[i] = look with { Color = look.Color * 0.1f };
            }

            return step;
        }

        public BuildStep Review(SceneBuilder draft) => _origin.Review(draft);

        public string Question(Episode episode) => _origin.Question(episode);

        public Verdict Judge(StepContext turn) => _origin.Judge(turn);

        public Answer Guess(Episode episode) => _origin.Guess(episode);
    }
}

public sealed class StaticCheckTests
{
    [Fact]
    public void Run_TwoThousandTowers_AgreeWithTheCentreOfMassCriterion()
    {
        var check = StaticCheck.Run(Given.Simulator, towers: 2000);

        Assert.True(check.Far > 1500);
        Assert.True(check.FarAgreeing >= 0.99 * check.Far, string.Join('\n', check.Disagreements));
    }
}
