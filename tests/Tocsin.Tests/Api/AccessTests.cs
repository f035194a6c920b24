using System.Net;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Routing;
using Tocsin.Api;
using Tocsin.Configuration;
using Tocsin.Reports;
using Tocsin.Tests.Nights;

namespace Tocsin.Tests.Api;

/// <summary>Who may do what over the API, asked of the real server.</summary>
public sealed class AccessTests
{
    private const string Settings = """

        tokens:
          looks:       { role: viewer, token: "file:looks" }
          ben-laptop:  { person: ben, role: responder, token: "file:ben" }
          ada-laptop:  { person: ada, role: commander, token: "file:ada" }
          dee-laptop:  { person: dee, role: admin, token: "file:dee" }
          pager-tool:  { role: responder, token: "file:tool" }
        """;

    private static readonly DateTimeOffset Beginning = new(2026, 3, 10, 2, 0, 0, TimeSpan.Zero);

    private static readonly Dictionary<string, string> Secrets =
        new[] { "looks", "ben", "ada", "dee", "tool" }.ToDictionary(name => name, TokenOf);

    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    private static readonly string[] NoTokens =
    [
        "", "Bearer", "Bearer ", $"Basic {TokenOf("ada")}", TokenOf("ada"), $"Bearer {TokenOf("zoe")}",
        $"Bearer {TokenOf("ada")}x", $"Bearer {TokenOf("ada").ToUpperInvariant()}", $"Bearer {new string('x', 5_000)}",
    ];

    [Fact]
    public async Task Without_tokens_in_the_configuration_this_machine_needs_none()
    {
        await using var night = await NightHost.StartAsync(Beginning);

        Assert.Equal(HttpStatusCode.Created, (await OpenAsync(night, null, "ada")).Status);
        Assert.Equal(HttpStatusCode.OK, (await AskAsync(night, "GET", "/api/people/", null)).Status);
    }

    [Fact]
    public async Task Who_shows_no_token_that_is_known_is_told_so_and_does_nothing()
    {
        await using var night = await GuardedAsync();
        var head = night.Head;
        foreach (var (route, shown) in night.Routes.SelectMany(route => NoTokens.Select(shown => (route, shown))))
        {
            using var answer = await SendAsync(night, MethodOf(route), PathOf(route), shown, new JsonObject());

            Assert.Equal(HttpStatusCode.Unauthorized, answer.StatusCode);
            Assert.Equal("Bearer", answer.Headers.WwwAuthenticate.Single().Scheme);
            var text = await answer.Content.ReadAsStringAsync(Cancelled);
            Assert.NotEmpty(JsonNode.Parse(text)!["error"]!.GetValue<string>());
            Assert.DoesNotContain(TokenOf("ada"), text, StringComparison.OrdinalIgnoreCase);
        }
        Assert.Equal(head, night.Head);
    }

    [Theory]
    [InlineData("looks", TokenRole.Viewer)]
    [InlineData("ben", TokenRole.Responder)]
    [InlineData("ada", TokenRole.Commander)]
    [InlineData("dee", TokenRole.Admin)]
    public async Task A_token_may_ask_for_what_its_role_and_those_below_it_may(string name, object role)
    {
        await using var night = await GuardedAsync();
        foreach (var route in night.Routes)
        {
            // An empty body is refused by whoever reads it.
            var (status, _) = await AskAsync(
                night, MethodOf(route), PathOf(route), TokenOf(name), new JsonObject { ["x"] = 1 });

            var least = route.Metadata.GetMetadata<RouteAccess>()!.Least!.Value;
            Assert.True(
                least > (TokenRole)role == (status == HttpStatusCode.Forbidden),
                $"{MethodOf(route)} {PathOf(route)} for {role} answers {status}");
        }
    }

    [Fact]
    public async Task Looking_takes_a_viewer_and_every_change_more_unless_a_signature_speaks()
    {
        await using var night = await GuardedAsync();

        Assert.All(
            night.Routes.Where(route => MethodOf(route) == "GET"),
            route => Assert.Equal(TokenRole.Viewer, route.Metadata.GetMetadata<RouteAccess>()!.Least));
        Assert.All(
            night.Routes.Where(route => MethodOf(route) != "GET"
                && route.Metadata.GetMetadata<RouteAccess>()!.Least == TokenRole.Viewer),
            route => Assert.Contains(
                route.Metadata.GetMetadata<RouteBody>()!.Type.GetProperties(), field => field.Name == "Signature"));
    }

    /// <summary>Else a token could write in any name: nobody would compare it.</summary>
    [Fact]
    public async Task Every_body_says_in_whose_name_it_is_unless_a_signature_does()
    {
        await using var night = await GuardedAsync();

        Assert.All(night.Routes.Where(route => MethodOf(route) != "GET"), route =>
        {
            var fields = route.Metadata.GetMetadata<RouteBody>()!.Type.GetProperties();
            Assert.Contains(fields, field =>
                field.Name is "By" or "Person" or "Signature" && field.PropertyType == typeof(string));
        });
    }

    [Fact]
    public async Task Nobody_acts_in_another_name_but_an_admin()
    {
        await using var night = await GuardedAsync();
        var head = night.Head;

        var refused = await OpenAsync(night, "ben", "ada");
        Assert.Equal(HttpStatusCode.Forbidden, refused.Status);
        Assert.Equal("this token is that of 'ben', who acts in no other name", refused.Error);
        var nobody = await OpenAsync(night, "tool", "ada");
        Assert.Equal(HttpStatusCode.Forbidden, nobody.Status);
        Assert.Contains("nobody's", nobody.Error, StringComparison.Ordinal);
        Assert.Equal(head, night.Head);

        Assert.Equal(HttpStatusCode.Created, (await OpenAsync(night, "ben", "ben")).Status);
        Assert.Equal(HttpStatusCode.Created, (await OpenAsync(night, "dee", "ada")).Status);
    }

    [Fact]
    public async Task Who_is_spoken_of_may_be_another_than_who_speaks()
    {
        await using var night = await GuardedAsync();
        await OpenAsync(night, "ada", "ada");

        var given = new JsonObject { ["role"] = "commander", ["person"] = "cem", ["by"] = "ada" };
        var taken = await AskAsync(night, "POST", "/api/incidents/INC-1/roles", TokenOf("ada"), given);
        Assert.Equal(HttpStatusCode.OK, taken.Status);
        given["by"] = "cem";
        var refused = await AskAsync(night, "POST", "/api/incidents/INC-1/roles", TokenOf("ada"), given);
        Assert.Equal(HttpStatusCode.Forbidden, refused.Status);
    }

    [Fact]
    public async Task A_name_that_is_left_out_is_that_of_the_token()
    {
        await using var night = await GuardedAsync();
        await OpenAsync(night, "ada", "ada");

        var note = new JsonObject { ["text"] = "users were told" };
        var (status, _) = await AskAsync(night, "POST", "/api/incidents/INC-1/notes", TokenOf("ben"), note);

        Assert.Equal(HttpStatusCode.OK, status);
        Assert.Contains(
            night.Timeline, one => Timeline.Line(one.Event).Contains("Ben Engineer", StringComparison.Ordinal)
                && Timeline.Line(one.Event).Contains("users were told", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_token_without_a_person_acts_in_nobodys_name()
    {
        await using var night = await GuardedAsync();
        await OpenAsync(night, "ada", "ada");
        var head = night.Head;

        var (status, _) = await AskAsync(
            night, "POST", "/api/incidents/INC-1/notes", TokenOf("tool"), new JsonObject { ["text"] = "hello" });

        Assert.Equal(HttpStatusCode.BadRequest, status);
        Assert.Equal(head, night.Head);
    }

    [Fact]
    public async Task The_token_of_a_person_who_is_revoked_opens_nothing_any_more()
    {
        await using var night = await GuardedAsync();
        var revocation = new JsonObject { ["by"] = "dee", ["reason"] = "laptop stolen", ["evenIfUnfillable"] = true };
        Assert.Equal(
            HttpStatusCode.OK,
            (await AskAsync(night, "POST", "/api/people/ada/revoke", TokenOf("dee"), revocation)).Status);
        await night.UntilAsync(night.Now);
        var head = night.Head;

        foreach (var route in night.Routes)
        {
            var (status, error) = await AskAsync(
                night, MethodOf(route), PathOf(route), TokenOf("ada"), new JsonObject { ["x"] = 1 });
            Assert.Equal((HttpStatusCode.Forbidden, "'ada' is revoked"), (status, error));
        }
        Assert.Equal(head, night.Head);
        Assert.Equal(HttpStatusCode.OK, (await AskAsync(night, "GET", "/api/people/", TokenOf("ben"))).Status);
    }

    [Fact]
    public async Task A_route_of_the_api_that_does_not_say_who_may_ask_is_not_served()
    {
        await using var app = WebApplication.CreateSlimBuilder().Build();
        app.MapGet("/", () => "a page");
        app.MapGet("/api/said", () => "said").Needs(TokenRole.Viewer);
        app.MapGet("/api/own", () => "own").KnowsCallersBy("a word");
        app.CheckAccess();

        app.MapGroup("api/incidents").MapPost("{id}/forgotten", () => "forgotten");

        var refusal = Assert.Throws<InvalidOperationException>(app.CheckAccess).Message;
        Assert.Contains("forgotten", refusal, StringComparison.Ordinal);
    }

    private static string TokenOf(string name) => $"token-of-{name}-0123456789abcdef0123456789abcdef";

    private static Task<NightHost> GuardedAsync() => NightHost.StartAsync(Beginning, Settings, Secrets);

    private static string MethodOf(RouteEndpoint route) =>
        route.Metadata.GetMetadata<HttpMethodMetadata>()!.HttpMethods.Single();

    private static string PathOf(RouteEndpoint route) => HostileBodyTests.PathOf(route);

    private static Task<(HttpStatusCode Status, string? Error)> OpenAsync(NightHost night, string? token, string by) =>
        AskAsync(
            night, "POST", "/api/incidents/", token is null ? null : TokenOf(token),
            new JsonObject { ["by"] = by, ["words"] = "the price is odd" });

    private static async Task<(HttpStatusCode Status, string? Error)> AskAsync(
        NightHost night, string method, string path, string? token, JsonObject? body = null)
    {
        using var answer = await SendAsync(night, method, path, token is null ? null : $"Bearer {token}", body);
        // What follows from it, such as calling people, follows before anything else is asked.
        await night.UntilAsync(night.Now);
        var text = await answer.Content.ReadAsStringAsync(Cancelled);
        return (
            answer.StatusCode,
            answer.IsSuccessStatusCode ? null : JsonNode.Parse(text)!["error"]!.GetValue<string>());
    }

    private static async Task<HttpResponseMessage> SendAsync(
        NightHost night, string method, string path, string? authorization, JsonObject? body)
    {
        using var request = new HttpRequestMessage(new HttpMethod(method), path);
        if (!string.IsNullOrEmpty(authorization))
            request.Headers.TryAddWithoutValidation("Authorization", authorization);
        if (method != "GET")
            request.Content = JsonContent.Create(body, mediaType: new MediaTypeHeaderValue("application/json"));
        return await night.Http.SendAsync(request, Cancelled);
    }
}
