using PhysIntuition.Environments.Options;
using PhysIntuition.Environments.Tasks;
using PhysIntuition.Faults;

namespace PhysIntuition.Trainer.Study;

/// <summary>What arms learn, and what they never see.</summary>
public sealed class StudyArmTests
{
    public static TheoryData<string> Arms => new(StudyArm.All.Select(arm => arm.Id));

    [Theory]
    [InlineData("physics")]
    [InlineData("seeing")]
    [InlineData("foreseeing")]
    [InlineData("describing")]
    [InlineData("self")]
    [InlineData("graded")]
    public void Family_ByName_HasTasksOfTheCatalogueEachOnce(string name)
    {
        var tasks = StudyTasks.Family(name);

        Assert.NotEmpty(tasks);
        Assert.Equal(tasks.Distinct(), tasks);
        Assert.All(tasks, id => Assert.Equal(id, TaskCatalog.Find(id).Spec.Id));
        Assert.All(name == "graded" ? tasks : [], id => OptionsReader.Read(
            TaskCatalog.Find(id).Spec, """{"difficulty":"hard"}"""));
    }

    [Fact]
    public void Family_UnknownName_NamesTheOneThatWasMeant()
    {
        var fault = Assert.Throws<PhysIntuitionException>(() => StudyTasks.Family("forseeing"));

        Assert.Contains("Did you mean 'foreseeing'?", fault.Message);
    }

    [Theory]
    [InlineData("Offset-v1", "OffsetX-v1", true)]
    [InlineData("OffsetRetry-v1", "Offset-v1", true)]
    [InlineData("Stability-v1", "Stability-v1", true)]
    [InlineData("Stability-v1", "PyramidStability-v1", false)]
    [InlineData("Offset-v1", "Balance-v1", false)]
    public void AreAlike_QuestionsAlongFewerAxes_AreTheSameTask(string first, string second, bool areAlike) =>
        Assert.Equal((areAlike, areAlike), (StudyTasks.AreAlike(first, second), StudyTasks.AreAlike(second, first)));

    [Theory]
    [MemberData(nameof(Arms))]
    public void Tasks_OfEveryFold_LeaveOutWhatIsLikeTheHeldOutOne(string id)
    {
        var arm = StudyArm.All.Single(arm => arm.Id == id);
        foreach (var fold in StudyTasks.HeldOut)
        {
            foreach (var stage in arm.Stages)
            {
                var tasks = arm.Tasks(stage, fold);

                Assert.Equal(tasks.Distinct(), tasks);
                if (arm.IsSingle)
                {
                    Assert.Equal([fold], tasks);
                }
                else
                {
                    Assert.DoesNotContain(tasks, task => StudyTasks.AreAlike(task, fold));
                    Assert.Equal(arm.TaskCount == 0 ? tasks.Count : arm.TaskCount, tasks.Count);
                }
            }

            Assert.Null(arm.Missing(fold));
        }
    }

    [Theory]
    [MemberData(nameof(Arms))]
    public void Stages_OfAnArm_ShareAllOfItsScenesAndKnowTheirOptions(string id)
    {
        var arm = StudyArm.All.Single(arm => arm.Id == id);

        Assert.Equal(1, arm.Stages.Sum(stage => stage.Share), 1e-12);
        foreach (var stage in arm.Stages)
        {
            Assert.Contains(stage.Recipe, (string[])["sft", "grpo"]);
            Assert.All(arm.Tasks(stage, "Balance-v1"), task =>
                OptionsReader.Read(TaskCatalog.Find(task).Spec, stage.TaskOptions));
        }
    }

    [Fact]
    public void Tasks_SmallMixtures_AreNotTheSameInEveryFold()
    {
        var arm = StudyArm.All.Single(arm => arm.Id == "tasks-2");

        Assert.True(StudyTasks.HeldOut.Select(fold => string.Join(' ', arm.Tasks(arm.Stages[0], fold))).Distinct()
            .Count() >= 3);
    }

    [Fact]
    public void Missing_MixtureLargerThanTheCatalogue_SaysSo()
    {
        var arm = new StudyArm("x", "too many", [new("sft", "describing", 1)]) { TaskCount = 99 };

        Assert.Equal("there are fewer than 99 tasks for it", arm.Missing("Stability-v1"));
    }

    [Fact]
    public void Base_Tasks_AreSeenByTheExpertAndOfAllOthersTheForm()
    {
        string[] form = StudyTasks.Base.FormTasks.Split(',');
        string[] all = StudyTasks.Base.Task.Split(',');

        Assert.Empty(StudyTasks.Base.Faults());
        Assert.Equal(StudyTasks.Seeing, all.Except(form));
        Assert.Empty(form.Except(all));

        // What is held out, and whatever asks the same, is learned by no arm's base.
        Assert.All(StudyTasks.HeldOut, fold => Assert.DoesNotContain(
            all.Except(form), task => StudyTasks.AreAlike(task, fold)));
        Assert.All(StudyTasks.HeldOut, fold => Assert.Contains(fold, StudyTasks.Physics));
    }

    [Fact]
    public void Join_FamiliesThatOverlap_NamesEachTaskOnce() => Assert.Equal(
        "Locate-v1,Order-v1,Describe-v1",
        StudyTasks.Join(["Locate-v1", "Order-v1"], ["Order-v1", "Describe-v1"], ["Locate-v1"]));

    [Fact]
    public void All_Arms_HaveNamesOfTheirOwn()
    {
        Assert.Equal(StudyArm.All.Count, StudyArm.All.Select(arm => arm.Id).Distinct().Count());
        Assert.Equal(StudyArm.All.Count, StudyArm.All.Select(arm => arm.Title).Distinct().Count());
    }

    [Fact]
    public void AskedOptions_OfAnArm_AreThoseThatItLearnedWith() => Assert.All(
        StudyArm.All.Where(arm => arm.AskedOptions.Length > 0),
        arm => Assert.Equal(arm.AskedOptions, arm.Stages[^1].TaskOptions));
}
