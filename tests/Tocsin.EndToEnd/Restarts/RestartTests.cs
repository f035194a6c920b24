using System.Text.Json;
using Tocsin.EndToEnd.Parts;

namespace Tocsin.EndToEnd.Restarts;

/// <summary>Who was away finds what who stayed has found.</summary>
public sealed class RestartTests(ProtectedChain chain) : IClassFixture<ProtectedChain>
{
    private const long BlocksMissed = 25;

    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    [Fact]
    public async Task An_attack_during_the_servers_absence_is_found_as_if_it_had_been_there()
    {
        await chain.ResetAsync();
        await using var absent = await Site.CreateAsync(chain);
        await using var present = await Site.CreateAsync(chain);
        await absent.StartServerAsync();
        await present.StartServerAsync();
        foreach (var site in (Site[])[absent, present])
            await site.UntilAsync("the blocks up to now are read", () => HasReadAsync(site));
        await absent.KillServerAsync();
        var attack = await chain.AttackAsync();
        Assert.True(await chain.HasSucceededAsync(attack));
        await chain.Anvil.Node.RequestAsync("anvil_mine", Cancelled, BlocksMissed);
        await absent.StartServerAsync();
        var expected = await FindingsAsync(present);
        Assert.Contains(attack.ToString(), expected, StringComparison.Ordinal);
        Assert.Equal(expected, await FindingsAsync(absent));
    }

    // The first page says how far the watch is; an empty chain has no incident to ask about.
    private static async Task<bool> HasReadAsync(Site site)
    {
        var page = await site.Outside.Server.GetStringAsync(new Uri("/", UriKind.Relative), Cancelled);
        return !page.Contains("no block read yet", StringComparison.Ordinal);
    }

    /// <summary>Every finding of the one incident, once it is confirmed, as text.</summary>
    private static async Task<string> FindingsAsync(Site site)
    {
        var findings = "";
        await site.UntilAsync("the attack is found and confirmed", async () =>
        {
            if (await site.Outside.IncidentsAsync(Cancelled) is not [var incident])
                return false;
            var all = (await site.IncidentAsync(incident)).GetProperty("findings");
            findings = all.GetRawText();
            return all.EnumerateArray().All(IsConfirmed);
        });
        return findings;
    }

    private static bool IsConfirmed(JsonElement finding) =>
        finding.GetProperty("status").GetString()!.Equals("confirmed", StringComparison.OrdinalIgnoreCase);
}
