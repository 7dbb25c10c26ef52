using PhysIntuition.Trainer.Recipes;
using PhysIntuition.Trainer.Rollouts;
using PhysIntuition.Trainer.Training;
using static TorchSharp.torch;

namespace PhysIntuition.Trainer.Evaluation;

/// <summary>Supervised steps on a new task at a constant rate: how fast does a model adapt?</summary>
/// <param name="policy">Who learns.</param>
/// <param name="learningRate">Of every step.</param>
internal sealed class Adaptation(Policy policy, double learningRate) : IDisposable
{
    private readonly AdamW _optimiser = new(
        policy.Trained.Select(item => item.Parameter), new MomentOptions(0.9, 0.99, 0.01));

    /// <summary>Steps done.</summary>
    public int Steps { get; private set; }

    /// <summary>Imitates the expert on some scenes.</summary>
    public void Step(Episodes episodes)
    {
        policy.Adapters?.BeginStep(Steps);
        var lesson = SupervisedExamples.Of(policy, episodes);
        Sft.Backward(policy, lesson, lesson.Answers.Sum(answer => (double)answer.Length));
        nn.utils.clip_grad_norm_(policy.Trained.Select(item => item.Parameter), 1);
        _optimiser.Step(learningRate);
        Steps++;
    }

    public void Dispose() => _optimiser.Dispose();
}
