using System.Net;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text.Json.Nodes;
using Tocsin.Communications;
using Tocsin.Incidents;
using Tocsin.Plans;
using Tocsin.Recording;
using Tocsin.Tests.Incidents;
using Tocsin.Tests.Nights;
using Tocsin.Tests.Plans;
using Tocsin.Tests.Storage;

namespace Tocsin.Tests.Api;

/// <summary>Operations of ours that are announced over HTTP, asked of the real server.</summary>
public sealed class OperationApiTests
{
    private const string Route = "/api/operations";

    private const string Settings = """

        tokens:
          ben-laptop: { person: ben, role: responder, token: "file:ben" }
          ada-laptop: { person: ada, role: commander, token: "file:ada" }
          dee-laptop: { person: dee, role: admin, token: "file:dee" }
        """;

    private static readonly DateTimeOffset Beginning = new(2026, 3, 10, 2, 0, 0, TimeSpan.Zero);

    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    [Fact]
    public async Task What_is_announced_is_expected_until_it_is_withdrawn()
    {
        await using var night = await GuardedAsync();

        Assert.Null(await AnnounceAsync(night, "ada", "ada"));
        var expected = Assert.Single(OperationDesk.Expected(night.Book, night.Now));
        Assert.Equal("vault-2 (ada: the audited version)", expected.Words);
        Assert.Equal(MinimalTarget, expected.Target.ToString());

        Assert.Contains("already", await AnnounceAsync(night, "ada", "ada"), StringComparison.Ordinal);
        Assert.Null(await PostAsync(
            night, $"{Route}/vault-2/withdraw", "ben", new JsonObject { ["by"] = "ben", ["reason"] = "not today" }));
        Assert.Empty(OperationDesk.Expected(night.Book, night.Now));
        Assert.NotNull(Assert.Single(night.Book.Operations.All).WithdrawnAt);
    }

    [Fact]
    public async Task What_is_over_is_expected_no_more_once_its_blocks_must_have_come()
    {
        await using var night = await GuardedAsync();
        await AnnounceAsync(night, "ada", "ada");

        await night.UntilAsync(Beginning.AddHours(5));
        Assert.Single(OperationDesk.Expected(night.Book, night.Now));
        await night.UntilAsync(Beginning.AddHours(29));
        Assert.Empty(OperationDesk.Expected(night.Book, night.Now));
    }

    [Fact]
    public async Task Only_somebody_who_is_known_announces_and_in_their_own_name()
    {
        await using (var open = await NightHost.StartAsync(Beginning))
            Assert.Contains("tokens", await AnnounceAsync(open, null, "ada"), StringComparison.Ordinal);
        await using var night = await GuardedAsync();
        var head = night.Head;

        Assert.Contains("commander", await AnnounceAsync(night, "ben", "ben"), StringComparison.Ordinal);
        Assert.Contains("token of whoever", await AnnounceAsync(night, "dee", "ada"), StringComparison.Ordinal);
        Assert.Equal(head, night.Head);
    }

    [Theory]
    [InlineData("from", "2026-03-10T06:00:00Z", "ends after it begins")]
    [InlineData("to", "2026-03-10T01:00:00Z", "ends after it begins")]
    [InlineData("to", "2026-03-30T01:00:00Z", "at most 14 days")]
    [InlineData("to", "9999-12-31T23:59:59.9999999Z", "at most 14 days")]
    [InlineData("name", "vault 2", "letters, digits")]
    [InlineData("name", "../x", "letters, digits")]
    [InlineData("account", "ben", "the account is an address")]
    [InlineData("target", "valt", "the target an address")]
    [InlineData("account", "0x0000000000000000000000000000000000000000", "must be named")]
    [InlineData("reason", " ", "a reason")]
    public async Task What_would_mute_too_much_is_refused(string field, string value, string says)
    {
        await using var night = await GuardedAsync();
        var head = night.Head;

        Assert.Contains(says, await AnnounceAsync(night, "ada", "ada", (field, value)), StringComparison.Ordinal);
        Assert.Equal(head, night.Head);
    }

    /// <summary>Who has a commander's token during an attack must not have its next step told as routine.</summary>
    [Fact]
    public void While_an_attack_goes_on_nothing_is_announced()
    {
        using var folder = new StoreFolder();
        var time = new ManualTime(Story.Noon);
        var uri = new Uri("https://tocsin.example");
        using var logbook = new Logbook(folder.Open(), new Links(_ => uri, (_, _, _) => uri, uri), time);
        logbook.Adopt(MinimalPlan.Read());
        logbook.Record((book, now) => book.Take(Story.Finding(), now, MinimalPlan.Plan, DetectionLimits.Default));
        var desk = new OperationDesk(logbook);
        var asked = new SubmittedOperation(
            "ada", "the audited version", "vault-2", Story.At(60), Story.At(600), MinimalTarget, MinimalTarget,
            [Story.Hash(1)]);

        Assert.Contains("INC-1", desk.Announce(asked), StringComparison.Ordinal);
        logbook.Record((_, _) => [new IncidentEvent.Contained(Story.First, Story.Block(120), 5)]);
        Assert.Null(desk.Announce(asked));
    }

    private const string MinimalTarget = "0x00000000000000000000000000000000000000a2";

    private static string TokenOf(string name) => $"{name}-{new string('7', 40)}";

    private static Task<NightHost> GuardedAsync() => NightHost.StartAsync(
        Beginning, Settings, new[] { "ben", "ada", "dee" }.ToDictionary(name => name, TokenOf));

    private static Task<string?> AnnounceAsync(
        NightHost night, string? token, string by, params (string Field, string Value)[] changes)
    {
        var body = new JsonObject
        {
            ["name"] = "vault-2",
            ["from"] = "2026-03-10T04:00:00Z",
            ["to"] = "2026-03-10T06:00:00Z",
            ["account"] = "0x00000000000000000000000000000000000000b1",
            ["target"] = "vault",
            ["calldata"] = new JsonArray($"0x{new string('1', 64)}"),
            ["by"] = by,
            ["reason"] = "the audited version",
        };
        foreach (var (field, value) in changes)
            body[field] = value;
        return PostAsync(night, Route, token, body);
    }

    /// <summary>Null where it was done, else why not.</summary>
    private static async Task<string?> PostAsync(NightHost night, string path, string? token, JsonObject body)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, path) { Content = JsonContent.Create(body) };
        if (token is not null)
            request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", TokenOf(token));
        using var answer = await night.Http.SendAsync(request, Cancelled);
        var node = JsonNode.Parse(await answer.Content.ReadAsStringAsync(Cancelled))!;
        return answer.StatusCode == HttpStatusCode.OK ? null : node["error"]!.GetValue<string>();
    }
}
