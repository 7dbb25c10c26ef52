namespace PhysIntuition.Evaluation;

/// <summary>Where environments run: in this process, or at one or several servers.</summary>
/// <remarks>Scenes are functions of their seeds, so what is learned does not depend on the choice.</remarks>
public sealed class EnvironmentClients : IDisposable
{
    private EnvironmentClients(IReadOnlyList<IEnvironmentClient> all)
    {
        All = all;
    }

    /// <summary>One or more; questions are divided among them.</summary>
    public IReadOnlyList<IEnvironmentClient> All { get; }

    /// <summary>How long a lost server is waited for unless told otherwise.</summary>
    public static TimeSpan UsualPatience { get; } = TimeSpan.FromMinutes(1);

    /// <summary>Connects; where a server is lost, the others go on with what it was asked.</summary>
    /// <param name="servers">Addresses separated by commas, "http://127.0.0.1:50051"; empty: this process.</param>
    /// <param name="patience">How long lost servers are waited for; null: a minute.</param>
    /// <exception cref="ArgumentException">An address cannot be read.</exception>
    /// <exception cref="EnvironmentException">Nobody answers there.</exception>
    public static EnvironmentClients Open(string servers, TimeSpan? patience = null)
    {
        Uri[] addresses = [.. servers.Split(
            ',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries).Select(Address)];
        IEnvironmentClient[] clients = addresses.Length == 0
            ? [new LocalClient()]
            : [.. addresses
                .Select((address, i) => new ClientOptions
                {
                    Address = address, Fallbacks = [.. addresses[(i + 1)..], .. addresses[..i]],
                    Name = "physintuition-trainer/0.1.0", ReconnectFor = patience ?? UsualPatience,
                })
                .Select(options => PhysIntuitionClient.ConnectAsync(options).GetAwaiter().GetResult())];
        return new EnvironmentClients(clients);
    }

    /// <summary>Splits of a task, and its suites under "test".</summary>
    public IReadOnlyList<string> Splits(string task) =>
        [.. All[0].GetTaskAsync(task).AsTask().GetAwaiter().GetResult().Splits.Select(split => split.Name)];

    /// <summary>Ends the sessions.</summary>
    public void Dispose()
    {
        foreach (var client in All)
        {
            client.DisposeAsync().AsTask().GetAwaiter().GetResult();
        }
    }

    /// <summary>Reads an address.</summary>
    public static Uri Address(string address) =>
        Uri.TryCreate(address, UriKind.Absolute, out var uri) && uri.Scheme is "http" or "https"
            ? uri
            : throw new ArgumentException(
                $"server '{address}' is no address; write it as http://HOST:PORT, several separated by commas.");
}
