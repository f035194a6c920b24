using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using Tocsin.Chains;
using Tocsin.Decisions;
using Tocsin.Findings;
using Tocsin.Reports;
using Tocsin.Tests.Nights;
using Tocsin.Tests.Pages;
using Tocsin.Tests.Plans;

namespace Tocsin.Tests.Api;

/// <summary>What people say in the war room's forms, sent to the real server.</summary>
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
            ["by"] = "dee",
            ["reason"] = "laptop stolen",
            ["evenIfUnfillable"] = true,
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

    [Fact]
    public async Task What_was_approved_by_voice_is_attested_in_a_form_by_each_who_heard_it()
    {
        await using var night = await StartAsync("");
        await SendAsync(night, $"ledger/open/{DecidingPlan.Exchange}", "ben", null, ("text", "at the desk"));
        (string, string)[] heard = [("of", "dee"), ("means", "phone"), ("text", "yes, call them")];

        await SendAsync(night, "ledger/1/attest", "ada", null, heard);
        Assert.Empty(Entry(night).Approvals);
        await SendAsync(night, "ledger/1/attest", "cem", null, heard);
        var refused = await SendAsync(night, "ledger/1/attest", "dee", null, heard);

        Assert.Equal(["Dee Auditor"], Entry(night).Approvals.Select(one => one.By));
        Assert.Equal(["Ada Commander", "Cem Deputy"], Entry(night).Approvals.Single().HeardBy);
        Assert.Contains("class=\"message\"", refused, StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_the_plan_lets_somebody_do_first_is_said_in_a_form_and_ratified_in_another()
    {
        await using var night = await StartAsync("");

        await SendAsync(night, $"ledger/act-first/{DecidingPlan.Shop}", "ben", null, ("text", "no time"));
        Assert.Empty(night.Incident("INC-1").Ledger.Entries);
        await SendAsync(night, $"ledger/act-first/{DecidingPlan.Shop}", "cem", null, ("text", "no time"));
        Assert.Equal("Cem Deputy", Entry(night).Acted?.By);
        await SendAsync(night, "ledger/1/ratify", "ada", null);

        Assert.Equal(LedgerState.Ratified, Entry(night).StateAt(night.Now));
    }

    [Fact]
    public async Task Where_funds_went_is_recorded_in_forms()
    {
        const string Thief = "0x00000000000000000000000000000000000000aa";
        const string Mixer = "0x00000000000000000000000000000000000000bb";
        var transaction = "0x" + new string('7', 64);
        await using var night = await StartAsync("");

        await SendAsync(
            night, "records/addresses", "ben", null, ("address", Mixer), ("status", "laundering"),
            ("words", "a mixer"));
        await SendAsync(
            night, "records/funds", "ben", null, ("from", Thief), ("to", Mixer), ("asset", "USDC"),
            ("units", "1250.5"), ("kind", "passed"), ("recovery", ""), ("chain", "10"));
        await SendAsync(
            night, "records/transactions", "ben", null, ("transaction", transaction), ("words", "splits the loot"));

        var records = night.Incident("INC-1").Records;
        Assert.Equal(
            (AddressStatus.Laundering, "a mixer", 31337UL),
            (records.Addresses.Single().Status, records.Addresses.Single().Words,
                records.Addresses.Single().Chain.Value));
        var moved = records.Funds.Single();
        Assert.Equal(
            (Address.Parse(Thief), Address.Parse(Mixer), 1250.5m, FundsKind.Passed, FundsRecovery.Open),
            (moved.From, moved.To!.Value, moved.Units, moved.Kind, moved.Recovery));
        Assert.Equal((10UL, "Ben Engineer"), (moved.Chain.Value, moved.By));
        Assert.Equal("splits the loot", records.Transactions.Single().Words);
    }

    [Theory]
    [InlineData("addresses", "address", "0x12")]
    [InlineData("addresses", "status", "guilty")]
    [InlineData("addresses", "chain", "-1")]
    [InlineData("funds", "from", "")]
    [InlineData("funds", "to", "nobody")]
    [InlineData("funds", "transaction", "0x")]
    [InlineData("funds", "units", "many")]
    [InlineData("funds", "kind", "99")]
    [InlineData("transactions", "transaction", "<b>")]
    [InlineData("transactions", "words", " ")]
    [InlineData("transactions", "person", "zoe")]
    public async Task What_a_form_of_records_has_wrong_is_said_and_not_recorded(string kind, string name, string value)
    {
        var right = new Dictionary<string, string>
        {
            ["address"] = "0x00000000000000000000000000000000000000aa",
            ["from"] = "0x00000000000000000000000000000000000000aa",
            ["status"] = "attacker",
            ["asset"] = "USDC",
            ["units"] = "1",
            ["kind"] = "taken",
            ["transaction"] = "0x" + new string('7', 64),
            ["words"] = "words",
            ["person"] = "ben",
            [name] = value,
        };
        await using var night = await StartAsync("");
        var head = night.Head;

        var page = await SendAsync(
            night, $"records/{kind}", right["person"], null,
            [.. right.Where(one => one.Key != "person").Select(one => (one.Key, one.Value))]);

        Assert.Contains("class=\"message\"", page, StringComparison.Ordinal);
        Assert.Equal(head, night.Head);
    }

    [Fact]
    public async Task Two_attacks_are_taken_apart_in_a_form_that_leads_to_the_new_incident()
    {
        await using var night = await StartAsync("");
        var other = Incidents.Story.Finding() with { Id = new FindingId("another"), Subject = "vault" };
        night.Find(other);
        await night.UntilAsync(night.Now);
        Assert.Equal(2, night.Incident("INC-1").Findings.Count);

        var refused = await SendAsync(night, "split", "ada", null, ("reason", "other hands"));
        Assert.Contains("say which findings are another attack", PageText.Read(refused), StringComparison.Ordinal);
        var page = await SendAsync(night, "split", "ada", null, ("finding", "another"), ("reason", "other hands"));

        Assert.Contains("INC-2", PageText.Read(page), StringComparison.Ordinal);
        Assert.Equal(["another"], night.Incident("INC-2").Findings.Select(finding => finding.Id.Value));
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
