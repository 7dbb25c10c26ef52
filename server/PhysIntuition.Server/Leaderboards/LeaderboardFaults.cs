using PhysIntuition.Faults;
using PhysIntuition.Leaderboard.Runs;
using PhysIntuition.Leaderboard.Storage;

namespace PhysIntuition.Server.Leaderboards;

/// <summary>The leaderboard's refusals in the words of the wire.</summary>
internal static class LeaderboardFaults
{
    /// <summary>Runs work and translates what it throws.</summary>
    public static async Task<T> TranslateAsync<T>(Func<Task<T>> work)
    {
        try
        {
            return await work();
        }
        catch (LeaderboardException refusal)
        {
            throw new PhysIntuitionException(FaultOf(refusal.Fault), refusal.Field, refusal.Message);
        }
        catch (StorageException failure)
        {
            throw new PhysIntuitionException(Fault.Unavailable, "",
                $"The leaderboard's database does not answer ({failure.Message}) Nothing was stored; try again later.");
        }
    }

    private static Fault FaultOf(LeaderboardFault fault) => fault switch
    {
        LeaderboardFault.InvalidArgument => Fault.InvalidArgument,
        LeaderboardFault.NotFound => Fault.NotFound,
        LeaderboardFault.LimitReached => Fault.LimitReached,
        _ => Fault.OutOfOrder,
    };
}
