using Microsoft.Extensions.AI;
using PhysIntuition.Environments.Players;
using PhysIntuition.Faults;

namespace PhysIntuition.Evaluation;

/// <summary>Opens every kind of model; one behind an API stays open for the whole run.</summary>
/// <param name="keyVariable">Environment variable with the key; null: the provider's usual one.</param>
/// <param name="cacheFile">Null: no cache.</param>
/// <param name="cachesDraws">Caches answers drawn at a temperature, too.</param>
/// <param name="folders">Opens folders of weights; null: this program cannot.</param>
internal sealed class OpenModels(
    string? keyVariable, string? cacheFile, bool cachesDraws, IFolderModels? folders) : IDisposable
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
            var most = plan.Generation.Concurrency;
            _limits[model] = model.Provider == Provider.Folder
                ? new AdaptiveLimit(most, start: most)   // it refuses nothing
                : new AdaptiveLimit(most);
            switch (model.Provider)
            {
                case Provider.Player:
                    Player(model.Name);
                    break;
                case Provider.Mock when !File.Exists(model.Name):
                    throw new ArgumentException($"'--model' is mock:{model.Name}; there is no such file.");
                case Provider.Folder:
                    var opens = folders ?? throw new NotSupportedException($"'--model' is {model.Name}, a folder of "
                        + "weights, which the trainer's program opens; run ./physintuition eval.");
                    opens.Check(model, plan.Generation);
                    break;
                default:
                    OpenShared(model, plan);
                    break;
            }
        }
    }

    /// <summary>Opens a model for the scenes of one environment; what is shared is not disposed with it.</summary>
    /// <param name="model">Which.</param>
    /// <param name="scenes">The environment, for scripted players; null: held-out scenes, which nobody sees.</param>
    /// <param name="plan">How is asked.</param>
    public IChatClient Open(ModelName model, ConversationBatch? scenes, EvaluationPlan plan)
    {
        if (model.Provider == Provider.Player)
        {
            var player = Player(model.Name);
            return new ScriptedClient(model.Name, place => scenes?.Environment is LocalEnvironment local
                ? local.Play(player, place, plan.PictureSize)
                : throw new NotSupportedException("A scripted player looks into the scene; leave --server out."));
        }

        // No cache for a folder: its weights may be others by the next run.
        return new Shared(model.Provider == Provider.Folder
            ? folders!.Open(model, plan.Generation)
            : OpenShared(model, plan));
    }

    /// <summary>Closes every model.</summary>
    public void Dispose()
    {
        folders?.Dispose();
        foreach (var chat in _open.Values)
        {
            chat.Dispose();
        }
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
