using Microsoft.AspNetCore.Http.Metadata;
using Microsoft.AspNetCore.Mvc.ApiExplorer;
using Microsoft.AspNetCore.OpenApi;
using Microsoft.OpenApi;
using PhysIntuition.Server.Access;
using PhysIntuition.Server.Faults;
using PhysIntuition.Server.Leaderboards;
using PhysIntuition.Server.OpenEnv;
using PhysIntuition.Server.Sessions;
using PhysIntuition.V1;

namespace PhysIntuition.Server.Hosting;

/// <summary>Adds to an operation what only its endpoint's metadata says.</summary>
internal sealed class ApiOperations : IOpenApiOperationTransformer
{
    private const string Json = "application/json";

    public async Task TransformAsync(
        OpenApiOperation operation, OpenApiOperationTransformerContext context, CancellationToken cancellationToken)
    {
        var metadata = context.Description.ActionDescriptor.EndpointMetadata;
        operation.Parameters ??= [];
        operation.Responses ??= [];
        AddPath(operation, context.Description);
        if (metadata.OfType<ApiSession>().LastOrDefault() is { } session)
        {
            AddHeader(operation, SessionKey.IdHeader, session.IsRequired);
            AddHeader(operation, SessionKey.TokenHeader, session.IsRequired);
        }

        if (metadata.OfType<ApiBody>().LastOrDefault() is { } body)
        {
            var schema = await context.GetOrCreateSchemaAsync(body.Type, cancellationToken: cancellationToken);
            operation.RequestBody = Body(schema, body.IsRequired);
        }

        if (metadata.OfType<ApiMessages>().LastOrDefault() is { } messages)
        {
            AddMessages(operation, context, messages);
        }

        if (NeededScopeAttribute.Of(new(metadata)) is not null)
        {
            operation.Security =
            [
                [],
                new() { [new OpenApiSecuritySchemeReference(ApiDocuments.TokenScheme, context.Document)] = [] },
            ];
        }

        operation.Responses["4XX"] = new OpenApiResponse
        {
            Description = "What was wrong with the request.",
            Content = FaultsOf(metadata, context.Document!),
        };
    }

    private static Dictionary<string, OpenApiMediaType> FaultsOf(IList<object> metadata, OpenApiDocument document)
    {
        var content = new Dictionary<string, OpenApiMediaType>
        {
            [FaultMiddleware.ProblemType] = new() { Schema = MessageSchemas.Problem(document) },
        };
        // MCP answers in its own words, once a request has come so far.
        if (metadata.OfType<ITagsMetadata>().Any(tags => tags.Tags.Contains(McpEndpoints.Tag)))
        {
            content[Json] = new() { Schema = new OpenApiSchema { Type = JsonSchemaType.Object } };
        }

        return content;
    }

    private static void AddPath(OpenApiOperation operation, ApiDescription description)
    {
        foreach (var name in (description.RelativePath ?? "").Split('/')
            .Where(part => part.StartsWith('{')).Select(part => part[1..^1].Split(':')[0]))
        {
            if (!operation.Parameters!.Any(parameter => parameter.Name == name))
            {
                operation.Parameters!.Add(new OpenApiParameter
                {
                    Name = name,
                    In = ParameterLocation.Path,
                    Required = true,
                    Schema = new OpenApiSchema { Type = JsonSchemaType.String },
                });
            }
        }
    }

    private static void AddHeader(OpenApiOperation operation, string name, bool isRequired) =>
        operation.Parameters!.Add(new OpenApiParameter
        {
            Name = name,
            In = ParameterLocation.Header,
            Required = isRequired,
            Schema = new OpenApiSchema { Type = JsonSchemaType.String },
        });

    private static void AddMessages(
        OpenApiOperation operation, OpenApiOperationTransformerContext context, ApiMessages messages)
    {
        var path = operation.Parameters!.Select(parameter => parameter.Name).ToHashSet();
        var fields = messages.Request.Fields.InDeclarationOrder().ToList();
        if (fields.RemoveAll(field => field.Name == "token") > 0)
        {
            AddHeader(operation, LeaderboardHttp.TokenHeader, isRequired: true);
        }

        fields.RemoveAll(field => path.Contains(field.Name));
        if (context.Description.HttpMethod == HttpMethods.Post)
        {
            operation.RequestBody = Body(MessageSchemas.Of(fields, context.Document!), isRequired: fields.Count > 0);
        }
        else
        {
            foreach (var field in fields)
            {
                operation.Parameters!.Add(new OpenApiParameter
                {
                    Name = field.JsonName,
                    In = ParameterLocation.Query,
                    Schema = MessageSchemas.Of(field, context.Document!),
                });
            }
        }

        operation.Responses!["200"] = new OpenApiResponse
        {
            Description = "OK",
            Content = new Dictionary<string, OpenApiMediaType>
            {
                [Json] = new()
                {
                    Schema = messages.Reply is null
                        ? new OpenApiSchema { Type = JsonSchemaType.Object }
                        : MessageSchemas.Of(messages.Reply, context.Document!),
                },
            },
        };
    }

    private static OpenApiRequestBody Body(IOpenApiSchema schema, bool isRequired) => new()
    {
        Required = isRequired,
        Content = new Dictionary<string, OpenApiMediaType> { [Json] = new() { Schema = schema } },
    };
}
