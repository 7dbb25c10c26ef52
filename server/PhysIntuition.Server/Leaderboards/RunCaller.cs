using Grpc.Core;

namespace PhysIntuition.Server.Leaderboards;

/// <summary>Who opens and closes runs.</summary>
/// <param name="Owner">Whose the runs are: the name of an API token; empty where none is asked for.</param>
/// <param name="Address">Where the call comes from.</param>
internal sealed record RunCaller(string Owner, string Address)
{
    /// <summary>Whose rate the call counts against.</summary>
    public string Key => Owner.Length > 0 ? Owner : Address;

    /// <summary>The caller of a request that came through the gate.</summary>
    public static RunCaller Of(HttpContext http) =>
        new(http.Caller() is { IsEverybody: false } token ? token.Name : "", AddressOf(http));

    /// <inheritdoc cref="Of(HttpContext)"/>
    public static RunCaller Of(ServerCallContext context) => Of(context.GetHttpContext());

    /// <summary>A person on the page, who needs no token.</summary>
    public static RunCaller Person(HttpContext http) => new("people", AddressOf(http));

    private static string AddressOf(HttpContext http) => http.Connection.RemoteIpAddress?.ToString() ?? "";
}
