using PhysIntuition.Trainer.Rollouts;
using PhysIntuition.Vlm;
using PhysIntuition.Vlm.Generation;
using PhysIntuition.Vlm.Tokenization;
using static PhysIntuition.Trainer.Runs;

namespace PhysIntuition.Trainer.Recipes;

/// <summary>What keeps group-relative learning going: entropy, scenes drawn again, scenes of the past.</summary>
/// <param name="tiny">Has learned enough to give readable answers, right ones and wrong ones.</param>
public sealed class GroupKnobTests(TinyModel tiny) : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    private GrpoOptions Options => new()
    {
        Model = tiny.Folder, Steps = 4, Prompts = 4, MicroPrompts = 2, Completions = 4, MaxCompletionTokens = 8,
        PictureSize = 32, EvaluationQuestions = 1, Threads = 1, Seed = 3, LearningRate = 1e-3, WarmupShare = 0,
        Decay = Decay.Constant, SaveEvery = 1,
    };

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Train_EntropyBonus_MakesAnswersLessSure()
    {
        NativeTorch.Require();
        Grpo.Train(Options, _folder.At("without"), CancellationToken.None);
        Grpo.Train(Options with { EntropyCoefficient = 1 }, _folder.At("with"), CancellationToken.None);

        Assert.Equal(Logged("without", 1, "entropy"), Logged("with", 1, "entropy"));
        Assert.True(Logged("with", 4, "entropy") > Logged("without", 4, "entropy") + 0.01);
    }

    [Fact]
    public void Train_EntropyTarget_RaisesTheBonusBelowItAndLeavesItOutAbove()
    {
        NativeTorch.Require();
        Grpo.Train(
            Options with { EntropyTarget = 50, EntropyStep = 0.25 }, _folder.At("below"), CancellationToken.None);
        Grpo.Train(Options with { EntropyTarget = 1e-9, EntropyCoefficient = 1, EntropyStep = 0.25 },
            _folder.At("above"), CancellationToken.None);

        Assert.Equal([0, 0.25, 0.5, 0.75], Steps("below", "entropy_coefficient"));
        Assert.Equal([1, 0, 0, 0], Steps("above", "entropy_coefficient"));
    }

    [Fact]
    public void Train_Redraws_ReplaceScenesThatTeachNothing()
    {
        NativeTorch.Require();
        var options = Options with { Completions = 2 };
        Grpo.Train(options, _folder.At("plain"), CancellationToken.None);
        Grpo.Train(options with { Redraws = 8 }, _folder.At("again"), CancellationToken.None);

        // The first step's own scenes are the same; pairs that agree are drawn again until few are left.
        Assert.Equal(Logged("plain", 1, "reward"), Logged("again", 1, "reward"));
        Assert.All(Enumerable.Range(1, Options.Steps), step =>
        {
            var idle = Logged("again", step, "frac_reward_zero_std");
            Assert.True(Logged("again", step, "redraw/drawn") >= idle * Options.Prompts);
            Assert.True(Logged("again", step, "redraw/idle") <= idle);
        });
        Assert.True(Steps("again", "redraw/idle").Sum() < Steps("again", "frac_reward_zero_std").Sum());
    }

    [Fact]
    public void Train_ReplayAndEntropyControl_ResumeBitForBit()
    {
        NativeTorch.Require();
        var options = Options with
        {
            Completions = 2, Replay = 6, Redraws = 1, EntropyTarget = 0.2, Iterations = 2,
            Covariance = CovarianceRule.Clip, CovarianceLow = 0, CovarianceShare = 0.1,
        };
        Grpo.Train(options, _folder.At("whole"), CancellationToken.None);
        StopAfterOneStep(cancellation => Grpo.Train(options, _folder.At("parts"), cancellation));
        StopAfterOneStep(cancellation => Grpo.Train(options, _folder.At("parts"), cancellation));
        Grpo.Train(options, _folder.At("parts"), CancellationToken.None);

        AssertSameRun(_folder.At("whole"), _folder.At("parts"), steps: 4);
        Assert.Contains(Steps("whole", "redraw/past"), count => count > 0);
    }

    [Fact]
    public void Train_FormReward_PaysForAnswersThatCanBeRead()
    {
        NativeTorch.Require();
        // Tags are what this start has yet to learn well; the task's own reward is the same for all that is not read.
        var options = Options with { Steps = 2, Completions = 8, Temperature = 2 };
        Grpo.Train(options with { FormReward = 5 }, _folder.At("form"), CancellationToken.None);
        Grpo.Train(options, _folder.At("plain"), CancellationToken.None);

        Assert.Equal(Logged("plain", 1, "reward"), Logged("form", 1, "reward"));   // the task's own, without the form's
        Assert.NotEqual(Logged("plain", 2, "loss"), Logged("form", 2, "loss"));
    }

    [Fact]
    public void Join_OfSplitGroups_GivesTheBatchBack()
    {
        Completion Written(int id) => new([id], [-id], true);
        EncodedChat Prompt(int id) => new([id], [false], []);
        var first = new EpisodeGroup(
            [
                new Exchange([Prompt(1)], [[Written(10), Written(11)]], [0, 1], ["a"]),
                new Exchange([Prompt(2)], [[Written(12)]], [1], ["a"]),
            ], [1, 2], [true, true]);
        var second = new EpisodeGroup(
            [new Exchange([Prompt(3)], [[Written(20), Written(21)]], [0, 1], ["b"])], [3, 4], [true, false]);

        var turns = EpisodeGroup.Join([second, first], each: 2);

        Assert.Equal([[3, 1], [2]], turns.Select(turn => turn.Prompts.Select(prompt => prompt.Ids[0])));
        Assert.Equal([["b", "a"], ["a"]], turns.Select(turn => turn.Tasks));
        Assert.Equal([[0, 1, 2, 3], [3]], turns.Select(turn => turn.Rows));
        Assert.Equal([[20, 21, 10, 11], [12]], turns.Select(
            turn => turn.Groups.SelectMany(group => group).Select(answer => answer.TokenIds[0])));
    }

    [Fact]
    public void Draw_FromAFullBuffer_GivesTheLatestEachOnce()
    {
        var past = new ReplayBuffer(3);
        past.Add([.. Enumerable.Range(0, 5).Select(i => new EpisodeGroup([], [i], [true]))]);
        past.Add([new EpisodeGroup([], [9], [true]) { IsPast = true }]);

        Assert.Equal([2, 3, 4], past.Draw(9, seed: 1).Select(group => group.Returns[0]).Order());
        Assert.All(past.Draw(2, seed: 1), group => Assert.True(group.IsPast));
        Assert.Equal(past.Draw(2, seed: 5).Select(group => group.Returns[0]),
            past.Draw(2, seed: 5).Select(group => group.Returns[0]));
    }

    private double Logged(string run, int step, string name) => Line(_folder.At(run), step)[name]!.GetValue<double>();

    private double[] Steps(string run, string name) =>
        [.. Enumerable.Range(1, Options.Steps).Select(step => Logged(run, step, name))];
}
