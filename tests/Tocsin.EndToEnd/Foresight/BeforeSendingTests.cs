using Tocsin.Chains;
using Tocsin.Demo;
using Tocsin.EndToEnd.Parts;

namespace Tocsin.EndToEnd.Foresight;

/// <summary>The real brake, signer and command: what a call would change is judged before anyone signs it.</summary>
public sealed class BeforeSendingTests(ProtectedChain chain) : IClassFixture<ProtectedChain>
{
    private const string Harm = """
            changes: [counter]
            harm:
              - target: counter
                function: count() returns (uint256)
                at_most_more: 5
                in_words: positions that can be liquidated
        """;

    private static readonly Address Thief = new([.. new byte[18], 0xba, 0xd1]);

    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_pause_tells_what_it_would_do_and_that_nothing_else_changes()
    {
        await using var site = await StartAsync("");

        var trial = await ContainAsync(site);

        Assert.True(trial.ExitCode == 0, trial.Output + trial.Errors);
        Assert.Contains("simulated: pauses market (market) until about 20", trial.Output, StringComparison.Ordinal);
        Assert.Contains("simulated: stays open: market by claim()", trial.Output, StringComparison.Ordinal);
        Assert.Contains("simulated: changes brake: slot 0x", trial.Output, StringComparison.Ordinal);
        Assert.Contains("simulated: nothing else changes", trial.Output, StringComparison.Ordinal);
        Assert.Contains("compare on the wallet: hash 0x", trial.Output, StringComparison.Ordinal);
    }

    public static TheoryData<string, string> Thefts => new()
    {
        { "storage", "'s storage slot 0x" },
        { "token", "5 GEM leave brake for 0x000000000000000000000000000000000000" },
        { "ether", "2 ETH leave brake" },
        { "harm", "positions that can be liquidated: 14 more (0 now, 14 afterwards), and the plan accepts 5 more" },
    };

    [Theory]
    [MemberData(nameof(Thefts))]
    public async Task A_pause_that_does_something_else_too_is_refused_and_nothing_is_signed(string how, string words)
    {
        await using var site = await StartAsync(how == "harm" ? Harm : "");
        await TakeOverAsync(how);

        var refused = await ContainAsync(site);

        Assert.True(refused.ExitCode == 1, refused.Output + refused.Errors);
        Assert.Contains("is refused for what it would do: ", refused.Output, StringComparison.Ordinal);
        Assert.Contains(words, refused.Output, StringComparison.Ordinal);
        Assert.Equal(0, await site.SignaturesAsync());
        var ready = await Executable.RunAsync("contain", "--list", "--config", site.Folder.Root);
        Assert.Equal(1, ready.ExitCode);
        Assert.Contains("would be refused: ", ready.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Harm_within_its_budget_is_told_and_signed()
    {
        await using var site = await StartAsync(Harm.Replace("more: 5", "more: 14", StringComparison.Ordinal));
        await TakeOverAsync("harm");

        var trial = await ContainAsync(site);

        Assert.True(trial.ExitCode == 0, trial.Output + trial.Errors);
        Assert.Contains("14 more (0 now, 14 afterwards); the plan accepts 14 more", trial.Output);
    }

    [Fact]
    public async Task What_turns_hostile_after_the_approvals_began_is_not_signed_until_it_is_itself_again()
    {
        await using var site = await StartAsync("");
        await site.StartServerAsync();
        await chain.Anvil.ReceiptAsync(await chain.AttackAsync(), Cancelled);
        await site.UntilAsync(
            "both calls are simulated", async () => await site.CountAsync("INC-1", "call-simulated.1") >= 2);
        var simulated = await chain.Anvil.Node.HeadAsync(Cancelled);
        await TakeOverAsync("ether");
        // A block a second: what was simulated is old by then.
        await site.UntilAsync("time passes", async () =>
            (await chain.Anvil.Node.HeadAsync(Cancelled)).Number >= simulated.Number + 5);

        await Officers.ApproveAsync(site.Outside.Server, "INC-1", Officers.Chief, Cancelled);
        await Officers.ApproveAsync(site.Outside.Server, "INC-1", Officers.Security, Cancelled);
        await site.UntilAsync(
            "both calls are refused", async () => await site.CountAsync("INC-1", "call-simulated.1") >= 4);

        Assert.Equal(0, await site.SignaturesAsync());
        var page = await site.Outside.Server.GetStringAsync(new Uri("/incidents/INC-1", UriKind.Relative), Cancelled);
        Assert.Contains("2 ETH leave brake", page, StringComparison.Ordinal);
        await HostileBrake.GiveBackAsync(chain);
        await site.UntilAsync("it is paused", () => site.Outside.IsPausedAsync("INC-1", Cancelled));
        Assert.Equal(2, await site.SignaturesAsync());
    }

    private async Task<Site> StartAsync(string more)
    {
        await chain.ResetAsync();
        await HostileBrake.PlaceCounterAsync(chain);
        var site = await Site.CreateAsync(chain);
        if (more.Length > 0)
            site.Change(
                "plan/plan.yaml",
                ("  controls:\n", $"  controls:\n    counter: \"{HostileBrake.Counter}\"\n"),
                ("  - id: pause-protocol\n", $"  - id: pause-protocol\n{more}\n"));
        await site.StartSignerAsync();
        return site;
    }

    private async Task TakeOverAsync(string how)
    {
        var brake = chain.Protocol.Controls.Address;
        var gem = chain.Protocol.Gem;
        await chain.Anvil.GiveEtherAsync(brake, Cancelled);
        switch (how)
        {
            case "token":
                await chain.Anvil.SendAsync(
                    chain.Cast.Governance, gem.Address, gem.Call("mint", brake, Protocol.Gems(100)), Cancelled);
                await HostileBrake.TakeOverAsync(
                    chain, gem.Address, UInt256.Zero, gem.Call("transfer", Thief, Protocol.Gems(5)));
                break;
            case "ether":
                await HostileBrake.TakeOverAsync(chain, Thief, Protocol.Units(2, 18), []);
                break;
            default:
                await HostileBrake.TakeOverAsync(chain, HostileBrake.Counter, UInt256.Zero, []);
                break;
        }
    }

    private static Task<Ended> ContainAsync(Site site) => Executable.RunAsync(
        "contain", "pause-protocol", "--dry-run", "--config", site.Folder.Root);
}
