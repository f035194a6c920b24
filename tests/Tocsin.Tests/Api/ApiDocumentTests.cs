using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using Microsoft.AspNetCore.Routing;
using Tocsin.Api;
using Tocsin.Tests.Nights;

namespace Tocsin.Tests.Api;

public sealed partial class ApiDocumentTests
{
    private static readonly DateTimeOffset Beginning = new(2026, 3, 10, 2, 0, 0, TimeSpan.Zero);

    [Fact]
    public async Task Every_route_of_the_api_is_in_the_document_with_the_fields_of_its_body()
    {
        await using var night = await NightHost.StartAsync(Beginning);
        var document = await ReadAsync(night);

        Assert.Equal("bearer", document["components"]!["securitySchemes"]!["token"]!["scheme"]!.GetValue<string>());
        Assert.StartsWith("3.", document["openapi"]!.GetValue<string>(), StringComparison.Ordinal);
        var paths = document["paths"]!.AsObject().ToDictionary(path => path.Key.TrimEnd('/'), path => path.Value!);
        var routes = night.AllRoutes.Where(route => PathOf(route) != ApiDocument.Path).ToList();
        Assert.NotEmpty(routes);
        foreach (var route in routes)
            foreach (var method in route.Metadata.GetMetadata<HttpMethodMetadata>()!.HttpMethods)
            {
                var operation = paths[PathOf(route)][method.ToLowerInvariant()];
                Assert.True(operation is not null, $"{method} {PathOf(route)} is not in the document");
                var access = route.Metadata.GetMetadata<RouteAccess>()!;
                if (access.Otherwise is { } otherwise)
                {
                    Assert.Contains(otherwise, operation["description"]!.GetValue<string>(), StringComparison.Ordinal);
                    continue;
                }
                AssertBody(operation, route.Metadata.GetMetadata<RouteBody>()?.Type, document);
                Assert.Contains("role", operation["description"]!.GetValue<string>(), StringComparison.Ordinal);
                Assert.NotNull(operation["security"]![0]!["token"]);
            }
        Assert.Equal(
            routes.Select(PathOf).Distinct().Order(StringComparer.Ordinal), paths.Keys.Order(StringComparer.Ordinal));
    }

    [Fact]
    public async Task What_a_field_may_hold_is_said()
    {
        await using var night = await NightHost.StartAsync(Beginning);
        var document = await ReadAsync(night);

        var answer = Schema(document, "/api/incidents/{id}/ack")["properties"]!["answer"]!.ToJsonString();
        Assert.Contains("able-to-sign", Resolved(answer, document), StringComparison.Ordinal);
        var severity = Schema(document, "/api/incidents/{id}/severity")["properties"]!["severity"]!;
        Assert.Contains("integer", severity["type"]!.ToJsonString(), StringComparison.Ordinal);
    }

    private static async Task<JsonNode> ReadAsync(NightHost night) => JsonNode.Parse(await night.Http.GetStringAsync(
        new Uri(ApiDocument.Path, UriKind.Relative), TestContext.Current.CancellationToken))!;

    private static void AssertBody(JsonNode operation, Type? type, JsonNode document)
    {
        if (type is null)
        {
            Assert.Null(operation["requestBody"]);
            return;
        }
        var schema = SchemaOf(operation, document);
        Assert.Equal(
            type.GetConstructors().MaxBy(one => one.GetParameters().Length)!.GetParameters()
                .Select(field => JsonNamingPolicy.CamelCase.ConvertName(field.Name!)).Order(StringComparer.Ordinal),
            schema["properties"]!.AsObject().Select(field => field.Key).Order(StringComparer.Ordinal));
    }

    private static JsonNode Schema(JsonNode document, string path) =>
        SchemaOf(document["paths"]![path]!["post"]!, document);

    private static JsonNode SchemaOf(JsonNode operation, JsonNode document)
    {
        var schema = operation["requestBody"]!["content"]!["application/json"]!["schema"]!;
        return schema["$ref"] is { } reference ? Component(reference.GetValue<string>(), document) : schema;
    }

    private static string Resolved(string text, JsonNode document) => Reference().Match(text) is { Success: true } found
        ? Component(found.Value, document).ToJsonString()
        : text;

    private static JsonNode Component(string reference, JsonNode document) =>
        document["components"]!["schemas"]![reference.Split('/')[^1]]!;

    private static string PathOf(RouteEndpoint route) =>
        "/" + Constraint().Replace(route.RoutePattern.RawText!, "}").Trim('/');

    [GeneratedRegex(@":\w+\}")]
    private static partial Regex Constraint();

    [GeneratedRegex("#/components/schemas/[^\"]+")]
    private static partial Regex Reference();
}
