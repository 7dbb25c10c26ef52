using System.Buffers;
using PhysIntuition.Environments.Answers;
using PhysIntuition.Environments.Batches;
using PhysIntuition.Environments.Observations;
using PhysIntuition.Environments.Options;
using PhysIntuition.Environments.Tasks;
using PhysIntuition.Faults;
using PhysIntuition.Simulation;

namespace PhysIntuition.Environments.Tests.Batches;

/// <summary>Several answers to one question, and tries before them, whatever the task.</summary>
public sealed class AttemptTests
{
    private const int Slots = 9;

    public static TheoryData<string, bool> Cases => new(
        from row in Given.Tasks
        from isBest in (bool[])[false, true]
        where TaskCatalog.Find(row.Data).Spec.AsksOnce
        select (row.Data, isBest));

    public static TheoryData<string> Scenes => new(
        from row in Given.SceneTasks
        where TaskCatalog.Find(row.Data).Spec.MaxSteps == 1
        select row.Data);

    public static TheoryData<string, AutoresetMode> Modes => new(
        from id in (string[])["Stability-v1", "Offset-v1", "Push-v1", "Collision-v1", "OffsetRetry-v1", "SslJigsaw-v1"]
        from mode in Enum.GetValues<AutoresetMode>()
        select (id, mode));

    [Theory]
    [MemberData(nameof(Cases))]
    public void Step_ThreeAttempts_AddUpToWhatTheOneThatCountsWouldPayAlone(string id, bool isBest)
    {
        var batch = Given.Batch(id, Slots, options: $$"""{"attempts":3,"counts":"{{(isBest ? "best" : "last")}}"}""");
        batch.Reset(40);
        var (returns, scores) = (new double[Slots], new List<double>[Slots]);
        for (var step = 0; step < 3; step++)
        {
            var actions = Guesses(batch.Task, step);
            var alone = Given.Batch(id, Slots, options: OptionsOfOne(id));
            alone.Reset(40);
            alone.Step(actions);
            bool[] mask = [.. Enumerable.Range(0, Slots).Select(slot => !batch.IsDone(slot))];
            batch.Step(actions, mask);
            for (var slot = 0; slot < Slots; slot++)
            {
                if (!mask[slot])
                {
                    continue;
                }

                (scores[slot] ??= []).Add(alone.Results.Rewards[slot]);
                returns[slot] += batch.Results.Rewards[slot];
                var counts = isBest ? scores[slot].Max() : scores[slot][^1];
                Assert.Equal(counts, returns[slot], 1e-9);
                Assert.Equal(alone.Results.Verdicts[slot], batch.Results.Verdicts[slot]);
                Assert.Equal(alone.Results.ParseErrors[slot], batch.Results.ParseErrors[slot]);
                Assert.Equal(step == 2 || scores[slot][^1] >= batch.Task.Spec.Reward.Max, batch.IsDone(slot));
                Assert.Equal(batch.IsDone(slot), batch.Results.Terminated[slot]);
                Assert.False(batch.Results.Truncated[slot]);
            }
        }

        Assert.All(Enumerable.Range(0, Slots), slot => Assert.True(batch.IsDone(slot)));
    }

    [Theory]
    [MemberData(nameof(Scenes))]
    public void Step_AnswerOrTryThatDoesNotEndTheEpisode_ShowsWhatAnEndedOneShows(string id)
    {
        var (batch, alone) = (Given.Batch(id, Slots, options: """{"attempts":2,"tries":2}"""), Given.Batch(id, Slots));
        var trying = Given.Batch(id, Slots, options: """{"attempts":2,"tries":2}""");
        var answers = Guesses(batch.Task, 0);
        foreach (var each in (EnvironmentBatch[])[batch, alone, trying])
        {
            each.Reset(3);
            each.Step(each == trying ? [.. answers.Select(answer => AsTry(each.Task, answer))] : answers);
        }

        for (var slot = 0; slot < Slots; slot++)
        {
            Assert.Equal(Given.Picture(alone, slot, 32), Given.Picture(batch, slot, 32));
            Assert.Equal(Given.Picture(alone, slot, 32), Given.Picture(trying, slot, 32));
            Assert.Equal(alone.Results.OutcomeHashes[slot], trying.Results.OutcomeHashes[slot]);
            Assert.Equal(alone.Results.Verdicts[slot], trying.Results.Verdicts[slot]);
            Assert.Equal(-0.1, trying.Results.Rewards[slot], 1e-6);
            Assert.False(trying.IsDone(slot));
        }
    }

    [Fact]
    public void Step_ShowsOutcomes_SettlesTheTriesOfAllSlotsTogether()
    {
        const int slots = 40;
        var (simulator, given) = (new CountingSimulator(),
            Given.Batch("Stability-v1", slots, options: """{"tries":3}"""));
        var batch = new EnvironmentBatch(given.Task, given.Options with { Outcome = TerminalView.Question }, simulator);
        batch.Reset(0);
        var (calls, worlds) = (simulator.Calls, simulator.Worlds);

        batch.BeginStep([.. Enumerable.Repeat(SlotAction.OfText("<try>yes</try>"), slots)], default,
            showsOutcomes: true);
        new WorldRunner(simulator).Run(batch);
        batch.View.State([.. Enumerable.Range(0, slots)], new float[slots * StateLayout.Length]);

        Assert.Equal((calls + 1, worlds + slots), (simulator.Calls, simulator.Worlds));
    }

    [Fact]
    public void Step_MoreTriesThanThereAre_AreUnreadableAnswers()
    {
        var batch = Given.Batch("Balance-v1", 1, options: """{"tries":2,"tryCost":0.25}""");
        batch.Reset(1);
        SlotAction[] tried = [SlotAction.OfText("Let me see. <answer>5</answer> No: <try>12</try>")];

        batch.Step(tried);
        Assert.Equal((-0.25, false), (batch.Results.Rewards[0], batch.IsDone(0)));
        batch.Step([SlotAction.OfText("<try>twelve</try>")]);
        Assert.Equal((-0.25, false), (batch.Results.Rewards[0], batch.IsDone(0)));
        Assert.Contains("'x' is 'twelve'", batch.Results.ParseErrors[0], StringComparison.Ordinal);
        batch.Step(tried);

        Assert.Equal((-1.0, true), (batch.Results.Rewards[0], batch.IsDone(0)));
        Assert.Equal("All 2 tries are used; write the answer between <answer> and </answer>.",
            batch.Results.ParseErrors[0]);
    }

    [Fact]
    public void Step_AnswerAfterATryInOneReply_IsTheAnswer()
    {
        var batch = Given.Batch("Stability-v1", 1, options: """{"tries":1}""");
        batch.Reset(1);

        batch.Step([SlotAction.OfText("I could <try>yes</try>, but: " + batch.View.Expert(0))]);

        Assert.Equal((1.0, true), (batch.Results.Rewards[0], batch.Results.Terminated[0]));
    }

    [Fact]
    public void Step_NoTriesAsked_TryTagsMeanNothing()
    {
        var batch = Given.Batch("Stability-v1", 1);
        batch.Reset(1);

        batch.Step([SlotAction.OfText("<try>yes</try>")]);

        Assert.Equal((-1.0, true), (batch.Results.Rewards[0], batch.IsDone(0)));
        Assert.Contains("There is no <answer>", batch.Results.ParseErrors[0], StringComparison.Ordinal);
        Assert.Empty(batch.View.Episode(0).Attempts);
    }

    [Fact]
    public void Prompt_AttemptsAndTries_TellsTheRulesAndWhatCameOfEach()
    {
        var batch = Given.Batch("Offset-v1", 1, options: """{"attempts":2,"tries":3,"counts":"best","tryCost":0.5}""");
        batch.Reset(12);
        var question = batch.Task.Question(batch.View.Episode(0));
        const string rules = " You have 2 attempts and are shown what comes of each; the best one counts. Before you "
            + "answer, you may end a reply with <try>...</try> instead, up to 3 times, to be shown what would come of "
            + "an answer; each try costs 0.5.";
        const string form = "\nThink if you like, then end with <answer>(x, y)</answer>.";
        Assert.Equal(question + rules + form, batch.View.Prompt(0));

        batch.Step([SlotAction.OfText("<try>(1, 2)</try>")]);
        batch.Step([SlotAction.OfNumbers(-900, -3)]);

        Assert.Equal(question + rules + " Try 1 of 3 was (1, 2): legal and not taller. Attempt 1 of 2 was (-900, -3): "
            + "below the ground. The picture shows what came of the last one. Answer again for the scene as it was at "
            + "first." + form, batch.View.Prompt(0));
    }

    [Theory]
    [MemberData(nameof(Modes))]
    public void Restore_OrForkAtEveryStep_GoesOnAsWithoutStopping(string id, AutoresetMode mode)
    {
        const int steps = 8;
        const string options = """{"attempts":2,"tries":2}""";
        for (var stop = 1; stop < steps; stop += 2)
        {
            var whole = Given.Batch(id, 1, mode: mode, options: options);
            whole.Reset(77);
            Play(whole, 0, stop);
            var other = Given.Batch(id, 2, mode: mode, options: options);
            var file = new ArrayBufferWriter<byte>();
            whole.Capture(0, file);
            other.Restore(0, file.WrittenSpan);
            other.Fork(1, whole, 0);

            var picture = Given.Picture(whole, 0, 32);
            var prompt = whole.View.Prompt(0);
            foreach (var slot in (int[])[0, 1])
            {
                Assert.Equal(prompt, other.View.Prompt(slot));
                Assert.Equal(picture, Given.Picture(other, slot, 32));
            }

            var told = Play(whole, stop, steps);
            Assert.Equal(told, Play(other, stop, steps, 0));
            Assert.NotEmpty(told);
            Assert.Equal(told, Play(Forked(whole, file, options), stop, steps));
        }
    }

    [Theory]
    [InlineData("""{"attempts":2}""", "options.attempts")]
    [InlineData("""{"tries":1}""", "options.tries")]
    public void Open_HeldOut_IsRefused(string options, string field)
    {
        var fault = Assert.Throws<PhysIntuitionException>(
            () => Given.Batch("Stability-v1", 1, Split.Heldout, options: options));
        var batch = Given.Batch("Stability-v1", 1, Split.Heldout);
        var later = Assert.Throws<PhysIntuitionException>(
            () => batch.Reset(default, [1], [OptionsReader.Read(batch.Task.Spec, options)]));

        Assert.Equal((Fault.NotAllowed, field), (fault.Fault, fault.Field));
        Assert.Equal((Fault.NotAllowed, field), (later.Fault, later.Field));
        Assert.Contains("is withheld until the run is scored", fault.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("""{"attempts":0}""", "options.attempts")]
    [InlineData("""{"attempts":9}""", "options.attempts")]
    [InlineData("""{"tries":-1}""", "options.tries")]
    [InlineData("""{"tries":9}""", "options.tries")]
    [InlineData("""{"tryCost":1.5}""", "options.tryCost")]
    [InlineData("""{"counts":"first"}""", "options.counts")]
    public void Read_NumbersThatMeanNothing_AreRefused(string json, string field) => Assert.Equal(
        field, Assert.Throws<PhysIntuitionException>(() => Given.Batch("Stability-v1", 1, options: json)).Field);

    [Fact]
    public void Check_TaskWithStepsOfItsOwn_TakesEachOnce()
    {
        var spec = TaskCatalog.Find("Stability-v1").Spec with { MaxSteps = 4 };

        var attempts = Assert.Throws<PhysIntuitionException>(
            () => OptionsReader.Check(spec, new StabilityOptions { Attempts = 2 }));
        var tries = Assert.Throws<PhysIntuitionException>(
            () => OptionsReader.Check(spec, new StabilityOptions { Tries = 2 }));

        Assert.Equal(("options.attempts", "options.tries"), (attempts.Field, tries.Field));
    }

    [Fact]
    public void Score_Conversations_PayWhatTheirStepsPay()
    {
        const string options = """{"attempts":2,"tries":2,"reward":"physical"}""";
        string[][] said =
        [
            ["<try>(-100, 300)</try>", "<answer>(-100, 320)</answer>", "no"], ["<answer>(0, 500)</answer>"],
            ["<try>(1, 1)</try>", "<try>(2, 2)</try>"], [],
            ["<answer>(0, 500)</answer>", "<answer>(-100, 300)</answer>", "<answer>(5, 5)</answer>"],
        ];
        ulong[] seeds = [5, 5, 6, 6, 5];
        var task = TaskCatalog.Find("Offset-v1");

        var job = Given.Scored(task, new BatchOptions { Task = OptionsReader.Read(task.Spec, options) }, seeds,
            [.. said.SelectMany(texts => texts).Select(SlotAction.OfText)], Given.Simulator,
            [.. said.Select(texts => texts.Length)]);

        for (var i = 0; i < seeds.Length; i++)
        {
            var batch = Given.Batch("Offset-v1", 1, Split.Train, options: options);
            batch.Reset(seeds[i]);
            var (sum, last) = (0.0, "");
            var hasAnswer = said[i].Any(text => !text.StartsWith("<try>", StringComparison.Ordinal));
            foreach (var text in hasAnswer ? said[i] : [.. said[i], "nothing more"])
            {
                if (!batch.IsDone(0))
                {
                    batch.Step([SlotAction.OfText(text)]);
                    (sum, last) = (sum + batch.Results.Rewards[0], batch.Results.Verdicts[0]!);
                }
            }

            Assert.Equal((sum, last), (job.Rewards[i], job.Verdicts[i]));
        }

        Assert.Equal(-5.2, job.Rewards[2], 1e-6);
        Assert.Equal(-5, job.Rewards[3]);
    }

    [Fact]
    public void Score_TurnsOfATaskWithSteps_PayTheLast()
    {
        var job = Given.Scored(new OffsetRetry(), new BatchOptions(), [1, 1],
            [.. Enumerable.Repeat(SlotAction.OfNumbers(1, 1), 4)], Given.Simulator, [3, 1]);
        var offset = Given.Scored(new Offset(), new BatchOptions(), [1], [SlotAction.OfNumbers(1, 1)], Given.Simulator);

        Assert.Equal(job.Rewards[1], job.Rewards[0], 1e-9);
        Assert.Single(offset.Rewards);
    }

    [Theory]
    [InlineData(2, 1)]
    [InlineData(3)]
    [InlineData(1, 1, 0)]
    public void Score_TurnsThatDoNotAddUp_AreRefused(params int[] turns)
    {
        var fault = Assert.Throws<PhysIntuitionException>(() => Given.Scored(new Offset(), new BatchOptions(), [1, 1],
            [SlotAction.OfNumbers(1, 1), SlotAction.OfNumbers(1, 2)], Given.Simulator, turns));

        Assert.Equal("turns", fault.Field);
    }

    private static string OptionsOfOne(string id) => id == "OffsetRetry-v1" ? """{"attempts":1}""" : "{}";

    private static SlotAction[] Guesses(ITask task, int step)
    {
        var actions = new SlotAction[Slots];
        for (var slot = 0; slot < Slots; slot++)
        {
            var random = new RandomStream((ulong)slot, (ulong)step);
            var guess = task.Spec.Answer.Select(
                axis => Math.Round(axis.Min + ((axis.Max - axis.Min) * random.NextFloat(0f, 1f))));
            actions[slot] = (slot + step) % 4 == 3
                ? SlotAction.OfText("Who knows?") : SlotAction.OfNumbers([.. guess]);
        }

        return actions;
    }

    private static SlotAction AsTry(ITask task, SlotAction action) => SlotAction.OfText(action.Text is { } text
        ? $"<try>{text}</try>"
        : $"<try>{AnswerText.WriteInner(Answer.Of(action.Numbers.Span), task.Spec.Answer)}</try>");

    private static EnvironmentBatch Forked(EnvironmentBatch like, ArrayBufferWriter<byte> file, string options)
    {
        var batch = Given.Batch(like.Task.Spec.Id, 1, mode: like.Options.Autoreset, options: options);
        batch.Restore(0, file.WrittenSpan);
        var fork = Given.Batch(like.Task.Spec.Id, 1, mode: like.Options.Autoreset, options: options);
        fork.Fork(0, batch, 0);
        return fork;
    }

    // Tries, answers and what cannot be read, in turn, and all that is seen of them.
    private static List<string> Play(EnvironmentBatch batch, int from, int to, int slot = 0)
    {
        var told = new List<string>();
        var mask = new bool[batch.Slots];
        mask[slot] = true;
        for (var step = from; step < to; step++)
        {
            if (batch.IsDone(slot) && batch.Options.Autoreset == AutoresetMode.Disabled)
            {
                batch.Reset(mask, default);
            }

            var random = new RandomStream((ulong)step);
            var guess = SlotAction.OfNumbers([.. batch.Task.Spec.Answer.Select(axis =>
                Math.Round(random.NextFloat((float)axis.Min, (float)axis.Max)))]);
            var actions = new SlotAction[batch.Slots];
            actions[slot] = (step % 3) switch
            {
                0 => AsTry(batch.Task, guess),
                1 => guess,
                _ => SlotAction.OfText("Who knows?"),
            };
            batch.Step(actions, mask);
            var results = batch.Results;
            told.Add($"{results.Rewards[slot]} {results.Terminated[slot]} {results.WasReset[slot]} "
                + $"{results.Seeds[slot]} {results.Steps[slot]} {results.OutcomeHashes[slot]} {results.Verdicts[slot]} "
                + $"{results.ParseErrors[slot]} {results.HasFinal[slot]} {batch.View.Prompt(slot)} "
                + Convert.ToHexString(Given.Picture(batch, slot, 16)));
            if (results.HasFinal[slot])
            {
                told[^1] += Convert.ToHexString(Given.Picture(batch, slot, 16, ObservationTime.Final));
            }
        }

        return told;
    }
}
