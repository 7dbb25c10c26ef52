using System.Text.Json.Serialization;
using PhysIntuition.Environments.Answers;
using PhysIntuition.Environments.Observations;

namespace PhysIntuition.Server.Pages;

/// <summary>What pages ask of open scenes: pure functions of the address, so that any cache may keep them.</summary>
internal sealed class SceneEndpoints(EnvironmentServices services)
{
    private readonly WorkShare _share = new();   // all visitors together have one session's share of the machine

    /// <summary>How pages' JSON is written.</summary>
    public static JsonSerializerOptions Json { get; } = new(JsonSerializerDefaults.Web)
    {
        DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
        Converters = { new JsonStringEnumConverter(JsonNamingPolicy.CamelCase) },
    };

    /// <summary>Maps the paths.</summary>
    public static void MapAll(IEndpointRouteBuilder api)
    {
        var scenes = ActivatorUtilities.CreateInstance<SceneEndpoints>(api.ServiceProvider);
        api.MapGet("/tasks", Tasks).Produces<TaskSummary[]>().WithSummary("All tasks.");
        api.MapGet("/tasks/{task}", OptionsOf).Produces<TaskOptionsInfo>().WithSummary("A task's options.");
        api.MapGet("/scenes/{task}", scenes.DescribeAsync).Produces<SceneInfo>()
            .WithSummary("A scene of an open split, with all that is known about it.");
        api.MapGet("/scenes/{task}/outcome", scenes.JudgeAsync).Produces<OutcomeInfo>()
            .WithSummary("What comes of answers.");
        api.MapGet("/scenes/{task}/picture", scenes.DrawAsync)
            .Produces<Stream>(contentType: "image/png").WithSummary("A picture of a scene, after the answers.");
    }

    private static IResult Tasks() => Results.Json(TaskCatalog.All.Select(task => task.Spec).Select(spec =>
        new TaskSummary(
            spec.Id, spec.Summary, spec.Answer, AnswerText.FormOf(spec.Answer), spec.MaxSteps, spec.AsksOnce,
            spec.Reward, spec.Anchors, spec.HasScenes, [.. spec.Observations.Select(seen => seen.Name)],
            [.. spec.Splits.Select(Batches.Splits.NameOf)],
            [.. SuiteCatalog.Of(spec).Select(suite => new SuiteSummary(suite.Name, suite.Axis, suite.Summary))],
            IsReady: spec.HasScenes || HasPictures(spec))), Json);

    private static IResult OptionsOf(string task)
    {
        var spec = TaskCatalog.Find(task).Spec;
        var usual = OptionsReader.Write(OptionsReader.DefaultsOf(spec));
        using var schema = JsonDocument.Parse(OptionsReader.SchemaOf(spec));
        using var defaults = JsonDocument.Parse(usual);
        return Results.Json(
            new TaskOptionsInfo(spec.Id, defaults.RootElement.Clone(), schema.RootElement.Clone()), Json);
    }

    // Photographs come from a folder that the server's owner names.
    private static bool HasPictures(TaskSpec spec) =>
        OptionsReader.DefaultsOf(spec) is PhotoOptions photos && PictureLibrary.Names.Contains(photos.Pictures);

    private async Task<IResult> DescribeAsync(string task, [AsParameters] SceneAddress address, HttpContext http) =>
        Results.Json(await RunAsync(task, address, http, SceneReader.Describe), Json);

    private async Task<IResult> JudgeAsync(string task, [AsParameters] SceneAddress address, HttpContext http) =>
        Results.Json(
            await RunAsync(task, address, http, scene => SceneReader.Judge(scene, services.Simulator)), Json);

    private async Task<IResult> DrawAsync(
        string task, [AsParameters] SceneAddress address, [AsParameters] PictureAddress picture, HttpContext http)
    {
        var (channel, format) = ScenePictures.Read(picture);
        var (file, range) = await RunAsync(
            task, address, http, scene => ScenePictures.Draw(scene, channel, format, services.Metrics));
        if (range is not null)
        {
            http.Response.Headers["PhysIntuition-Depth"] = range;
        }

        return Results.Bytes(file, "image/png");
    }

    private async Task<T> RunAsync<T>(
        string task, SceneAddress address, HttpContext http, Func<PlayedScene, T> read)
    {
        var query = SceneQuery.Read(task, address);
        using var place = services.Quota.TakeRequest();
        var work = new SceneWork<T>(_share, services, query, read, http.RequestAborted);
        services.Scheduler.Submit(work);
        var result = await work.Reply;
        http.Response.Headers.CacheControl = "private, max-age=600";
        return result;
    }
}
