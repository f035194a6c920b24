using System.Net;
using System.Text;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using Microsoft.AspNetCore.Routing;
using Tocsin.Api;
using Tocsin.Tests.Incidents;
using Tocsin.Tests.Nights;
using Tocsin.Tests.Plans;

namespace Tocsin.Tests.Api;

/// <summary>
/// Whatever a tool sends to any route that takes something: it is told in words what is wrong, the server stays up, and
/// nothing comes to stand in the log.
/// </summary>
public sealed partial class HostileBodyTests
{
    private const int RandomBodies = 120;

    private static readonly DateTimeOffset Beginning = new(2026, 3, 10, 2, 0, 0, TimeSpan.Zero);

    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    public async Task Any_body_is_refused_in_words_and_records_nothing(int seed)
    {
        await using var night = await WithIncidentsAsync();
        var random = new Random(seed);
        foreach (var route in Taking(night))
        {
            var type = route.Metadata.GetMetadata<RouteBody>()!.Type;
            for (var i = 0; i < RandomBodies; i++)
                await RefusedAsync(night, route, HostileJson.Any(random, type));
        }
    }

    [Fact]
    public async Task A_body_that_is_right_but_for_one_field_is_refused_in_words_and_records_nothing()
    {
        await using var night = await WithIncidentsAsync();
        foreach (var route in Taking(night))
            foreach (var body in HostileJson.NearlyRight(route.Metadata.GetMetadata<RouteBody>()!.Type))
                await RefusedAsync(night, route, body);
    }

    [Fact]
    public async Task What_is_not_sent_as_JSON_is_refused_in_words_and_records_nothing()
    {
        await using var night = await WithIncidentsAsync();
        foreach (var route in Taking(night))
        {
            var right = HostileJson.Right(route.Metadata.GetMetadata<RouteBody>()!.Type).ToJsonString();
            foreach (var (bytes, type) in HostileJson.WronglySent(right))
                await RefusedAsync(night, route, bytes, type);
        }
    }

    [Theory]
    [InlineData("GET", "/api/nothing-here", HttpStatusCode.NotFound)]
    [InlineData("POST", "/api/incidents/INC-1/calls/one/signatures", HttpStatusCode.NotFound)]
    [InlineData("DELETE", "/api/incidents/INC-1", HttpStatusCode.MethodNotAllowed)]
    [InlineData("GET", "/API/incidents/INC-1/approvals", HttpStatusCode.MethodNotAllowed)]
    public async Task Where_no_route_answers_a_tool_is_told_so(string method, string path, HttpStatusCode status)
    {
        await using var night = await WithIncidentsAsync();
        using var request = new HttpRequestMessage(new HttpMethod(method), path);
        using var answer = await night.Http.SendAsync(request, Cancelled);

        Assert.Equal(status, answer.StatusCode);
        var text = await answer.Content.ReadAsStringAsync(Cancelled);
        Assert.Contains("openapi", JsonNode.Parse(text)!["error"]!.GetValue<string>(), StringComparison.Ordinal);
    }

    /// <summary>With what stands for its parameters filled in.</summary>
    internal static string PathOf(RouteEndpoint route) => Parameter().Replace(
        "/" + route.RoutePattern.RawText!.TrimStart('/'),
        name => name.Groups[1].Value switch
        {
            "id" => "INC-1",
            "call" or "number" => "1",
            "key" => "1",
            "communication" => "users",
            "person" => "ben",
            _ => "pause-all",
        });

    private static List<RouteEndpoint> Taking(NightHost night)
    {
        var routes = night.Routes
            .Where(route => route.Metadata.GetMetadata<HttpMethodMetadata>()!.HttpMethods.Contains("POST"))
            .ToList();
        Assert.True(routes.Count >= 20, $"only {routes.Count} routes take anything");
        return routes;
    }

    private static async Task<NightHost> WithIncidentsAsync()
    {
        var night = await NightHost.StartAsync(Beginning);
        night.WritePlan(NightPlan.Deciding);
        await night.LookAtPlanAsync();
        night.Find(Story.Finding());
        await night.UntilAsync(night.Now);
        Assert.Null(await night.PostAsync(
            "/api/incidents/", new JsonObject { ["by"] = "ada", ["words"] = "another", ["exercise"] = true }));
        Assert.Null(await night.PostAsync(
            "/api/incidents/INC-1/ledger", new JsonObject { ["by"] = "ada", ["rule"] = DecidingPlan.Exchange }));
        return night;
    }

    private static Task RefusedAsync(NightHost night, RouteEndpoint route, string body) =>
        RefusedAsync(night, route, Encoding.UTF8.GetBytes(body), "application/json");

    private static async Task RefusedAsync(NightHost night, RouteEndpoint route, byte[] body, string? type)
    {
        var head = night.Head;
        using var request = new HttpRequestMessage(HttpMethod.Post, PathOf(route));
        request.Content = new ByteArrayContent(body);
        if (type is not null)
            request.Content.Headers.TryAddWithoutValidation("Content-Type", type);
        using var answer = await night.Http.SendAsync(request, Cancelled);
        var text = await answer.Content.ReadAsStringAsync(Cancelled);

        var sent = $"{PathOf(route)} ← {type} {Encoding.UTF8.GetString(body, 0, Math.Min(body.Length, 300))}";
        Assert.True((int)answer.StatusCode is >= 400 and < 500, $"{answer.StatusCode}: {sent}");
        Assert.True(IsRefusal(answer, text), $"no error in '{text}': {sent}");
        Assert.True(head == night.Head, $"recorded {night.Timeline[^1].Event}: {sent}");
    }

    private static bool IsRefusal(HttpResponseMessage answer, string text) =>
        answer.Content.Headers.ContentType is { MediaType: "application/json" }
        && JsonNode.Parse(text) is JsonObject said
        && said["error"]?.GetValue<string>() is { Length: > 0 };

    [GeneratedRegex(@"\{(\w+)(:\w+)?\}")]
    private static partial Regex Parameter();
}
