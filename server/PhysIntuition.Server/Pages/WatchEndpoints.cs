using PhysIntuition.Server.Access;

namespace PhysIntuition.Server.Pages;

/// <summary>What the server is doing now: numbers and pictures, as server-sent events.</summary>
internal static class WatchEndpoints
{
    /// <summary>Maps the path.</summary>
    public static void Map(WebApplication app)
    {
        var watch = app.Services.GetRequiredService<WatchStream>();
        var answers = ActivatorUtilities.CreateInstance<PageAnswers>(app.Services);
        app.MapGet("/api/watch", answers.Of(async context =>
        {
            await watch.RunAsync(context);
            return Results.Empty;
        })).WithMetadata(new NeededScope(Scopes.Admin));
    }
}
