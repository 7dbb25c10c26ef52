namespace PhysIntuition.Environments.Tasks;

/// <summary>Lets every task that asks one question take several answers, and tries before them.</summary>
/// <remarks>
/// The options say how many. A task knows nothing of it: it judges each answer as if it were the only one. After an
/// answer or a try the outcome is shown, and the same question is asked again. An answer pays by how much the score
/// that counts has grown, a try costs, so the rewards of an episode add up to that score less the tries.
/// </remarks>
public static class AttemptRule
{
    /// <summary>Whether an episode may take more than one step.</summary>
    public static bool Applies(TaskSpec spec, TaskOptions options) =>
        spec.AsksOnce && options.Attempts + options.Tries > 1;

    /// <summary>Steps after which an episode ends at the latest.</summary>
    public static int MaxSteps(TaskSpec spec, TaskOptions options) =>
        spec.AsksOnce ? options.Attempts + options.Tries : spec.MaxSteps;

    /// <summary>Refuses what would show the outcomes of scenes whose labels are withheld.</summary>
    /// <param name="spec">What is asked; a task that takes several answers by itself shows no outcomes.</param>
    /// <param name="options">As they are to be used.</param>
    /// <exception cref="PhysIntuitionException">They show outcomes.</exception>
    internal static void CheckWithheld(TaskSpec spec, TaskOptions options)
    {
        if (spec.AsksOnce && (options.Attempts != spec.MaxSteps || options.Tries > 0))
        {
            var name = options.Tries > 0 ? "tries" : "attempts";
            throw new PhysIntuitionException(Fault.NotAllowed, $"options.{name}",
                $"'options.{name}' is {(options.Tries > 0 ? options.Tries : options.Attempts)}, but what comes of "
                + "answers to held-out scenes is withheld until the run is scored. Leave it out, or use the split "
                + "train, val or test.") { Reason = "WITHHELD" };
        }
    }

    /// <summary>The rules that depend on the task.</summary>
    internal static IEnumerable<OptionFault> Check(TaskSpec spec, TaskOptions options)
    {
        if (!spec.AsksOnce && options.Attempts != 1)
        {
            yield return new("attempts",
                $"'attempts' is {options.Attempts}; {spec.Id} takes several steps, each of them once: it must be 1.");
        }

        if (!spec.AsksOnce && options.Tries != 0)
        {
            yield return new("tries",
                $"'tries' is {options.Tries}; {spec.Id} takes several steps, each of them once: it must be 0.");
        }
    }

    /// <summary>Reads a reply that may be a try.</summary>
    internal static Answer Read(ITask task, Episode episode, string text)
    {
        var options = episode.Options;
        if (options.Tries == 0 || !task.Spec.AsksOnce || AnswerText.FindTry(text) is not { } range)
        {
            return task.Parse(text, episode);
        }

        return AsTry(episode, task.Parse($"<answer>{text.AsSpan(range)}</answer>", episode));
    }

    /// <summary>Takes an answer for a try; where none is left, it cannot be read.</summary>
    internal static Answer AsTry(Episode episode, in Answer answer) => TriesLeft(episode) > 0
        ? answer with { IsTry = true }
        : Answer.Unreadable($"All {episode.Options.Tries} tries are used; write the answer between <answer> and "
            + "</answer>.");

    /// <summary>Tries that an episode has left.</summary>
    public static int TriesLeft(Episode episode)
    {
        var count = episode.Options.Tries;
        foreach (var attempt in episode.Attempts)
        {
            count -= attempt.Answer.IsTry ? 1 : 0;
        }

        return count;
    }

    /// <summary>Keeps an answer of an episode that may take several, and pays for it.</summary>
    /// <param name="spec">What is asked.</param>
    /// <param name="turn">The answer; its episode keeps it.</param>
    /// <param name="verdict">The task's, as on an only answer.</param>
    internal static Verdict Count(TaskSpec spec, StepContext turn, in Verdict verdict)
    {
        var (attempts, options) = (turn.Episode.Attempts, turn.Episode.Options);
        var (score, before) = (verdict.Reward, 0.0);
        var answers = turn.Answer.IsTry ? 0 : 1;
        foreach (var attempt in attempts)
        {
            if (!attempt.Answer.IsTry)
            {
                before = answers > 1 && options.Counts == CountedAttempt.Best
                    ? Math.Max(before, attempt.Reward) : attempt.Reward;
                answers++;
            }
        }

        attempts.Add(new(turn.Answer, score, verdict.Reason));
        if (turn.Answer.IsTry)
        {
            return verdict with { Reward = -options.TryCost, IsOver = false };
        }

        var counted = answers > 1 && options.Counts == CountedAttempt.Best ? Math.Max(before, score) : score;
        return verdict with
        {
            Reward = counted - before,
            IsOver = answers >= options.Attempts || score >= spec.Reward.Max,
        };
    }

    /// <summary>What the question adds: how many answers there are, and what came of the earlier ones.</summary>
    internal static string Words(ITask task, Episode episode)
    {
        var options = episode.Options;
        if (!Applies(task.Spec, options))
        {
            return "";
        }

        var text = new StringBuilder();
        AddRules(text, options);
        var (answers, tries) = (0, 0);
        foreach (var attempt in episode.Attempts)
        {
            var (name, number, most) = attempt.Answer.IsTry
                ? ("Try", ++tries, options.Tries) : ("Attempt", ++answers, options.Attempts);
            var inner = attempt.Answer.IsLegal
                ? AnswerText.WriteInner(attempt.Answer, task.Spec.Answer, options.Form) + ": " : "";
            text.Append(CultureInfo.InvariantCulture, $" {name} {number} of {most} was {inner}{Lower(attempt.Reason)}");
        }

        if (episode.Attempts.Count > 0)
        {
            text.Append(task is IPictureTask ? " Answer again."
                : " The picture shows what came of the last one. Answer again for the scene as it was at first.");
        }

        return text.ToString();
    }

    private static void AddRules(StringBuilder text, TaskOptions options)
    {
        if (options.Attempts > 1)
        {
            text.Append(CultureInfo.InvariantCulture,
                $" You have {options.Attempts} attempts and are shown what comes of each; the ");
            text.Append(options.Counts == CountedAttempt.Best ? "best" : "last").Append(" one counts.");
        }

        if (options.Tries > 0)
        {
            text.Append(CultureInfo.InvariantCulture,
                $" Before you answer, you may end a reply with <try>...</try> instead, {Times(options.Tries)}, to be "
                + $"shown what would come of an answer; each try costs {options.TryCost:0.####}.");
        }
    }

    private static string Times(int count) => count == 1 ? "once"
        : string.Create(CultureInfo.InvariantCulture, $"up to {count} times");

    // Verdicts are sentences, whose first letter stands in the middle of one here.
    private static string Lower(string sentence) =>
        sentence.Length > 0 ? char.ToLowerInvariant(sentence[0]) + sentence[1..] : sentence;
}
