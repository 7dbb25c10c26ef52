using PhysIntuition.Evaluation.Models;
using PhysIntuition.Leaderboard;

namespace PhysIntuition.Trainer.Study;

/// <summary>What a study is said to have found, for answers that leave one finding.</summary>
public sealed class FindingTests
{
    private const int Scenes = 60;

    private static readonly ExperimentPlan s_plan = ExperimentPlan.Scales["smoke"] with { Questions = Scenes };

    [Fact]
    public void Effects_ArmThatAnswersEverythingWhereTheBaseGuesses_AreSureAndExact()
    {
        var study = Study(
            Sheet("base", "T-v1", i => i % 2), Sheet("c", "T-v1", _ => 1), Sheet("a", "T-v1", i => i % 2));

        var effects = Findings.Effects(study);
        var own = effects.Single(effect => effect is { Arm: "c", Task: "T-v1", Against: "base" });

        // 30 scenes won, none lost: McNemar's p is 2 x 2^-30. The random player earns 0.5: success 1 against 0.
        Assert.Equal(("mcnemar-exact", 1.0), (own.Test, own.Success));
        Assert.Equal(1, own.Difference.Mean, 1e-12);
        Assert.True(own.IsSure);
        Assert.Equal(2 * Math.Pow(2, -30) * effects.Count, own.PValue, 1e-12);
        Assert.Contains(effects, effect => effect is { Arm: "c", Task: "", Against: "a" });
        Assert.False(effects.Single(effect => effect is { Arm: "a", Task: "T-v1", Against: "base" }).IsSure);
    }

    [Fact]
    public void Effects_AllOfThem_AreCorrectedTogether()
    {
        double Better(int i) => i < 10 ? 1 : i % 2;
        var one = Study(Sheet("base", "T-v1", i => i % 2), Sheet("c", "T-v1", Better));
        var many = Study([Sheet("base", "T-v1", i => i % 2), Sheet("c", "T-v1", Better),
            .. ((string[])["b", "d", "e", "f"]).Select(arm => Sheet(arm, "T-v1", i => i % 2))]);

        // Five scenes won of five: p is 2 / 32, more among many.
        Assert.Equal(2 * (2 / 32.0), P(one), 1e-12);
        Assert.Equal(1, P(many) > P(one) ? 1 : 0);

        static double P(StudyResult study) => Findings.Effects(study)
            .Single(effect => effect is { Arm: "c", Task: "T-v1", Against: "base" }).PValue;
    }

    [Fact]
    public void ByScene_SeveralSeedsAndFolds_AreAveragedSceneByScene()
    {
        var study = Study(Sheet("a", "T-v1", _ => 1), Sheet("a", "T-v1", i => i % 2), Sheet("a", "U-v1", _ => 0));

        Assert.Equal([0.5, 1, 0.5, 1], Findings.ByScene(study, "a", "T-v1")!.Take(4));
        Assert.Null(Findings.ByScene(study, "b", "T-v1"));
        Assert.Null(Findings.ByScene(study, "a", "T-v1", """{"tries":1}"""));
    }

    private static IReadOnlyList<string> Lines(StudyResult study) => Findings.Lines(study, Findings.Effects(study));

    [Fact]
    public void Lines_OfAStudy_SayWhatTransferredWhatDidNotAndHowSure()
    {
        var lines = Lines(Study(
            Sheet("base", "T-v1", i => i % 2), Sheet("a", "T-v1", i => i % 2), Sheet("c", "T-v1", _ => 1),
            Sheet("d", "T-v1", _ => 0)));

        Assert.Equal(5, lines.Count);
        Assert.StartsWith("**What transferred:** c (SFT on the mixture) +1.000 to 1.000 [", lines[0]);
        Assert.Contains("c (SFT on the mixture) +1.000", lines[1]);
        Assert.Equal("**What did not:** a: 0.000 to 0.000, which may be chance.", lines[2]);
        Assert.StartsWith(
            "**What made it worse:** d (GRPO on the mixture after a short SFT) -1.000 to -1.000", lines[3]);
        Assert.Contains($"{Scenes} test scenes a task", lines[4]);
        Assert.Contains("1 model(s) failed", lines[4]);
    }

    [Fact]
    public void Lines_OfTasksThatMoveApart_NameThem()
    {
        var lines = Lines(Study(
            Sheet("base", "T-v1", i => i % 2), Sheet("base", "U-v1", i => i % 2),
            Sheet("c", "T-v1", _ => 1), Sheet("c", "U-v1", _ => 0)));

        Assert.StartsWith("**What transferred:** nothing beyond chance", lines[0]);
        Assert.Contains("together. On single tasks: c on T-v1 +1.000 to 1.000 [", lines[0]);
        Assert.DoesNotContain("U-v1", lines[0]);
        Assert.StartsWith(
            "**What made it worse:** no arm surely. On single tasks: c on U-v1 -1.000 to -1.000 [", lines[3]);
    }

    [Fact]
    public void Describe_DifferenceThatRoundsToNothing_HasNoSign()
    {
        var study = Study();
        var effect = new ArmEffect("c", "", "base", -0.25, new Interval(-0.0001, -0.3, 0.0004, 60), "sign-flip", 1);

        Assert.Equal(
            "c (SFT on the mixture) 0.000 to -0.250 [-0.300, 0.000], p = 1", Findings.Describe(study, effect));
        Assert.EndsWith(", p < 0.0001", Findings.Describe(study, effect with { PValue = 1e-12 }));
    }

    [Fact]
    public void Write_AnswersToTasksThatWereLearned_StandApartAndAreNoEffects()
    {
        using var folder = new TemporaryFolder();
        var task = s_plan.HeldOut[0];
        var answers = Sheet("a", "T-v1", i => i % 2) with
        {
            Cells =
            [
                Cell("T-v1", i => i % 2, AnswerConstraint.Answer),
                Cell(task, _ => 0.9, AnswerConstraint.Answer) with { IsLearned = true },
            ],
        };
        var study = Study(Sheet("base", "T-v1", i => i % 2), answers);

        var text = File.ReadAllText(ExperimentReport.Write(study, folder.Root));

        Assert.Contains($"| arm | {task} |\n| --- | --- |\n| a: SFT on one task | 0.800 |\n", text);
        Assert.DoesNotContain(Findings.Effects(study), effect => effect.Task == task);
    }

    [Fact]
    public void Lines_WhereNothingMoved_SayNothingTransferred() =>
        Assert.StartsWith("**What transferred:** nothing beyond chance", Lines(Study(
            Sheet("base", "T-v1", i => i % 2), Sheet("c", "T-v1", i => i % 2)))[0]);

    [Fact]
    public void Write_Report_BeginsWithTheFindingsAndShowsFormAndContentApart()
    {
        using var folder = new TemporaryFolder();
        var answers = Sheet("c", "T-v1", i => i < 30 ? 1 : -1) with
        {
            Cells =
            [
                Cell("T-v1", _ => 1, AnswerConstraint.Answer),
                Cell("T-v1", i => i < 30 ? 1 : -1, AnswerConstraint.None, i => i < 30),
            ],
        };

        var study = Study(Sheet("base", "T-v1", i => i % 2), answers, Sheet("tasks-1", "T-v1", _ => 0.6),
            Sheet("tasks-4", "T-v1", _ => 0.8));

        var text = File.ReadAllLines(ExperimentReport.Write(study, folder.Root));

        Assert.Equal(Lines(study).Select(line => line + "  "), text.Take(5));
        Assert.Contains("| c | 50.0 % | 1.000 | -1.000 |", text);   // readable half, right where readable, all together
        Assert.Contains("| 1 | 0.200 |", text);
        Assert.Contains("| 4 | 0.600 |", text);
        Assert.Contains("- seed-1/b-on-T-v1 failed: The loss is not finite.", text);
        Assert.True(File.Exists(folder.At("arms.svg")) && File.Exists(folder.At("tasks.svg")));
        Assert.Equal(Findings.Effects(study).Count + 1,
            File.ReadAllLines(folder.At("effects.csv")).Length);
    }

    private static StudyResult Study(params StudyAnswers[] answers) => new(
        s_plan, "tiny", answers, new Dictionary<string, string> { ["seed-1/b-on-T-v1"] = "The loss is not finite." },
        TimeSpan.FromMinutes(3));

    private static StudyAnswers Sheet(string arm, string task, Func<int, double> reward) =>
        new($"seed-1/{arm}", arm, 0, [Cell(task, reward, AnswerConstraint.Answer)]);

    private static StudyCell Cell(
        string task, Func<int, double> reward, AnswerConstraint constrain, Func<int, bool>? isReadable = null) =>
        new(task, "", constrain, Random: 0.5, Expert: 1, [.. Enumerable.Range(0, Scenes).Select(reward)],
            [.. Enumerable.Range(0, Scenes).Select(isReadable ?? (_ => true))]);
}
