using Microsoft.Extensions.Options;
using ListenOptions = PhysIntuition.Server.Options.ListenOptions;

namespace PhysIntuition.Server.Hosting;

/// <summary>Pages of other origins may call where the options name them; browsers keep all others out.</summary>
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
        var origins = Parse(app.Services.GetRequiredService<IOptions<ListenOptions>>().Value.Origins);
        if (origins.Length > 0)
        {
            app.UseCors(policy => policy.WithOrigins(origins).AllowAnyHeader()
                .WithMethods(HttpMethods.Get, HttpMethods.Post).WithExposedHeaders(s_readable)
                .SetPreflightMaxAge(TimeSpan.FromHours(1)));
        }
    }
}
