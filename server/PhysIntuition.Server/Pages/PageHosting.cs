using System.IO.Compression;
using Microsoft.AspNetCore.ResponseCompression;
using PhysIntuition.Environments.Batches;

namespace PhysIntuition.Server.Pages;

/// <summary>Puts the pages, and what they ask, on the HTTP port.</summary>
internal static class PageHosting
{
    // Scripts, styles and pictures of this server alone; nobody else may frame a page, and no text becomes a script.
    private const string Policy =
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data: blob:; connect-src 'self'; "
        + "base-uri 'none'; form-action 'none'; frame-ancestors 'none'; require-trusted-types-for 'script'";

    /// <summary>Adds what the pages need.</summary>
    public static void Add(IServiceCollection services)
    {
        services.AddSingleton<PageFiles>();
        services.AddSingleton<WatchStream>();
        services.Configure<BrotliCompressionProviderOptions>(brotli => brotli.Level = CompressionLevel.Fastest);
        services.AddResponseCompression(compression =>
        {
            compression.EnableForHttps = true;   // Replies hold no secret beside what the caller sent.
            compression.MimeTypes = ["application/json"];
        });
    }

    /// <summary>Adds security headers and compression, ahead of whatever may refuse a request.</summary>
    public static void Use(WebApplication app)
    {
        var paths = app.Services.GetRequiredService<PageFiles>().Paths.ToHashSet(StringComparer.Ordinal);
        bool IsOfPages(HttpContext context) =>
            context.Request.Path.StartsWithSegments("/api") || paths.Contains(context.Request.Path.Value ?? "");
        app.UseWhen(IsOfPages, pages => pages.Use(AddHeaders));
        app.UseWhen(
            context => context.Request.Path.StartsWithSegments("/api"), pages => pages.UseResponseCompression());
    }

    /// <summary>Maps files and requests.</summary>
    public static void Map(WebApplication app)
    {
        var files = app.Services.GetRequiredService<PageFiles>();
        foreach (var path in files.Paths)
        {
            app.MapMethods(path, [HttpMethods.Get, HttpMethods.Head], context => files.ServeAsync(context, path))
                .WithMetadata(NeededScopeAttribute.NoToken).ExcludeFromDescription();
        }

        var api = app.MapGroup("/api").WithTags("pages");
        var open = api.MapGroup("").WithMetadata(NeededScopeAttribute.NoToken);
        SceneEndpoints.MapAll(open);
        PeopleEndpoints.MapAll(open);
        api.MapGet("/watch", (WatchStream watch, HttpContext http) => watch.RunAsync(http))
            .WithMetadata(new NeededScopeAttribute(Scopes.Admin)).Produces<string>(contentType: "text/event-stream")
            .WithSummary("What the server is doing now: numbers and pictures, as server-sent events.");
    }

    /// <summary>Simulates one outcome, so that the first visitor's comes at once too; what goes wrong goes
    /// unheard.</summary>
    public static async Task WarmUpAsync(WebApplication app)
    {
        var services = app.Services.GetRequiredService<EnvironmentServices>();
        var task = TaskCatalog.Find("Stability-v1");
        var query = new SceneQuery(
            task, SuiteCatalog.Find(task.Spec, "train"), OptionsReader.DefaultsOf(task.Spec), Seed: 1,
            [SlotAction.OfNumbers(1)]);
        var work = new SceneWork<OutcomeInfo>(
            new WorkShare(), services, query, scene => SceneReader.Judge(scene, services.Simulator),
            app.Lifetime.ApplicationStopping);
        services.Scheduler.Submit(work);
        await work.Reply;
    }

    private static Task AddHeaders(HttpContext context, RequestDelegate next)
    {
        var headers = context.Response.Headers;
        headers.ContentSecurityPolicy = Policy;
        headers.XContentTypeOptions = "nosniff";
        headers["Referrer-Policy"] = "no-referrer";
        headers["Cross-Origin-Opener-Policy"] = "same-origin";
        headers["Cross-Origin-Resource-Policy"] = "same-origin";
        headers["Permissions-Policy"] = "camera=(), microphone=(), geolocation=()";
        return next(context);
    }
}
