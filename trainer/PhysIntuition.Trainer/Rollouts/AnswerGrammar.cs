using PhysIntuition.Environments.Answers;
using PhysIntuition.Environments.Tasks;

namespace PhysIntuition.Trainer.Rollouts;

/// <summary>The texts that a task can read as an answer, in the form that its prompt asks for.</summary>
internal static class AnswerGrammar
{
    private const int MaxValues = 20_001;   // of one axis; finer decimals than fit are not offered

    /// <summary>The grammar of a task's answers.</summary>
    /// <param name="taskId">With version.</param>
    /// <param name="optionsJson">The task's options; tries add their own form, and one form for all tasks has no
    /// brackets.</param>
    /// <exception cref="ArgumentException">The task's answers are no list of values.</exception>
    public static TextGrammar Of(string taskId, string optionsJson = "")
    {
        var axes = TaskCatalog.Find(taskId).Spec.Answer;
        if (axes.Count == 0)
        {
            throw new ArgumentException($"constrain is answer and task {taskId}, whose answers are free text; leave "
                + "constrain out for it.");
        }

        var options = optionsJson.Length > 0 ? JsonNode.Parse(optionsJson) as JsonObject : null;
        var hasBrackets = axes.Count > 1 && options?["form"]?.GetValue<string>() != "one";
        string[] tags = options?["tries"]?.GetValue<int>() > 0 ? ["answer", "try"] : ["answer"];
        return new TextGrammar([.. tags.SelectMany(tag => axes[0].Fields is { } fields
            ? Enumerable.Range((int)axes[0].Min, (int)(axes[0].Max - axes[0].Min) + 1)
                .Select(items => List(fields, items, tag))
            : [Form(axes, tag, hasBrackets)])]);
    }

    /// <summary>Every value of an axis as it is written.</summary>
    internal static IReadOnlyList<string> Values(AnswerAxis axis)
    {
        if (axis.Choices is { } words)
        {
            return words;
        }

        var width = axis.Max - axis.Min;
        var scale = axis.IsInteger || (width * 10) + 1 > MaxValues ? 1 : (width * 100) + 1 > MaxValues ? 10 : 100;
        var (first, last) = ((long)Math.Ceiling(axis.Min * scale), (long)Math.Floor(axis.Max * scale));
        if (last - first + 1 > MaxValues)
        {
            throw new ArgumentException(string.Create(CultureInfo.InvariantCulture,
                $"constrain is answer and '{axis.Name}' has {last - first + 1} values; at most {MaxValues} can be "
                + $"listed."));
        }

        return [.. Enumerable.Range(0, (int)(last - first + 1)).Select(i =>
            ((first + i) / (double)scale).ToString("0.##", CultureInfo.InvariantCulture))];
    }

    private static IReadOnlyList<IReadOnlyList<string>> Form(
        IReadOnlyList<AnswerAxis> axes, string tag, bool hasBrackets)
    {
        List<IReadOnlyList<string>> pieces = [[$"<{tag}>" + (hasBrackets ? "(" : "")]];
        foreach (var (axis, i) in axes.Select((axis, i) => (axis, i)))
        {
            pieces.Add(i == 0 ? Values(axis) : [.. Values(axis).Select(value => ", " + value)]);
        }

        pieces.Add([(hasBrackets ? ")" : "") + $"</{tag}>"]);
        return pieces;
    }

    /// <summary>A JSON list of so many objects, as <see cref="AnswerText.Write"/> has it.</summary>
    private static IReadOnlyList<IReadOnlyList<string>> List(IReadOnlyList<AnswerAxis> fields, int items, string tag)
    {
        List<IReadOnlyList<string>> pieces = [[$"<{tag}>["]];
        for (var item = 0; item < items; item++)
        {
            foreach (var (field, k) in fields.Select((field, k) => (field, k)))
            {
                pieces.Add([(k > 0 ? ", " : item > 0 ? "}, {" : "{") + $"\"{field.Name}\": "]);
                pieces.Add(field.Choices is { } words ? [.. words.Select(word => $"\"{word}\"")] : Values(field));
            }
        }

        pieces.Add([$"}}]</{tag}>"]);
        return pieces;
    }
}

/// <summary>The constraint of each task's answers for one model, made when it is first asked for.</summary>
/// <param name="policy">Whose tokens.</param>
/// <param name="isOn">Off: nothing is constrained.</param>
/// <param name="optionsJson">The tasks' options.</param>
internal sealed class AnswerConstraints(Policy policy, bool isOn, string optionsJson)
{
    private readonly Dictionary<string, TokenConstraint> _byTask = [];

    /// <summary>One for each task; empty where nothing is constrained.</summary>
    public IReadOnlyList<TokenConstraint?> Of(IEnumerable<string> tasks) => isOn ? [.. tasks.Select(Of)] : [];

    private TokenConstraint Of(string task)
    {
        if (!_byTask.TryGetValue(task, out var constraint))
        {
            // Of several stop tokens the one that imitation shows: which of them ends an answer says nothing.
            _byTask[task] = constraint = new TokenConstraint(AnswerGrammar.Of(task, optionsJson),
                policy.Encoder.Tokenizer, [policy.StopTokens[0]], policy.Model.Config.Text.VocabSize);
        }

        return constraint;
    }
}
