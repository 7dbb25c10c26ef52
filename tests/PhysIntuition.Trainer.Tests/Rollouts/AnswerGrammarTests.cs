using System.Text;
using PhysIntuition.Environments.Answers;
using PhysIntuition.Environments.Tasks;
using PhysIntuition.Evaluation;
using PhysIntuition.Evaluation.Models;
using PhysIntuition.Trainer.Recipes;
using PhysIntuition.Vlm;
using PhysIntuition.Vlm.Generation;
using PhysIntuition.Vlm.Tokenization;
using static PhysIntuition.Trainer.Runs;

namespace PhysIntuition.Trainer.Rollouts;

/// <summary>What the decoder lets through is what tasks read.</summary>
/// <param name="tiny">A model that answers in words.</param>
public sealed class AnswerGrammarTests(TinyModel tiny) : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    public static TheoryData<string> Tasks => new(TaskCatalog.All.Select(task => task.Spec)
        .Where(spec => spec.Answer.Count > 0).Select(spec => spec.Id));

    [Theory]
    [MemberData(nameof(Tasks))]
    public void Of_EveryTask_TakesLegalAnswersAsTheyAreWrittenAndNothingElse(string task)
    {
        var axes = TaskCatalog.Find(task).Spec.Answer;
        var grammar = AnswerGrammar.Of(task);
        var random = new Random(4);
        for (var i = 0; i < 20; i++)
        {
            double[] numbers = [.. axes.Select(axis => (double)random.Next((int)axis.Min, (int)axis.Max + 1))];
            var text = AnswerText.Write(Answer.Of(numbers), axes);
            Assert.True(Takes(grammar, text), text);
            if (axes[0].Fields is { } fields)
            {
                for (var k = 1 + ((int)numbers[0] * fields.Count); k < numbers.Length; k++)
                {
                    numbers[k] = Math.Clamp(0, axes[k].Min, axes[k].Max);   // items that are not in the list
                }
            }

            Assert.Equal(numbers, Numbers(AnswerText.Read(text, axes), axes.Count));
        }

        foreach (var other in (string[])["", "<answer>", "<answer></answer>", "<answer>maybe</answer>", "yes"])
        {
            Assert.False(Takes(grammar, other));
        }

        if (axes[0].Fields is not null)
        {
            Assert.False(Takes(grammar, "<answer>[]</answer>"));
            return;
        }

        var values = axes.Select(AnswerGrammar.Values).ToArray();
        Assert.All(values[0].Take(50), value => Assert.True(AnswerText.Read(
            axes.Count == 1 ? $"<answer>{value}</answer>"
                : $"<answer>({string.Join(", ", values.Select((own, k) => k == 0 ? value : own[0]))})</answer>", axes)
            .IsLegal));
    }

    [Theory]
    [MemberData(nameof(Tasks))]
    public void Allowed_EveryTask_LetsThroughTheTokensThatImitationLearns(string task)
    {
        NativeTorch.Require();
        var axes = TaskCatalog.Find(task).Spec.Answer;
        var tokenizer = Tokenizer.Load(tiny.Folder);
        var stop = tokenizer.IdOf("<|im_end|>")!.Value;
        var constraint = new TokenConstraint(AnswerGrammar.Of(task), tokenizer, [stop], tokenizer.Size);
        var random = new Random(4);
        for (var i = 0; i < 20; i++)
        {
            double[] numbers = [.. axes.Select(axis => (double)random.Next((int)axis.Min, (int)axis.Max + 1))];
            var text = AnswerText.Write(Answer.Of(numbers), axes);
            var (state, drawn) = (constraint.Start, constraint.Start);
            foreach (var token in tokenizer.Encode(text))
            {
                Assert.Contains(token, constraint.Allowed(state));
                state = constraint.Next(state, token);
            }

            Assert.Contains(stop, constraint.Allowed(state));

            var written = new List<int>();
            while (constraint.Allowed(drawn) is var allowed && allowed[random.Next(allowed.Count)] is var next
                && next != stop)
            {
                written.Add(next);
                drawn = constraint.Next(drawn, next);
            }

            Assert.Equal(tokenizer.Encode(tokenizer.Decode([.. written])), written);
        }
    }

    [Fact]
    public void Of_OptionsWithTries_TakeTheirFormToo()
    {
        var grammar = AnswerGrammar.Of("Stability-v1", """{"tries":2}""");

        Assert.True(Takes(grammar, "<try>yes</try>"));
        Assert.True(Takes(grammar, "<answer>no</answer>"));
        Assert.False(Takes(grammar, "<try>yes</answer>"));
        Assert.False(Takes(AnswerGrammar.Of("Stability-v1", "{}"), "<try>yes</try>"));
    }

    [Fact]
    public void Of_OptionsWithOneFormForAllTasks_TakeItsAnswersWithoutBrackets()
    {
        var axes = TaskCatalog.Find("Offset-v1").Spec.Answer;
        var grammar = AnswerGrammar.Of("Offset-v1", """{"form":"one","tries":1}""");

        Assert.True(Takes(grammar, AnswerText.Write(Answer.OfPair(12, -34), axes, AnswerForm.One)));
        Assert.True(Takes(grammar, AnswerText.Write(Answer.OfPair(12, -34), axes, AnswerForm.One, isTry: true)));
        Assert.False(Takes(grammar, AnswerText.Write(Answer.OfPair(12, -34), axes)));
    }

    [Fact]
    public void Values_OfDecimals_AreAsFineAsFits()
    {
        Assert.Equal(["-0.5", "-0.49"], AnswerGrammar.Values(new("x", -0.5, 2, "m", IsInteger: false)).Take(2));
        Assert.Equal(3, AnswerGrammar.Values(new("n", 0, 2, "1")).Count);
        Assert.Contains("at most 20001", Assert.Throws<ArgumentException>(
            () => AnswerGrammar.Values(new("n", 0, 1e6, "1"))).Message);
    }

    [Fact]
    public void Train_GrpoOfARandomModelUnderTheConstraint_ReadsEveryAnswer()
    {
        NativeTorch.Require();
        var options = new GrpoOptions
        {
            Task = "Stability-v1,OffsetX-v1", Steps = 2, Prompts = 4, MicroPrompts = 4, Completions = 6, Iterations = 2,
            MaxCompletionTokens = 24, PictureSize = 32, EvaluationQuestions = 4, Threads = 1, EntropyCoefficient = 0.01,
            Constrain = AnswerConstraint.Answer,
        };

        Grpo.Train(options, _folder.At("run"), CancellationToken.None);

        Assert.All([1, 2], step =>
        {
            Assert.Equal(1, Line(_folder.At("run"), step)["readable"]!.GetValue<double>());
            Assert.Equal(0, Line(_folder.At("run"), step)["completions/clipped_ratio"]!.GetValue<double>());
            Assert.True(Line(_folder.At("run"), step)["grad_norm"]!.GetValue<double>() > 0);
            Assert.InRange(Line(_folder.At("run"), step)["entropy"]!.GetValue<double>(), 1e-3, 3);
        });
        Assert.Equal(1, Line(_folder.At("run"), 2)["eval/OffsetX-v1/readable"]!.GetValue<double>());
    }

    [Fact]
    public void Eval_FolderUnderTheConstraint_AnswersTasksThatItNeverSaw()
    {
        NativeTorch.Require();
        var run = _folder.At("table");

        Assert.Equal(0, TrainerCommands.Run(["eval", "--model", tiny.Folder, "--task", "OffsetX-v1",
            "Stability-v1", "--questions", "4", "--picture-size", "32", "--temperature", "1.5", "--seed", "1",
            "--constrain", "answer", "--out", run]));

        var samples = PhysIntuition.Evaluation.Runs.RunFolder.Read(run);
        Assert.All(samples, sample => Assert.Null(sample.Exchanges[0].ParseError));
        Assert.Equal(8, samples.Count);
    }

    [Theory]
    [InlineData("", true)]
    [InlineData("""{"form":"one"}""", false)]
    public void Eval_FolderUnderTheConstraint_AnswersInTheFormOfTheTasksOptions(string options, bool hasBrackets)
    {
        NativeTorch.Require();
        var run = _folder.At("form");

        Assert.Equal(0, TrainerCommands.Run(["eval", "--model", tiny.Folder, "--task", "Offset-v1", "--task-options",
            options, "--questions", "4", "--picture-size", "32", "--temperature", "1.5", "--seed", "1",
            "--constrain", "answer", "--out", run]));

        Assert.All(PhysIntuition.Evaluation.Runs.RunFolder.Read(run), sample =>
        {
            Assert.Null(sample.Exchanges[0].ParseError);
            Assert.Equal(hasBrackets, sample.Exchanges[0].Answer.Contains('('));
        });
    }

    [Fact]
    public async Task Of_FormTasks_GetTheAnswersOfOtherScenes()
    {
        NativeTorch.Require();
        using var clients = EnvironmentClients.Open("");
        using var sampler = new TaskSampler(
            clients, TaskShare.Parse("OffsetX-v1,Stability-v1"), "", "train", pictureSize: 32);
        using var policy = Policy.Open(tiny.Folder, new PolicyOptions());
        var scenes = await sampler.AskAsync(0, 24).WaitAsync(TimeSpan.FromMinutes(2));

        var usual = SupervisedExamples.Of(policy, scenes);
        var form = SupervisedExamples.Of(policy, scenes, "OffsetX-v1");

        for (var i = 0; i < scenes.Questions.Count; i++)
        {
            var (own, given) = (policy.Text(usual.Answers[i]), policy.Text(form.Answers[i]));
            if (scenes.Questions[i].Task == "Stability-v1")
            {
                Assert.Equal(own, given);
            }
        }

        int[] offsets = [.. Enumerable.Range(0, 24).Where(i => scenes.Questions[i].Task == "OffsetX-v1")];
        Assert.Equal(offsets.Select(i => policy.Text(usual.Answers[i])).Order(),
            offsets.Select(i => policy.Text(form.Answers[i])).Order());   // the same answers, elsewhere
        Assert.NotEqual(offsets.Select(i => policy.Text(usual.Answers[i])),
            offsets.Select(i => policy.Text(form.Answers[i])));
    }

    private static bool Takes(TextGrammar grammar, string text)
    {
        var state = grammar.Next(grammar.Start, Encoding.UTF8.GetBytes(text));
        return state >= 0 && grammar.IsWhole(state);
    }

    private static double[] Numbers(in Answer answer, int count)
    {
        var numbers = new double[count];
        for (var i = 0; i < count; i++)
        {
            numbers[i] = answer[i];
        }

        return numbers;
    }
}
