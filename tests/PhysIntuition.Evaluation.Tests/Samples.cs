using PhysIntuition.Evaluation.Models;
using PhysIntuition.Evaluation.Runs;

namespace PhysIntuition.Evaluation.Tests;

/// <summary>Samples as a run keeps them, for what is computed from them.</summary>
internal static class Samples
{
    /// <summary>One scene that a model was asked about once.</summary>
    public static EvaluationSample Of(
        ulong seed, double reward, SampleOutcome outcome = SampleOutcome.Right, string model = "m",
        string task = "Stability-v1", string split = "test", int repeat = 0, int examples = 0) => new()
        {
            Key = new SampleKey(model, task, split, examples, seed, repeat), Outcome = outcome, Reward = reward,
            ExpertReward = 1, Exchanges = [Turn("yes")],
        };

    /// <summary>A turn with an answer.</summary>
    public static ConversationTurn Turn(string answer, TokenCount tokens = default, string served = "") => new()
    {
        Prompt = "Will it fall?", Picture = "pictures/0.png", Answer = answer, Tokens = tokens, ServedModel = served,
    };
}
