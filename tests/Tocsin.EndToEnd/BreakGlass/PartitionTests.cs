using Tocsin.Demo;
using Tocsin.EndToEnd.Parts;

namespace Tocsin.EndToEnd.BreakGlass;

/// <summary>A server that nothing and nobody reaches while people act without it, and what it does later.</summary>
public sealed class PartitionTests(ProtectedChain chain) : IClassFixture<ProtectedChain>
{
    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    /// <summary>It had all approvals and could not act: after the partition it has nothing left to do.</summary>
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_server_that_was_cut_off_with_a_taken_decision_acts_no_second_time(bool alsoFromTheSigner)
    {
        await chain.ResetAsync();
        await using var site = await Site.CreateAsync(chain);
        await site.StartSignerAsync();
        await site.StartServerAsync();
        var bundle = await Contain.WriteBundleAsync(site, "b");
        await chain.Anvil.ReceiptAsync(await chain.AttackAsync(), Cancelled);
        await site.UntilAsync("the pause is proposed", () => site.Outside.HasDecisionAsync("INC-1", Cancelled));
        await Officers.ApproveAsync(site.Outside.Server, "INC-1", Officers.Chief, Cancelled);
        var holds = Cut(site, alsoFromTheSigner);
        await Officers.ApproveAsync(site.Outside.Server, "INC-1", Officers.Security, Cancelled);
        await site.UntilAsync(
            "the server has the decision", async () => await site.CountAsync("INC-1", "decision-taken.1") == 1);

        var journal = await ContainAsync(site, bundle);
        Assert.Equal(0, await site.CountAsync("INC-1", "call-signed.1"));
        Heal(site, holds);

        await site.UntilAsync("the server knows it", () => site.Outside.IsPausedAsync("INC-1", Cancelled));
        await Contain.PausedOnceAsync(site, chain);
        Assert.Equal(Contain.SignedIn(journal).Raw, Contain.SignedAtServer(site).Raw);
        await ImportAsync(site, journal);
        Assert.Equal(2, await site.CountAsync("INC-1", "call-signed.1"));
        Assert.Equal(2, await SignedAsync(site));
        await Contain.PausedOnceAsync(site, chain);
    }

    /// <summary>No approval reached it: what people decided comes with the journal.</summary>
    [Fact]
    public async Task A_server_that_people_could_not_reach_learns_from_the_journal_what_they_decided()
    {
        await chain.ResetAsync();
        await using var site = await Site.CreateAsync(chain);
        await site.StartSignerAsync();
        await site.StartServerAsync();
        var bundle = await Contain.WriteBundleAsync(site, "b");
        await chain.Anvil.ReceiptAsync(await chain.AttackAsync(), Cancelled);
        await site.UntilAsync("the pause is proposed", () => site.Outside.HasDecisionAsync("INC-1", Cancelled));
        var holds = Cut(site, alsoFromTheSigner: true);

        var journal = await ContainAsync(site, bundle);
        Heal(site, holds);

        await ImportAsync(site, journal);
        Assert.True(await site.Outside.IsPausedAsync("INC-1", Cancelled));
        Assert.Equal(2, await site.CountAsync("INC-1", "call-signed.1"));
        Assert.Equal(2, await SignedAsync(site));
        Assert.Equal(1, await site.CountAsync("INC-1", "decision-taken.1"));
        await Contain.PausedOnceAsync(site, chain);
    }

    /// <summary>It saw nothing at all: what it proposes afterwards is another use, which nobody has approved.</summary>
    [Fact]
    public async Task A_server_that_was_cut_off_before_the_attack_repeats_nothing_afterwards()
    {
        await chain.ResetAsync();
        await using var site = await Site.CreateAsync(chain);
        await site.StartSignerAsync();
        await site.StartServerAsync();
        var bundle = await Contain.WriteBundleAsync(site, "b");
        var holds = Cut(site, alsoFromTheSigner: true);
        await chain.Anvil.ReceiptAsync(await chain.AttackAsync(), Cancelled);

        var journal = await ContainAsync(site, bundle);
        Heal(site, holds);

        await site.UntilAsync(
            "the server sees the attack", async () => (await site.Outside.IncidentsAsync(Cancelled)).Count > 0);
        await ImportAsync(site, journal);
        Assert.Equal(2, await SignedAsync(site));
        await Contain.PausedOnceAsync(site, chain);
    }

    [Fact]
    public async Task Server_and_people_who_ask_the_signer_at_the_same_instant_get_the_same_bytes()
    {
        await chain.ResetAsync();
        await using var site = await Site.CreateAsync(chain);
        await site.StartSignerAsync();
        await site.StartServerAsync();
        await using var other = new SocketRelay(
            Path.Combine(site.Folder.Root, "other.sock"), Contain.RealSocket(site));
        await chain.Anvil.ReceiptAsync(await chain.AttackAsync(), Cancelled);
        await site.UntilAsync("the pause is proposed", () => site.Outside.HasDecisionAsync("INC-1", Cancelled));
        await Contain.RunAsync([], Contain.ByConfig(site));
        site.SignerSocket.Hold = Hold.Requests("\"sign\":{");
        other.Hold = Hold.Requests("\"sign\":{");

        var people = Contain.RunAsync(
            Contain.Signatures(Contain.TypedData(Contain.Journal(site))),
            Contain.ByConfig(site, "--signer", other.Path));
        await Officers.ApproveAsync(site.Outside.Server, "INC-1", Officers.Chief, Cancelled);
        await Officers.ApproveAsync(site.Outside.Server, "INC-1", Officers.Security, Cancelled);
        await Wait.ForAsync(
            "both ask", Task.WhenAll(site.SignerSocket.Hold.Reached, other.Hold.Reached), () => site.Output);
        site.SignerSocket.Hold.Release(lost: false);
        other.Hold.Release(lost: false);
        var done = await people;

        Assert.True(done.ExitCode == 0, done.Output + done.Errors);
        await site.UntilAsync("the server knows it", () => site.Outside.IsPausedAsync("INC-1", Cancelled));
        Assert.Equal(Contain.SignedIn(Contain.Journal(site)).Raw, Contain.SignedAtServer(site).Raw);
        await Contain.PausedOnceAsync(site, chain);
        await ImportAsync(site, Contain.Journal(site));
        Assert.Equal(["INC-1"], await site.Outside.IncidentsAsync(Cancelled));
        await Contain.PausedOnceAsync(site, chain);
    }

    /// <summary>Signed calls of all incidents; that it was blind is an incident of its own.</summary>
    private static async Task<int> SignedAsync(Site site)
    {
        var signed = 0;
        foreach (var incident in await site.Outside.IncidentsAsync(Cancelled))
            signed += await site.CountAsync(incident, "call-signed.1");
        return signed;
    }

    /// <summary>Nothing that it says arrives, and nothing is said to it.</summary>
    private static List<Hold> Cut(Site site, bool alsoFromTheSigner)
    {
        var nodes = site.Rpc.Hold = Hold.Requests("");
        var people = site.Alerts.Hold = Hold.Requests("");
        if (!alsoFromTheSigner)
            return [nodes, people];
        return [nodes, people, site.SignerSocket.Hold = Hold.Requests("")];
    }

    private static void Heal(Site site, List<Hold> holds)
    {
        site.Rpc.Hold = site.Alerts.Hold = site.SignerSocket.Hold = null;
        holds.ForEach(hold => hold.Release(lost: true));
    }

    /// <returns>The journal.</returns>
    private async Task<string> ContainAsync(Site site, string bundle)
    {
        var journal = Path.Combine(site.Folder.Root, "away.journal");
        await Contain.RunAsync([], Contain.ByBundle(site, chain, bundle, journal));
        var done = await Contain.RunAsync(
            Contain.Signatures(Contain.TypedData(journal)), Contain.ByBundle(site, chain, bundle, journal));
        Assert.True(done.ExitCode == 0, done.Output + done.Errors);
        await Contain.PausedOnceAsync(site, chain);
        return journal;
    }

    private static async Task ImportAsync(Site site, string journal)
    {
        await site.KillServerAsync();
        await Contain.ImportAsync(site, journal, "INC-");
        await Contain.ImportAsync(site, journal, "nothing to add");
        await site.StartServerAsync();
    }
}
