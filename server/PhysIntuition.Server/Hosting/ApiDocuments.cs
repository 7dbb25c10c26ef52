using System.Text.Json.Serialization;
using Microsoft.AspNetCore.OpenApi;
using Microsoft.OpenApi;
using PhysIntuition.Server.Pages;
using PhysIntuition.Server.Trainers;

namespace PhysIntuition.Server.Hosting;

/// <summary>OpenAPI documents: one of everything over HTTP, and one for each task's paths.</summary>
internal static class ApiDocuments
{
    /// <summary>Name of the scheme in which tokens are sent.</summary>
    public const string TokenScheme = "token";

    private const string Whole = "v1";   // what a path without a name asks for

    /// <summary>Adds what writes the documents.</summary>
    public static void Add(IServiceCollection services)
    {
        services.ConfigureHttpJsonOptions(json =>
        {
            json.SerializerOptions.NumberHandling = JsonNumberHandling.Strict;   // numbers are never texts here
            json.SerializerOptions.DefaultIgnoreCondition = SceneEndpoints.Json.DefaultIgnoreCondition;
            foreach (var converter in SceneEndpoints.Json.Converters)
            {
                json.SerializerOptions.Converters.Add(converter);
            }
        });
        services.AddOpenApi(Whole, document => Configure(document, "PhysIntuition", task: null));
        foreach (var task in TaskCatalog.All.Select(task => task.Spec))
        {
            services.AddOpenApi(task.Id, document =>
            {
                Configure(document, task.Id, task);
                // The paths at the root are the usual task's, and the same below the task's own.
                document.ShouldInclude = endpoint => endpoint.RelativePath is { } path && !path.Contains('/') &&
                    !path.Contains('{') && IsTagged(endpoint, OpenEnvEndpoints.Tag);
            });
        }
    }

    /// <summary>Maps the documents.</summary>
    public static void Map(WebApplication app)
    {
        app.MapOpenApi("/openapi.json").WithMetadata(NeededScopeAttribute.NoToken);
        app.MapOpenApi("/{documentName:regex(^[A-Za-z]+-v[0-9]+$)}/openapi.json")
            .WithMetadata(NeededScopeAttribute.NoToken);
    }

    private static void Configure(OpenApiOptions document, string title, TaskSpec? task)
    {
        document.OpenApiVersion = OpenApiSpecVersion.OpenApi3_1;
        document.AddOperationTransformer<ApiOperations>();
        document.AddDocumentTransformer((written, _, _) =>
        {
            written.Info = new() { Title = title, Version = ServerDescription.Version, Description = task?.Summary };
            written.Servers = [new() { Url = task is null ? "/" : $"/{task.Id}" }];
            written.Components ??= new();
            written.Components.SecuritySchemes = new Dictionary<string, IOpenApiSecurityScheme>
            {
                [TokenScheme] = new OpenApiSecurityScheme
                {
                    Type = SecuritySchemeType.Http,
                    Scheme = "bearer",
                    Description = "An API token, where the server asks for one.",
                },
            };
            return Task.CompletedTask;
        });
    }

    private static bool IsTagged(Microsoft.AspNetCore.Mvc.ApiExplorer.ApiDescription endpoint, string tag) =>
        endpoint.ActionDescriptor.EndpointMetadata.OfType<Microsoft.AspNetCore.Http.Metadata.ITagsMetadata>()
            .Any(tags => tags.Tags.Contains(tag));
}
