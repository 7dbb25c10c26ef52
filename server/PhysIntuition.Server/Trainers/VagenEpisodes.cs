using System.Buffers.Text;
using System.Runtime.CompilerServices;
using System.Security.Cryptography;

namespace PhysIntuition.Server.Trainers;

/// <summary>One environment of a VAGEN client: an episode, and how the client wants it.</summary>
internal sealed class VagenEpisode
{
    /// <summary>As the client calls it.</summary>
    public required string Id { get; init; }

    /// <summary>The episode.</summary>
    public required OpenEnvEpisode Episode { get; init; }

    /// <summary>How it is played and shown.</summary>
    public required VagenEnvConfig Config { get; init; }

    /// <summary>Sum of the episode's rewards.</summary>
    public double Return { get; set; }

    /// <summary>Whether it was reset, and has not ended since.</summary>
    public bool IsRunning { get; set; }
}

/// <summary>The environments of VAGEN's clients, by the ids that the clients choose.</summary>
/// <remarks>Each is a session of its own, whose lease ends what nobody closes.</remarks>
internal sealed class VagenEpisodes(OpenEnvSessions sessions)
{
    // Sessions' names are made of ids that anybody may guess; the key keeps them to this server.
    private readonly byte[] _key = RandomNumberGenerator.GetBytes(32);
    private readonly ConditionalWeakTable<OpenEnvEpisode, VagenEpisode> _episodes = [];

    /// <summary>Makes an environment; one that had the id is closed.</summary>
    public VagenEpisode Open(Caller caller, string id, ITask task, VagenEnvConfig config)
    {
        Close(caller, id);
        var made = new VagenEpisode
        {
            Id = id,
            Episode = sessions.OpenByHandle(caller, task.Spec.Id, HandleOf(caller, id)),
            Config = config,
        };
        _episodes.Add(made.Episode, made);
        return made;
    }

    /// <summary>Finds an environment.</summary>
    /// <exception cref="PhysIntuitionException">There is none of that id.</exception>
    public VagenEpisode Find(Caller caller, string id) => TryFind(caller, id)
        ?? throw new PhysIntuitionException(Fault.NotFound, "env_ids",
            $"There is no environment '{id}': it was never made, was closed, or nobody used it for too long. " +
            "Make it with /environments.") { Reason = "UNKNOWN_ENVIRONMENT", Value = id };

    /// <summary>Closes an environment; nothing happens if there is none.</summary>
    public void Close(Caller caller, string id)
    {
        if (TryFind(caller, id) is { } found)
        {
            sessions.Close(found.Episode);
        }
    }

    private VagenEpisode? TryFind(Caller caller, string id)
    {
        var handle = HandleOf(caller, id);
        try
        {
            return _episodes.TryGetValue(sessions.Find(handle, handle), out var found) ? found : null;
        }
        catch (PhysIntuitionException gone) when (gone.Fault == Fault.NotFound)
        {
            return null;
        }
    }

    private string HandleOf(Caller caller, string id) =>
        Base64Url.EncodeToString(HMACSHA256.HashData(_key, Encoding.UTF8.GetBytes($"{caller.Name}\0{id}")));
}
