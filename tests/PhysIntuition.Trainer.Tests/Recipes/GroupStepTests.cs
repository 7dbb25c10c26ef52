using PhysIntuition.Evaluation;
using PhysIntuition.Trainer.Rollouts;
using PhysIntuition.Vlm;
using PhysIntuition.Vlm.Generation;
using PhysIntuition.Vlm.Tokenization;
using TorchSharp;
using static TorchSharp.torch;

namespace PhysIntuition.Trainer.Recipes;

/// <summary>One step of group-relative learning against answers, rewards and a gradient worked out here.</summary>
/// <param name="tiny">Has learned enough to give readable answers, right ones and wrong ones.</param>
public sealed class GroupStepTests(TinyModel tiny) : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    private GrpoOptions Options => new()
    {
        Model = tiny.Folder, Steps = 1, Prompts = 4, MicroPrompts = 4, Completions = 6, MaxCompletionTokens = 12,
        PictureSize = 32, EvaluationQuestions = 1, Threads = 1, Seed = 5, LearningRate = 1e-4, WeightDecay = 0,
        ClipNorm = 1e9, WarmupShare = 0, Decay = Decay.Constant,
    };

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task Train_OneStep_FollowsTheAdvantagesOfItsOwnAnswers()
    {
        NativeTorch.Require();
        Grpo.Train(Options, _folder.At("run"), CancellationToken.None);
        var line = Runs.Line(_folder.At("run"), 1);
        double Logged(string name) => line[name]!.GetValue<double>();
        using var policy = Policy.Open(tiny.Folder, Options.Policy);

        var (prompts, answers, rewards) = await PlayAsync(policy);

        double[] advantages = [.. rewards.Chunk(Options.Completions).SelectMany(Normalised)];
        Assert.Contains(advantages, advantage => advantage != 0);
        Assert.Equal(rewards.Average(), Logged("reward"), 1e-9);
        Assert.Equal(answers.Average(answer => (double)answer.Length), Logged("completions/mean_length"), 1e-9);
        Assert.Equal(answers.Max(answer => answer.Length), Logged("completions/max_length"));
        // Ratios are 1, so the loss is the mean advantage with its sign turned, which is 0 up to rounding.
        Assert.Equal(0, Logged("loss"), 1e-6);
        var norm = Norm(policy, prompts, answers, advantages);
        Assert.Equal(norm, Logged("grad_norm"), 1e-3 * norm);
    }

    [Fact]
    public void Train_EqualRewards_LearnsNothing()
    {
        NativeTorch.Require();
        // Prompts that lead to no tags: every answer is unreadable and pays the same.
        var options = Options with { TaskOptions = """{"prompt":"{form}? No: hum."}""", MaxCompletionTokens = 1 };
        Grpo.Train(options, _folder.At("run"), CancellationToken.None);
        var line = Runs.Line(_folder.At("run"), 1);
        using var after = Policy.Open(tiny.Folder, options.Policy);
        after.Restore(_folder.At("run/final"));
        using var before = Policy.Open(tiny.Folder, options.Policy);

        Assert.Equal((-1.0, 0.0, 1.0), (line["reward"]!.GetValue<double>(), line["reward_std"]!.GetValue<double>(),
            line["frac_reward_zero_std"]!.GetValue<double>()));
        Assert.Equal(0, line["grad_norm"]!.GetValue<double>(), 1e-6);
        Assert.All(before.Trained.Zip(after.Trained), pair => Assert.Equal(
            pair.First.Parameter.data<float>().ToArray(), pair.Second.Parameter.data<float>().ToArray()));
    }

    // What the recipe generates, by its own options and seeds; what each answer earns.
    private async Task<(EncodedChat[] Prompts, int[][] Answers, double[] Rewards)> PlayAsync(Policy policy)
    {
        using var clients = EnvironmentClients.Open("");
        using var questions = new TaskSampler(clients, TaskShare.Parse(Options.Task), "", "train", 32);
        var asked = await questions.AskAsync((Options.Seed & 0xFFFF) << 32, Options.Prompts);
        EncodedChat[] prompts = [.. asked.Questions.Select(question => policy.Prompt(question))];
        Completion[][] groups = policy.Write(prompts, Options.Generation(
            policy.StopTokens, step: 0, microBatch: 0, turn: 0, Options.Completions));
        var turn = await asked.AnswerAsync(
            [.. groups.Select(group => group.Select(answer => policy.Text(answer.TokenIds)).ToArray())]);

        return ([.. prompts.SelectMany(prompt => Enumerable.Repeat(prompt, Options.Completions))],
            [.. groups.SelectMany(group => group).Select(answer => answer.TokenIds)],
            [.. turn.Scores.Select(score => score.Reward)]);
    }

    private static IEnumerable<double> Normalised(double[] rewards)
    {
        var mean = rewards.Average();
        var deviation = Math.Sqrt(rewards.Sum(reward => Math.Pow(reward - mean, 2)) / (rewards.Length - 1));

        return rewards.Select(reward => (reward - mean) / (deviation + 1e-4));
    }

    // Of -A / (tokens of the answer) log p, averaged over answers.
    private static double Norm(Policy policy, EncodedChat[] prompts, int[][] answers, double[] advantages)
    {
        using var scope = NewDisposeScope();
        var scores = AnswerScorer.Score(policy, prompts, answers, temperature: 1);
        float[] weights = [.. answers.SelectMany((answer, i) => Enumerable.Repeat(
            (float)(-advantages[i] / answer.Length / answers.Length), answer.Length))];
        (scores.LogProbs * tensor(weights)).sum().backward();

        return Math.Sqrt(policy.Trained.Where(item => item.Parameter.grad is not null).Sum(item =>
            item.Parameter.grad!.to(ScalarType.Float64).square().sum().ToDouble()));
    }
}
