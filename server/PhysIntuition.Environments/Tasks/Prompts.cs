namespace PhysIntuition.Environments.Tasks;

/// <summary>Puts a task's question and the form of its answer into words.</summary>
public static class Prompts
{
    private const string Template = "{question}\nThink if you like, then end with {form}.";

    /// <summary>The prompt of an episode, by the options' template or the usual one.</summary>
    public static string Of(ITask task, Episode episode)
    {
        var template = episode.Options.Prompt.Length > 0 ? episode.Options.Prompt : Template;
        var text = new StringBuilder(template)
            .Replace("{question}", Question(task, episode))
            .Replace("{form}", AnswerText.FormOf(task.Spec.Answer, episode.Options.Form));

        return text.ToString();
    }

    /// <summary>The question, with the earlier answers where an episode takes several.</summary>
    public static string Question(ITask task, Episode episode) => task.Question(episode) + task.History(episode);
}
