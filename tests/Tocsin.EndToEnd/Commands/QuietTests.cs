using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text.Json;
using Tocsin.EndToEnd.Parts;

namespace Tocsin.EndToEnd.Commands;

/// <summary>What keeps alerts from people, asked for from a terminal, against a running server.</summary>
public sealed class QuietTests(ProtectedChain chain) : IClassFixture<ProtectedChain>
{
    private static readonly string Hers = new('7', 64);
    private static readonly string Chiefs = new('8', 64);

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_silence_is_a_finding_of_the_watch_and_one_of_pages_takes_two_people()
    {
        await chain.ResetAsync();
        await using var site = await SiteAsync();
        Assert.Contains(
            "silence 1 holds", await DoneAsync(site, Hers, "silence", "add", "--for", "30min", "--reason", "a drill"),
            StringComparison.Ordinal);
        await site.UntilAsync("it is a finding", async () => (await SubjectsAsync(site)).Contains("silence 1"));
        var all = await DoneAsync(
            site, Hers, "silence", "add", "--for", "1h", "--severity", "1", "--reason", "the pool is moved");
        Assert.Contains("a second person confirms it", all, StringComparison.Ordinal);
        var alone = await RunAsync(site, Hers, "silence", "confirm", "2");
        Assert.Equal(2, alone.ExitCode);
        Assert.Contains("somebody else than who asked for it", alone.Errors, StringComparison.Ordinal);
        Assert.Contains(
            "WAITS: it holds nothing back until a second person confirms it",
            await DoneAsync(site, Hers, "silence", "list"), StringComparison.Ordinal);
        await DoneAsync(site, Chiefs, "silence", "confirm", "2");
        Assert.DoesNotContain("WAITS", await DoneAsync(site, Hers, "silence", "list"), StringComparison.Ordinal);
        await site.UntilAsync("so is the second", async () => (await SubjectsAsync(site)).Contains("silence 2"));

        await DoneAsync(site, Hers, "silence", "end", "2", "--reason", "it was moved");
        var listed = await DoneAsync(site, Hers, "silence", "list");
        Assert.Contains("by security and chief because the pool is moved  ended (", listed, StringComparison.Ordinal);
        Assert.DoesNotContain("a drill  ended", listed, StringComparison.Ordinal);
        await site.KillServerAsync();
        await site.StartServerAsync();
        Assert.Equal(listed, await DoneAsync(site, Hers, "silence", "list"));
    }

    [Fact]
    public async Task Nothing_goes_to_a_channel_that_is_distrusted_until_it_is_trusted_again()
    {
        await chain.ResetAsync();
        await using var site = await SiteAsync();
        var refused = await RunAsync(site, Chiefs, "channel", "distrust", "slack", "--reason", "a stranger wrote");
        Assert.Equal(2, refused.ExitCode);
        Assert.Contains("backup", refused.Errors, StringComparison.Ordinal);
        await DoneAsync(
            site, Chiefs, "channel", "distrust", "slack", "--reason", "a stranger wrote", "--anyway");
        Assert.Contains(
            "NOT TRUSTED", await DoneAsync(site, Hers, "channel", "list"), StringComparison.Ordinal);
        var before = Told(site, "war-room");
        await DoneAsync(site, Hers, "incident", "open", "the pool is empty", "--severity", "1", "--test");
        await site.UntilAsync("the other channel is told", () => Task.FromResult(Told(site, "chief-phone") > 0));
        Assert.Equal(before, Told(site, "war-room"));

        await DoneAsync(site, Chiefs, "channel", "trust", "slack", "--reason", "met its new administrator");
        await DoneAsync(site, Hers, "incident", "severity", "INC-1", "2", "--reason", "a few users");
        await site.UntilAsync("it is told again", () => Task.FromResult(Told(site, "war-room") > before));
    }

    [Fact]
    public async Task A_test_that_nobody_could_answer_is_not_sent()
    {
        await chain.ResetAsync();
        await using var site = await SiteAsync();

        var asked = await RunAsync(site, Hers, "channel", "test", "status", "--answer");
        var sent = await RunAsync(site, Hers, "channel", "test", "war-room", "--severity", "5");

        Assert.Equal(2, asked.ExitCode);
        Assert.Contains("nobody can answer on 'status'", asked.Errors, StringComparison.Ordinal);
        Assert.Equal((0, ""), (sent.ExitCode, sent.Errors));
        Assert.Contains("CANARY-1 is on its way to 'war-room'", sent.Output, StringComparison.Ordinal);
    }

    private async Task<Site> SiteAsync()
    {
        var site = await Site.CreateAsync(chain);
        var root = site.Folder.Root;
        await File.WriteAllTextAsync(Path.Combine(root, "hers"), Hers, Ct);
        await File.WriteAllTextAsync(Path.Combine(root, "chiefs"), Chiefs, Ct);
        await File.AppendAllTextAsync(
            Path.Combine(root, "tocsin.yaml"),
            """

            tokens:
              hers: { person: security, role: commander, token: "file:hers" }
              chiefs: { person: chief, role: admin, token: "file:chiefs" }
            """,
            Ct);
        await site.StartServerAsync();
        return site;
    }

    private static int Told(Site site, string channel) => site.Received.Count(alert => alert.Channel == channel);

    private static async Task<string> DoneAsync(Site site, string token, params string[] arguments)
    {
        var run = await RunAsync(site, token, arguments);
        Assert.True(run.ExitCode == 0, run.Errors);
        return run.Output;
    }

    private static Task<Ended> RunAsync(Site site, string token, params string[] arguments) => Executable.RunAsync(
        new Dictionary<string, string?> { ["TOCSIN_TOKEN"] = token }, [.. arguments, "--config", site.Folder.Root]);

    private static async Task<List<string>> SubjectsAsync(Site site)
    {
        using var http = new HttpClient { BaseAddress = new Uri($"http://127.0.0.1:{site.Port}") };
        http.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", Hers);
        var findings = await http.GetFromJsonAsync<JsonElement>("/api/findings", Ct);
        return
        [
            .. findings.EnumerateArray()
                .Select(row => row.GetProperty("finding").GetProperty("subject").GetString()!),
        ];
    }
}
