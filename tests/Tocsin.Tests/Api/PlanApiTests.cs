using System.Net;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text.Json.Nodes;
using Tocsin.Plans;
using Tocsin.Tests.Nights;

namespace Tocsin.Tests.Api;

/// <summary>A change of the plan over HTTP, asked of the real server.</summary>
public sealed class PlanApiTests
{
    private const string Proposals = "/api/plan/proposals";

    private const string Settings = """

        tokens:
          ben-laptop: { person: ben, role: responder, token: "file:ben" }
          ada-laptop: { person: ada, role: commander, token: "file:ada" }
          dee-laptop: { person: dee, role: admin, token: "file:dee" }
          cem-laptop: { person: cem, role: admin, token: "file:cem" }
        """;

    private static readonly DateTimeOffset Beginning = new(2026, 3, 10, 2, 0, 0, TimeSpan.Zero);

    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    [Fact]
    public async Task What_one_person_proposes_is_shown_and_settled_by_an_admin_but_not_written_in_a_rehearsal()
    {
        await using var night = await GuardedAsync();
        var (status, answer) = await ProposeAsync(night, "ben", "ben", Renamed);
        Assert.Equal((HttpStatusCode.Created, 1), (status, answer["proposal"]!.GetValue<int>()));
        var one = await GetAsync(night, $"{Proposals}/1");
        Assert.Contains("+", one["files"]![0]!["difference"]!.GetValue<string>(), StringComparison.Ordinal);
        Assert.Empty(one["errors"]!.AsArray());

        (status, answer) = await SettleAsync(night, "dee", "dee", 1, accept: true);
        Assert.Equal(HttpStatusCode.UnprocessableEntity, status);
        Assert.Contains("a rehearsal leaves", answer["error"]!.GetValue<string>(), StringComparison.Ordinal);
        await night.LookAtPlanAsync();

        var plan = await GetAsync(night, "/api/plan/");
        Assert.Equal(plan["hash"]!.GetValue<string>(), plan["inForce"]!.GetValue<string>());
        Assert.DoesNotContain("Ben Other", plan["files"]![0]!["text"]!.GetValue<string>(), StringComparison.Ordinal);
        Assert.Equal(HttpStatusCode.OK, (await SettleAsync(night, "dee", "dee", 1, accept: false)).Status);
        var row = Assert.Single((await GetAsync(night, Proposals)).AsArray())!;
        Assert.Equal("dee", row["settlement"]!["by"]!.GetValue<string>());
    }

    [Fact]
    public async Task Nobody_is_both_persons_of_a_change()
    {
        await using var night = await GuardedAsync();

        Assert.Equal(HttpStatusCode.UnprocessableEntity, (await ProposeAsync(night, "dee", "ben", Renamed)).Status);
        Assert.Equal(HttpStatusCode.Forbidden, (await ProposeAsync(night, "ben", "ada", Renamed)).Status);
        Assert.Equal(HttpStatusCode.Created, (await ProposeAsync(night, "dee", "dee", Renamed)).Status);
        var head = night.Head;
        Assert.Equal(HttpStatusCode.UnprocessableEntity, (await SettleAsync(night, "dee", "dee", 1, true)).Status);
        Assert.Equal(HttpStatusCode.UnprocessableEntity, (await SettleAsync(night, "dee", "cem", 1, true)).Status);
        Assert.Equal(HttpStatusCode.Forbidden, (await SettleAsync(night, "ada", "ada", 1, true)).Status);
        Assert.Equal(HttpStatusCode.NotFound, (await SettleAsync(night, "cem", "cem", 2, true)).Status);
        Assert.Equal(head, night.Head);
        Assert.Equal(HttpStatusCode.OK, (await SettleAsync(night, "cem", "cem", 1, false)).Status);
    }

    [Fact]
    public async Task Without_tokens_a_change_can_be_proposed_and_rejected_and_not_accepted()
    {
        await using var night = await NightHost.StartAsync(Beginning);
        Assert.Equal(HttpStatusCode.Created, (await ProposeAsync(night, null, "ben", Renamed)).Status);

        var (status, answer) = await SettleAsync(night, null, "ada", 1, accept: true);

        Assert.Equal(HttpStatusCode.UnprocessableEntity, status);
        Assert.Contains("tokens", answer["error"]!.GetValue<string>(), StringComparison.Ordinal);
        Assert.Equal(HttpStatusCode.OK, (await SettleAsync(night, null, "ada", 1, accept: false)).Status);
    }

    [Fact]
    public async Task A_huge_one_is_refused_and_recorded_nowhere()
    {
        await using var night = await GuardedAsync();
        var head = night.Head;

        Assert.Equal(
            HttpStatusCode.UnprocessableEntity,
            (await ProposeAsync(night, "ben", "ben", new string('x', Proposing.MaximumBytes + 1))).Status);
        Assert.Equal(
            HttpStatusCode.BadRequest, (await ProposeAsync(night, "ben", "ben", new string('x', 300_000))).Status);
        Assert.Equal(head, night.Head);
    }

    private static string Renamed =>
        NightPlan.Files[0].Text.Replace("Ben Engineer", "Ben Other", StringComparison.Ordinal);

    private static string TokenOf(string name) => $"{name}-{new string('7', 40)}";

    private static Task<NightHost> GuardedAsync() => NightHost.StartAsync(
        Beginning, Settings, new[] { "ben", "ada", "dee", "cem" }.ToDictionary(name => name, TokenOf));

    private static async Task<(HttpStatusCode Status, JsonNode Answer)> ProposeAsync(
        NightHost night, string? token, string by, string text) =>
        await PostAsync(night, Proposals, token, new JsonObject
        {
            ["by"] = by,
            ["reason"] = "he goes by another name",
            ["base"] = NightPlan.Read().Plan.ContentHash.ToString(),
            ["files"] = new JsonArray(new JsonObject { ["name"] = "plan.yaml", ["text"] = text }),
        });

    private static Task<(HttpStatusCode Status, JsonNode Answer)> SettleAsync(
        NightHost night, string? token, string by, int number, bool accept) => PostAsync(
            night, $"{Proposals}/{number}/settle", token,
            new JsonObject { ["by"] = by, ["accept"] = accept, ["reason"] = "read line by line" });

    private static async Task<(HttpStatusCode Status, JsonNode Answer)> PostAsync(
        NightHost night, string path, string? token, JsonObject body)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, path) { Content = JsonContent.Create(body) };
        if (token is not null)
            request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", TokenOf(token));
        using var answer = await night.Http.SendAsync(request, Cancelled);
        return (answer.StatusCode, JsonNode.Parse(await answer.Content.ReadAsStringAsync(Cancelled))!);
    }

    private static async Task<JsonNode> GetAsync(NightHost night, string path)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, path);
        request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", TokenOf("ada"));
        using var answer = await night.Http.SendAsync(request, Cancelled);
        return JsonNode.Parse(await answer.Content.ReadAsStringAsync(Cancelled))!;
    }
}
