using Microsoft.Extensions.AI;
using PhysIntuition.Environments.Players;
using PhysIntuition.Evaluation.InProcess;
using PhysIntuition.Evaluation.Models;
using PhysIntuition.Evaluation.Runs;
using PhysIntuition.Faults;

namespace PhysIntuition.Evaluation.Commands;

/// <summary>Opens every kind of model; one behind an API stays open for the whole run.</summary>
/// <param name="keyVariable">Environment variable with the key; null: the provider's usual one.</param>
/// <param name="cacheFile">Null: no cache.</param>
/// <param name="cachesDraws">Caches answers drawn at a temperature, too.</param>
internal sealed class OpenModels(string? keyVariable, string? cacheFile, bool cachesDraws)
{
    private readonly Dictionary<ModelName, IChatClient> _open = [];
    private readonly Dictionary<ModelName, AdaptiveLimit> _limits = [];

    /// <summary>Requests in flight to a model.</summary>
    public AdaptiveLimit LimitOf(ModelName model) => _limits[model];

    /// <summary>Opens what can be opened, so that a missing key or file is said before anything is asked.</summary>
    public void Check(EvaluationPlan plan)
    {
        foreach (var model in plan.Models)
        {
            _limits[model] = new AdaptiveLimit(plan.Generation.Concurrency);
            switch (model.Provider)
            {
                case Provider.Player:
                    Player(model.Name);
                    break;
                case Provider.Mock when !File.Exists(model.Name):
                    throw new ArgumentException($"'--model' is mock:{model.Name}; there is no such file.");
                case Provider.Folder:
                    throw new NotSupportedException(
                        $"'--model' is {model.Name}, a folder of weights; ask it apart from models behind an API.");
                default:
                    OpenShared(model, plan);
                    break;
            }
        }
    }

    /// <summary>Opens a model for the scenes of one environment; what is shared is not disposed with it.</summary>
    public IChatClient Open(ModelName model, ConversationBatch scenes, EvaluationPlan plan)
    {
        if (model.Provider == Provider.Player)
        {
            var player = Player(model.Name);
            return new ScriptedClient(model.Name, place => scenes.Environment is LocalEnvironment local
                ? local.Play(player, place, plan.PictureSize)
                : throw new NotSupportedException("A scripted player looks into the scene; leave --server out."));
        }

        return new Shared(OpenShared(model, plan));
    }

    private IChatClient OpenShared(ModelName model, EvaluationPlan plan)
    {
        if (!_open.TryGetValue(model, out var chat))
        {
            chat = model.Provider == Provider.Mock
                ? ScriptedClient.FromFile(model.Name)
                : ChatClients.Open(model, plan.Generation, LimitOf(model), keyVariable, Console.Error.WriteLine);
            if (cacheFile is not null)
            {
                chat = new SqliteCache(chat, cacheFile, $"{model.Provider} {model.Address} {model.Name}", cachesDraws);
            }

            _open[model] = chat;
        }

        return chat;
    }

    private static IPlayer Player(string name) => ScriptedPlayers.All.FirstOrDefault(player => player.Name == name)
        ?? throw KnownNames.Unknown("player", name, [.. ScriptedPlayers.All.Select(player => player.Name)]);

    /// <summary>Disposing it leaves the inner client open.</summary>
    private sealed class Shared(IChatClient inner) : DelegatingChatClient(inner)
    {
        protected override void Dispose(bool disposing)
        {
        }
    }
}
