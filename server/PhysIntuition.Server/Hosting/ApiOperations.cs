using Google.Protobuf.Reflection;
using Microsoft.AspNetCore.Http.Metadata;
using Microsoft.AspNetCore.Mvc.ApiExplorer;
using Microsoft.AspNetCore.OpenApi;
using Microsoft.OpenApi;
using PhysIntuition.Server.Trainers;

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

/// <summary>The JSON that an endpoint reads by itself, so that what is wrong with it gets a sentence.</summary>
/// <param name="Type">The record that it is read into.</param>
/// <param name="IsRequired">Whether it may be absent.</param>
internal sealed record ApiBody(Type Type, bool IsRequired)
{
    /// <summary>The body of an endpoint.</summary>
    public static ApiBody Of<T>(bool isRequired = true) => new(typeof(T), isRequired);
}

/// <summary>The endpoint takes a session's headers.</summary>
/// <param name="IsRequired">Whether they may be absent.</param>
internal sealed record ApiSession(bool IsRequired)
{
    public static ApiSession Needed { get; } = new(true);

    public static ApiSession Optional { get; } = new(false);
}

/// <summary>The messages of an endpoint that speaks protobuf's JSON.</summary>
/// <param name="RequestType">Its fields are the path's, the query's and the body's.</param>
/// <param name="ReplyType">What it answers; null: another document.</param>
/// <remarks>Descriptors are read when somebody asks for the document: that takes longer than all else of the server's
/// start.</remarks>
internal sealed record ApiMessages(Type RequestType, Type? ReplyType)
{
    /// <summary>The fields that it takes.</summary>
    public MessageDescriptor Request => DescriptorOf(RequestType);

    /// <summary>The fields that it answers with; null: another document.</summary>
    public MessageDescriptor? Reply => ReplyType is null ? null : DescriptorOf(ReplyType);

    private static MessageDescriptor DescriptorOf(Type message) =>
        ((IMessage)Activator.CreateInstance(message)!).Descriptor;
}
