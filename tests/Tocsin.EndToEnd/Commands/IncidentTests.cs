using Tocsin.EndToEnd.Parts;

namespace Tocsin.EndToEnd.Commands;

/// <summary>What people do with an incident from a terminal, against a running server.</summary>
public sealed class IncidentTests(ProtectedChain chain) : IClassFixture<ProtectedChain>
{
    [Fact]
    public async Task An_incident_is_opened_answered_led_closed_and_opened_again_by_hand()
    {
        await chain.ResetAsync();
        await using var site = await Site.CreateAsync(chain);
        await site.StartServerAsync();

        var opened = await DoneAsync(
            site, "open", "users write that the pool is empty", "--severity", "2", "--test", "--by", "security");
        Assert.StartsWith("INC-1 is open", opened, StringComparison.Ordinal);
        Assert.Contains("opened it: users write that the pool is empty", opened, StringComparison.Ordinal);
        await site.UntilAsync("people are called", async () => await site.CountAsync("INC-1", "level-began.1") > 0);
        await site.UntilAsync(
            "an alert is there",
            () => Task.FromResult(site.Received.Any(alert => alert.Body.GetRawText().Contains(
                "users write that the pool is empty", StringComparison.Ordinal))));
        Assert.Matches(@"^INC-1 +high +detected .* EXERCISE$", await OutputAsync(site, "list"));

        await DoneAsync(site, "ack", "INC-1", "--answer", "able-to-sign", "--by", "security");
        await DoneAsync(site, "assign", "INC-1", "commander", "security", "--by", "chief", "--reason", "end of shift");
        await DoneAsync(site, "note", "INC-1", "looking at the pool", "--by", "security");
        await DoneAsync(site, "severity", "INC-1", "3", "--reason", "one user", "--by", "security");
        var shown = await OutputAsync(site, "show", "INC-1");
        Assert.Contains("able to sign now", shown, StringComparison.Ordinal);
        Assert.Contains("looking at the pool", shown, StringComparison.Ordinal);
        Assert.Contains("is commander now: end of shift", shown, StringComparison.Ordinal);
        Assert.Contains("next due: ", shown, StringComparison.Ordinal);

        // Whoever was called stands in the log: a server that was killed calls nobody twice.
        var called = await site.CountAsync("INC-1", "level-began.1");
        await site.KillServerAsync();
        await site.StartServerAsync();
        await DoneAsync(site, "resolve", "INC-1", "a drill", "--by", "security");
        Assert.Equal(called, await site.CountAsync("INC-1", "level-began.1"));
        Assert.Equal("no incident is open", await OutputAsync(site, "list"));
        await DoneAsync(site, "reopen", "INC-1", "--reason", "it goes on", "--by", "chief");
        await site.UntilAsync(
            "people are called again", async () => await site.CountAsync("INC-1", "level-began.1") > called);
        Assert.Equal("detected", (await site.IncidentAsync("INC-1")).GetProperty("phase").GetString());
    }

    [Fact]
    public async Task Whoever_shows_a_token_of_their_own_need_not_say_who_they_are()
    {
        await chain.ResetAsync();
        await using var site = await Site.CreateAsync(chain);
        var config = site.Folder.Root;
        var token = new string('7', 64);
        await File.WriteAllTextAsync(
            Path.Combine(config, "token"), token, TestContext.Current.CancellationToken);
        await File.AppendAllTextAsync(
            Path.Combine(config, "tocsin.yaml"),
            "\ntokens:\n  hers: { person: security, role: commander, token: \"file:token\" }\n",
            TestContext.Current.CancellationToken);
        await site.StartServerAsync();
        var unnamed = await Executable.RunAsync("incident", "open", "the pool is empty", "--config", config);
        Assert.Equal(2, unnamed.ExitCode);
        Assert.Contains("by a token of your own", unnamed.Errors, StringComparison.Ordinal);

        var opened = await Executable.RunAsync(
            new Dictionary<string, string?> { ["TOCSIN_TOKEN"] = token },
            "incident", "open", "the pool is empty", "--config", config);

        Assert.True(opened.ExitCode == 0, opened.Errors);
        Assert.Contains("opened it: the pool is empty", opened.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_is_refused_is_said_in_words_and_nothing_is_recorded()
    {
        await chain.ResetAsync();
        await using var site = await Site.CreateAsync(chain);
        var config = site.Folder.Root;
        var off = await Executable.RunAsync("incident", "list", "--config", config);
        Assert.Equal(2, off.ExitCode);
        Assert.Contains("no server listens on", off.Errors, StringComparison.Ordinal);

        await site.StartServerAsync();
        foreach (var (arguments, words) in new (string[], string)[]
        {
            (["ack", "INC-9", "--by", "security"], "there is no 'INC-9' here"),
            (["open", "something", "--by", "mallory"], "the plan names no person 'mallory'"),
            (["open", "something", "--issue", "flash-lone-attack", "--by", "security"], "no such issue"),
            (["show", "../people"], "there is no '..%2Fpeople' here"),
        })
        {
            var refused = await Executable.RunAsync(["incident", .. arguments, "--config", config]);
            Assert.Equal(2, refused.ExitCode);
            Assert.Contains(words, refused.Errors, StringComparison.Ordinal);
        }
        Assert.Equal("[]", await OutputAsync(site, "list", "--all", "--json"));
    }

    private static async Task<string> DoneAsync(Site site, params string[] arguments)
    {
        var output = await OutputAsync(site, arguments);
        Assert.NotEmpty(output);
        return output;
    }

    private static async Task<string> OutputAsync(Site site, params string[] arguments)
    {
        var run = await Executable.RunAsync(["incident", .. arguments, "--config", site.Folder.Root]);
        Assert.True(run.ExitCode == 0, run.Errors);
        return run.Output.Trim();
    }
}
