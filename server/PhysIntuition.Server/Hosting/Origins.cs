using System.Net;
using ListenOptions = PhysIntuition.Server.ListenOptions;

namespace PhysIntuition.Server.Hosting;

/// <summary>Pages of other origins may call where the options name them; all others are kept out.</summary>
/// <remarks>
/// Browsers send a page's simple requests before they ask, and open its WebSockets unasked; and a page whose own name
/// was made to point at this machine (DNS rebinding) has the server's origin. So the server looks at both names.
/// </remarks>
internal static class Origins
{
    // Beside the few that every page may read.
    private static readonly string[] s_readable =
    [
        "grpc-status", "grpc-message", "physintuition-error-bin", "physintuition-session",
        "physintuition-session-token", "PhysIntuition-Depth", "Retry-After",
    ];

    /// <summary>Whether browsers would send this as a page's origin: scheme and host, no path.</summary>
    public static bool IsOrigin(string text) =>
        Uri.TryCreate(text, UriKind.Absolute, out var uri) && uri.Scheme is "http" or "https"
        && uri.GetLeftPart(UriPartial.Authority) == text;

    /// <summary>Splits the list of the options.</summary>
    public static string[] Parse(string list) =>
        list.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries);

    /// <summary>Answers browsers that ask on a page's behalf, ahead of whatever wants a token.</summary>
    public static void Use(WebApplication app)
    {
        var listen = app.Services.GetRequiredService<IOptions<ListenOptions>>().Value;
        var origins = Parse(listen.Origins);
        if (origins.Length > 0)
        {
            app.UseCors(policy => policy.WithOrigins(origins).AllowAnyHeader()
                .WithMethods(HttpMethods.Get, HttpMethods.Post).WithExposedHeaders(s_readable)
                .SetPreflightMaxAge(TimeSpan.FromHours(1)));
        }

        var isLoopback = IPAddress.IsLoopback(IPAddress.Parse(listen.Address));
        app.Use((http, next) => IsOfBrowsers(http) && RefusalOf(http.Request, origins, isLoopback) is { } refusal
            ? throw refusal
            : next(http));
    }

    // No browser speaks HTTP/2 without TLS, and with it the certificate's name is checked. What only reads is left to
    // the browser, which shows the answer to the server's own pages alone.
    private static bool IsOfBrowsers(HttpContext http) => !HttpProtocol.IsHttp2(http.Request.Protocol) &&
        (http.Request.Headers.Upgrade.Count > 0 || !(HttpMethods.IsGet(http.Request.Method) ||
            HttpMethods.IsHead(http.Request.Method) || HttpMethods.IsOptions(http.Request.Method)));

    private static PhysIntuitionException? RefusalOf(HttpRequest request, string[] origins, bool isLoopback)
    {
        if (isLoopback && request.Host.HasValue && !IsLoopback(request.Host.Host) &&
            !origins.Any(origin => IsSame(new Uri(origin).Host, request.Host.Host)))
        {
            return Foreign("Host", request.Host.Value, "it must name this machine, as localhost does");
        }

        var origin = request.Headers.Origin.ToString();
        var isOwn = origin.Length == 0 || IsSame(AuthorityOf(origin), request.Host.Value) ||
            request.Headers["Sec-Fetch-Site"] == "same-origin"; // A proxy may have changed Host.
        return isOwn || origins.Contains(origin, StringComparer.OrdinalIgnoreCase)
            ? null
            : Foreign("Origin", origin, "it must be the server's own");
    }

    private static bool IsLoopback(string host) =>
        IsSame(host, "localhost") || (IPAddress.TryParse(host, out var address) && IPAddress.IsLoopback(address));

    private static string? AuthorityOf(string origin) =>
        Uri.TryCreate(origin, UriKind.Absolute, out var uri) ? uri.Authority : null;

    private static bool IsSame(string? one, string? other) =>
        string.Equals(one, other, StringComparison.OrdinalIgnoreCase);

    private static PhysIntuitionException Foreign(string header, string? value, string rule) =>
        new(Fault.NotAllowed, header, $"'{header}' is '{value}'; {rule}. To let a page of another site call, name " +
            $"its origin in {ListenOptions.Section}:{nameof(ListenOptions.Origins)}.")
        {
            Reason = "FOREIGN_ORIGIN",
        };
}
