using System.Text.Json;
using System.Text.Json.Serialization;
using PhysIntuition.Environments.Answers;
using PhysIntuition.Environments.Options;
using PhysIntuition.Environments.Pictures;
using PhysIntuition.Environments.Splits;
using PhysIntuition.Environments.Tasks;
using PhysIntuition.Server.Access;
using PhysIntuition.Server.Batches;
using PhysIntuition.Server.Scheduling;

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
    public static void MapAll(WebApplication app)
    {
        var scenes = ActivatorUtilities.CreateInstance<SceneEndpoints>(app.Services);
        var answers = ActivatorUtilities.CreateInstance<PageAnswers>(app.Services);
        void Map(string path, Func<HttpContext, Task<IResult>> answer) =>
            app.MapGet(path, answers.Of(answer)).WithMetadata(NeededScope.NoToken);

        Map("/api/tasks", _ => Task.FromResult(Tasks()));
        Map("/api/tasks/{task}", context => Task.FromResult(OptionsOf(context)));
        Map("/api/scenes/{task}", scenes.DescribeAsync);
        Map("/api/scenes/{task}/outcome", scenes.JudgeAsync);
        Map("/api/scenes/{task}/picture", scenes.DrawAsync);
    }

    private static IResult Tasks() => Results.Json(TaskCatalog.All.Select(task => new
    {
        task.Spec.Id,
        task.Spec.Summary,
        task.Spec.Answer,
        Form = AnswerText.FormOf(task.Spec.Answer),
        task.Spec.MaxSteps,
        task.Spec.Reward,
        task.Spec.Anchors,
        task.Spec.HasScenes,
        Observations = task.Spec.Observations.Select(seen => seen.Name),
        Splits = task.Spec.Splits.Select(Batches.Splits.NameOf),
        Suites = SuiteCatalog.Of(task.Spec).Select(suite => new { suite.Name, suite.Axis, suite.Summary }),
        IsReady = task.Spec.HasScenes || HasPictures(task.Spec),
    }), Json);

    private static IResult OptionsOf(HttpContext context)
    {
        var spec = TaskCatalog.Find((string)context.Request.RouteValues["task"]!).Spec;
        var usual = OptionsReader.Write(OptionsReader.DefaultsOf(spec));
        using var schema = JsonDocument.Parse(OptionsReader.SchemaOf(spec));
        using var defaults = JsonDocument.Parse(usual);
        return Results.Json(new
        {
            spec.Id,
            Defaults = defaults.RootElement.Clone(),
            Schema = schema.RootElement.Clone(),
        }, Json);
    }

    // Photographs come from a folder that the server's owner names.
    private static bool HasPictures(TaskSpec spec) =>
        OptionsReader.DefaultsOf(spec) is PhotoOptions photos && PictureLibrary.Names.Contains(photos.Pictures);

    private async Task<IResult> DescribeAsync(HttpContext context) =>
        Results.Json(await RunAsync(context, SceneReader.Describe), Json);

    private async Task<IResult> JudgeAsync(HttpContext context) =>
        Results.Json(await RunAsync(context, scene => SceneReader.Judge(scene, services.Simulator)), Json);

    private async Task<IResult> DrawAsync(HttpContext context)
    {
        var (channel, format) = ScenePictures.Read(context.Request.Query);
        var (file, range) = await RunAsync(
            context, scene => ScenePictures.Draw(scene, channel, format, services.Metrics));
        if (range is not null)
        {
            context.Response.Headers["PhysIntuition-Depth"] = range;
        }

        return Results.Bytes(file, "image/png");
    }

    private async Task<T> RunAsync<T>(HttpContext context, Func<PlayedScene, T> read)
    {
        var query = SceneQuery.Read((string)context.Request.RouteValues["task"]!, context.Request.Query);
        using var place = services.Quota.TakeRequest();
        var work = new SceneWork<T>(_share, services, query, read, context.RequestAborted);
        services.Scheduler.Submit(work);
        var result = await work.Reply;
        context.Response.Headers.CacheControl = "private, max-age=600";
        return result;
    }
}
