using Microsoft.Extensions.AI;

namespace PhysIntuition.Trainer.Hosting;

/// <summary>Opens folders of weights as chat clients, one at a time.</summary>
/// <param name="device">"cpu", "cuda" or "cuda:1".</param>
internal sealed class FolderModels(string device) : IFolderModels
{
    private static readonly string[] s_members = ["top_k", "min_p"];

    private ModelEngine? _engine;
    private ModelName? _open;

    /// <inheritdoc/>
    public void Check(ModelName model, GenerationSettings settings)
    {
        Policy.RequireFolder(model.Name);
        foreach (var (name, _) in settings.ExtraBody.Where(member => !s_members.Contains(member.Key)))
        {
            throw KnownNames.Unknown("--extra-body", name, s_members);
        }

        Sampling(settings).Validate();
    }

    /// <inheritdoc/>
    public IChatClient Open(ModelName model, GenerationSettings settings)
    {
        if (_open != model)
        {
            Dispose();
            _engine = new ModelEngine(Policy.Open(model.Name, new PolicyOptions { Device = device }), model.Label);
            _open = model;
        }

        return new VlmChatClient(_engine!, Sampling(settings));
    }

    /// <inheritdoc/>
    public void Dispose() => (_engine, _open) = (Closed(_engine), null);

    private static ModelEngine? Closed(ModelEngine? engine)
    {
        engine?.Dispose();
        return null;
    }

    private static SamplingOptions Sampling(GenerationSettings settings) => new()
    {
        TopK = Read(settings.ExtraBody, "top_k") is { } topK ? (int)topK : 0,
        MinP = Read(settings.ExtraBody, "min_p") is { } minP ? (float)minP : 0,
    };

    private static double? Read(JsonObject members, string name) => members[name] switch
    {
        null => null,
        { } value when value.GetValueKind() == JsonValueKind.Number =>
            double.Parse(value.ToJsonString(), CultureInfo.InvariantCulture),
        var other => throw new ArgumentException(
            $"'--extra-body' has {name} {other.ToJsonString()}; it must be a number."),
    };
}
