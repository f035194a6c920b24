using System.Text.Json;
using Microsoft.AspNetCore.OpenApi;
using Microsoft.OpenApi;
using Tocsin.Configuration;
using Tocsin.Recording;

namespace Tocsin.Api;

/// <summary>
/// The API as a document for tools, in OpenAPI: each route with the least role that it takes and what it reads.
/// </summary>
internal static class ApiDocument
{
    public const string Path = "/api/openapi.json";

    private const string Json = "application/json";
    private const string TokenScheme = "token";

    public static IServiceCollection AddApiDocument(this IServiceCollection services) => services
        .ConfigureHttpJsonOptions(json => WriteAsWeRead(json.SerializerOptions))
        .AddOpenApi(options =>
        {
            options.ShouldInclude = route => route.RelativePath?.StartsWith("api/", StringComparison.Ordinal) == true;
            options.AddDocumentTransformer((document, _, _) => Describe(document));
            options.AddOperationTransformer(DescribeAsync);
        });

    public static void MapApiDocument(this WebApplication app) => app.MapOpenApi(Path).Needs(TokenRole.Viewer);

    // The bodies are read by the options of the log, so their shape is what these make of it.
    private static void WriteAsWeRead(JsonSerializerOptions options)
    {
        options.PropertyNamingPolicy = EventJson.Options.PropertyNamingPolicy;
        options.UnmappedMemberHandling = EventJson.Options.UnmappedMemberHandling;
        options.NumberHandling = EventJson.Options.NumberHandling;
        foreach (var converter in EventJson.Options.Converters)
            options.Converters.Add(converter);
    }

    private static Task Describe(OpenApiDocument document)
    {
        document.Info = new OpenApiInfo
        {
            Title = "Tocsin",
            Version = "1",
            Description = "Incidents, people and what is approved ahead. A refusal says why under 'error'.",
        };
        document.Servers = [];
        document.AddComponent<IOpenApiSecurityScheme>(TokenScheme, new OpenApiSecurityScheme
        {
            Type = SecuritySchemeType.Http,
            Scheme = "bearer",
            Description = "Asked for where tocsin.yaml has 'tokens'.",
        });
        return Task.CompletedTask;
    }

    private static async Task DescribeAsync(
        OpenApiOperation operation, OpenApiOperationTransformerContext context, CancellationToken cancellationToken)
    {
        var says = context.Description.ActionDescriptor.EndpointMetadata;
        operation.Tags = null;
        if (says.OfType<RouteAccess>().LastOrDefault() is { } access)
            Describe(operation, access, context.Document!);
        if (says.OfType<RouteBody>().LastOrDefault() is { } body)
            operation.RequestBody = new OpenApiRequestBody
            {
                Required = true,
                Content = new Dictionary<string, OpenApiMediaType>
                {
                    [Json] = new()
                    {
                        Schema = await context.GetOrCreateSchemaAsync(
                            body.Type, cancellationToken: cancellationToken),
                    },
                },
            };
    }

    private static void Describe(OpenApiOperation operation, RouteAccess access, OpenApiDocument document)
    {
        if (access.Least is not { } least)
        {
            operation.Description = $"Takes {access.Otherwise}.";
            return;
        }
        operation.Description = $"Takes a token of the role {Access.Word(least)} or above.";
        operation.Security =
        [
            new OpenApiSecurityRequirement { [new OpenApiSecuritySchemeReference(TokenScheme, document)] = [] },
        ];
        foreach (var (status, what) in Refusals)
            (operation.Responses ??= []).TryAdd(status, new OpenApiResponse { Description = what });
    }

    private static readonly (string Status, string What)[] Refusals =
    [
        ("401", "No token, or none that is known"),
        ("403", "The token's role is too small, its person is revoked, or the body is in another's name"),
    ];
}
