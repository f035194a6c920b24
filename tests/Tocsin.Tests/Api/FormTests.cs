using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using Tocsin.Decisions;
using Tocsin.Tests.Nights;
using Tocsin.Tests.Pages;
using Tocsin.Tests.Plans;

namespace Tocsin.Tests.Api;

/// <summary>What people say of decisions in the war room's forms, sent to the real server.</summary>
public sealed partial class FormTests
{
    private const string Settings = """

        tokens:
          ben-laptop:  { person: ben, role: responder, token: "file:ben" }
          dee-laptop:  { person: dee, role: admin, token: "file:dee" }
          cem-phone:   { person: cem, role: viewer, token: "file:cem" }
          pager-tool:  { role: responder, token: "file:tool" }
        """;

    private static readonly DateTimeOffset Beginning = new(2026, 3, 10, 2, 0, 0, TimeSpan.Zero);

    private static readonly Dictionary<string, string> Secrets =
        new[] { "ben", "dee", "cem", "tool" }.ToDictionary(name => name, TokenOf);

    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Where_tokens_are_configured_a_form_speaks_for_whoever_shows_theirs()
    {
        await using var night = await StartAsync(Settings);

        await SendAsync(night, $"ledger/open/{DecidingPlan.Exchange}", "ben", TokenOf("ben"), ("text", "at the desk"));
        await SendAsync(night, "ledger/1/approve", "ben", TokenOf("ben"));
        Assert.Equal(LedgerState.Proposed, Entry(night).StateAt(night.Now));
        var page = await SendAsync(night, "ledger/1/approve", "dee", TokenOf("dee"));

        Assert.Equal(LedgerState.Approved, Entry(night).StateAt(night.Now));
        Assert.Matches("type=\"password\" autocomplete=\"current-password\"", page);
        Assert.DoesNotContain(TokenOf("dee"), page, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("ben", null, "this takes your own token")]
    [InlineData("ben", "wrong-wrong-wrong-wrong-wrong-wrong-wrong", "no such token is known here")]
    [InlineData("dee", "ben", "this token is that of 'ben', who acts in no other name")]
    [InlineData("ben", "dee", "this takes the token of whoever says it, and an admin's speaks for nobody else")]
    [InlineData("ben", "tool", "this token is nobody's")]
    [InlineData("cem", "cem", "this takes a token of the role responder or above")]
    public async Task A_form_without_the_token_of_its_person_records_nothing_and_says_so(
        string person, string? shown, string why)
    {
        await using var night = await StartAsync(Settings);
        await SendAsync(night, $"ledger/open/{DecidingPlan.Exchange}", "ben", TokenOf("ben"), ("text", "at the desk"));
        var head = night.Head;
        var token = shown is null || shown.Contains('-', StringComparison.Ordinal) ? shown : TokenOf(shown);

        foreach (var deed in new[] { "1/approve", "1/ratify", "1/decline", "1/execute", "1/review" })
        {
            var page = await SendAsync(night, $"ledger/{deed}", person, token, ("text", "words"));

            Assert.Contains($"Nothing was recorded: {why}", PageText.Read(page), StringComparison.Ordinal);
            Assert.True(token is null || !page.Contains(token, StringComparison.Ordinal));
        }
        Assert.Equal(head, night.Head);
    }

    [Fact]
    public async Task The_token_of_a_person_who_is_revoked_says_nothing_in_a_form()
    {
        await using var night = await StartAsync(Settings);
        night.Http.DefaultRequestHeaders.Authorization = new("Bearer", TokenOf("dee"));
        Assert.Null(await night.PostAsync("/api/people/ben/revoke", new JsonObject
        {
            ["by"] = "dee", ["reason"] = "laptop stolen", ["evenIfUnfillable"] = true,
        }));
        var head = night.Head;

        var page = await SendAsync(
            night, $"ledger/open/{DecidingPlan.Exchange}", "ben", TokenOf("ben"), ("text", "at the desk"));

        Assert.Contains("'ben' is revoked", PageText.Read(page), StringComparison.Ordinal);
        Assert.Equal(head, night.Head);
    }

    [Fact]
    public async Task Where_no_tokens_are_configured_no_form_asks_for_one()
    {
        await using var night = await StartAsync("");

        var page = await SendAsync(
            night, $"ledger/open/{DecidingPlan.Exchange}", "ben", null, ("text", "at the desk"));

        Assert.Equal("Ben Engineer", Entry(night).By);
        Assert.DoesNotContain("type=\"password\"", page, StringComparison.Ordinal);
    }

    private static LedgerEntry Entry(NightHost night) => Assert.Single(night.Incident("INC-1").Ledger.Entries);

    private static string TokenOf(string name) => $"token-of-{name}-0123456789abcdef0123456789abcdef";

    private static async Task<NightHost> StartAsync(string settings)
    {
        var night = await NightHost.StartAsync(Beginning, settings, Secrets);
        night.WritePlan(NightPlan.Deciding);
        await night.LookAtPlanAsync();
        night.Find(Incidents.Story.Finding());
        await night.UntilAsync(night.Now);
        return night;
    }

    /// <summary>Sends a form of the war room as a browser does, and gives the page that it leads to.</summary>
    private static async Task<string> SendAsync(
        NightHost night, string form, string person, string? token, params (string Name, string Value)[] fields)
    {
        var room = await night.Http.GetStringAsync("/incidents/INC-1", Cancelled);
        var hidden = Antiforgery().Match(room).Groups;
        var written = fields.Select(field => KeyValuePair.Create(field.Name, field.Value))
            .Append(new("person", person))
            .Append(new(hidden[1].Value, hidden[2].Value));
        if (token is not null)
            written = written.Append(new("token", token));
        using var answer = await night.Http.PostAsync(
            $"/incidents/INC-1/{form}", new FormUrlEncodedContent(written), Cancelled);
        await night.UntilAsync(night.Now);
        return await answer.Content.ReadAsStringAsync(Cancelled);
    }

    [GeneratedRegex("<input type=\"hidden\" name=\"([^\"]+)\" value=\"([^\"]+)\"")]
    private static partial Regex Antiforgery();
}
