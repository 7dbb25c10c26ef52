namespace PhysIntuition.Benchmarks.Leaks;

/// <summary>Collects, for every task and number that a player can have, its values by the scenes' class.</summary>
internal sealed class Probes
{
    private readonly Lock _lock = new();
    private readonly Dictionary<(string Task, string Name), (List<double> No, List<double> Yes)> _values = [];

    /// <summary>Adds the values of one number.</summary>
    /// <param name="task">Whose scenes.</param>
    /// <param name="name">Of the number, for example <c>look_s</c>.</param>
    /// <param name="labels">The class of each scene.</param>
    /// <param name="values">One for each scene; NaN: there is none.</param>
    public void Add(string task, string name, IReadOnlyList<bool> labels, IReadOnlyList<double> values)
    {
        lock (_lock)
        {
            if (!_values.TryGetValue((task, name), out var lists))
            {
                _values[(task, name)] = lists = ([], []);
            }

            for (var i = 0; i < values.Count; i++)
            {
                if (!double.IsNaN(values[i]))
                {
                    (labels[i] ? lists.Yes : lists.No).Add(values[i]);
                }
            }
        }
    }

    /// <summary>What each number tells; those that never change are left out, as they tell nothing.</summary>
    /// <param name="constant">How many those are.</param>
    /// <param name="only">Of this task; null: of all.</param>
    public IReadOnlyList<Probe> Results(out int constant, string? only = null)
    {
        var probes = new List<Probe>();
        constant = 0;
        foreach (var ((task, name), (no, yes)) in _values)
        {
            if (only is not null && task != only)
            {
                continue;
            }

            if (no.Count == 0 || yes.Count == 0 || no.Concat(yes).Distinct().Count() == 1)
            {
                constant++;
            }
            else
            {
                probes.Add(new Probe(task, name, Auc.Of(no, yes)));
            }
        }

        return probes;
    }
}

/// <summary>What one number tells about the scenes of a task.</summary>
internal sealed record Probe(string Task, string Name, Auc Auc)
{
    /// <summary>Of numbers that are functions of the picture and the prompt alone: whoever sees them has what they
    /// tell.</summary>
    public const string ShownPrefix = "shown_";

    /// <summary>Whether the scene itself shows it.</summary>
    public bool IsShown => Name.StartsWith(ShownPrefix, StringComparison.Ordinal);
}
