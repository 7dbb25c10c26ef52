using PhysIntuition.Client;
using PhysIntuition.V1;

namespace PhysIntuition.Play.Agents;

/// <summary>Answers what the environment itself would; open on the training split.</summary>
internal sealed class ExpertAgent : IAgent
{
    public string Name => "expert";

    public string? Needs => "expert";

    public IReadOnlyList<string> Act(TaskInfo task, int rows, Observations observations) =>
        observations["expert"].Texts;
}
