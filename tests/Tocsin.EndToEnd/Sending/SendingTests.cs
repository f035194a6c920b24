using System.Text.Json;
using System.Text.Json.Nodes;
using Tocsin.Chain;
using Tocsin.Chains;
using Tocsin.Demo;
using Tocsin.EndToEnd.Crashes;
using Tocsin.EndToEnd.Parts;
using Tocsin.Evm;

namespace Tocsin.EndToEnd.Sending;

/// <summary>
/// What was signed gets into the chain once, whatever nodes and fees do, and people are told what hinders it.
/// </summary>
public sealed class SendingTests(ProtectedChain chain) : IClassFixture<ProtectedChain>
{
    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_transaction_that_disappears_is_replaced_under_the_same_nonce_as_strict_nodes_want_it()
    {
        await chain.ResetAsync();
        await using var site = await Site.CreateAsync(chain);
        var pool = new StrictPool { Swallows = (sent, version) => sent.Nonce == 0 && version <= 2 };
        site.Rpc.Instead = pool.Answer;
        await UntilProposedAsync(site);
        await ApproveAsync(site);

        await site.UntilAsync("market and vault are paused", () => site.Outside.IsPausedAsync("INC-1", Cancelled));

        Assert.Empty(pool.Underpriced);
        Assert.True(pool.VersionsOf(0).Count >= 3);
        Assert.Single(pool.VersionsOf(0), sent => sent == pool.VersionsOf(0)[^1]);
        Assert.Single(pool.VersionsOf(0).Select(sent => (sent.To, Hex.Format(sent.Data), sent.GasLimit)).Distinct());
        Assert.Equal(2UL, await chain.Anvil.Node.NonceAsync(chain.SignerKey.Address, "latest", Cancelled));
        Assert.Equal(
            pool.VersionsOf(0).Count + pool.VersionsOf(1).Count - 2, await site.CountAsync("INC-1", "call-replaced.1"));
        Assert.Equal(2, await site.CountAsync("INC-1", "call-included.1"));
        Assert.Single(await site.KindsAsync("INC-1"), "decision-taken.1");
    }

    [Fact]
    public async Task A_receipt_that_its_block_disproves_pauses_nothing_and_the_call_goes_on()
    {
        await chain.ResetAsync();
        await using var site = await Site.CreateAsync(chain);
        var lies = true;
        var pool = new StrictPool { Swallows = (_, _) => lies };
        site.Rpc.Instead = pool.Answer;
        var attack = await UntilProposedAsync(site);
        pool.Instead = (method, parameters) =>
            lies && method == "eth_getTransactionReceipt"
            && pool.Known.ContainsKey(Hash32.Parse(parameters[0]!.GetValue<string>()))
                ? Receipt(parameters[0]!.GetValue<string>(), attack)
                : null;
        await ApproveAsync(site);

        await SaidAsync(site, "a node says that it is in a block that does not hold it");
        Assert.DoesNotContain("call-included.1", await site.KindsAsync("INC-1"));
        Assert.False(await site.Outside.IsPausedAsync("INC-1", Cancelled));
        lies = false;
        await site.UntilAsync("market and vault are paused", () => site.Outside.IsPausedAsync("INC-1", Cancelled));
        Assert.Equal(2UL, await chain.Anvil.Node.NonceAsync(chain.SignerKey.Address, "latest", Cancelled));
    }

    [Fact]
    public async Task Nothing_is_signed_through_a_node_on_another_chain()
    {
        await chain.ResetAsync();
        await using var site = await Site.CreateAsync(chain);
        var isElsewhere = false;
        var pool = new StrictPool
        {
            Instead = (method, _) => isElsewhere && method == "eth_chainId" ? JsonValue.Create("0x1") : null,
        };
        site.Rpc.Instead = pool.Answer;
        await UntilProposedAsync(site);
        isElsewhere = true;
        await ApproveAsync(site);

        await SaidAsync(site, "is on chain 1, but the call is for chain 31337");
        Assert.Equal(0, await site.SignaturesAsync());
        isElsewhere = false;
        await site.UntilAsync("market and vault are paused", () => site.Outside.IsPausedAsync("INC-1", Cancelled));
    }

    [Fact]
    public async Task Fees_above_the_ceiling_are_told_once_and_the_pause_goes_on_when_they_fall()
    {
        await chain.ResetAsync();
        await using var site = await Site.CreateAsync(chain);
        site.Change("signer/signer.yaml", ("journal: signer.journal", "journal: signer.journal\nmax_fee_gwei: 3"));
        await UntilProposedAsync(site);
        await chain.Anvil.Node.RequestAsync("anvil_setNextBlockBaseFeePerGas", Cancelled, "0x9502f9000");
        await site.UntilAsync("fees are above the ceiling", async () =>
            (await chain.Anvil.Node.FeesAsync(Cancelled)).BaseFeeWei > 3_000_000_000);
        await ApproveAsync(site);

        await SaidAsync(site, "the chain's fees are above the ceiling of the signer's policy");
        await site.UntilAsync("market and vault are paused", () => site.Outside.IsPausedAsync("INC-1", Cancelled));
        Assert.Single(
            Judgement.Alerts(site, DemoChannels.Phone, "worsened")
                .Select(alert => alert.Body.GetProperty("key").GetString()).Distinct());
        Assert.Equal(2, await site.SignaturesAsync());
    }

    [Fact]
    public async Task What_a_relay_swallows_is_given_to_the_nodes_after_its_time()
    {
        await chain.ResetAsync();
        await using var site = await Site.CreateAsync(chain);
        await using var hidden = await HttpRelay.StartAsync(chain.Anvil.Rpc);
        var relay = new StrictPool { Swallows = (_, _) => true };
        hidden.Instead = relay.Answer;
        site.Change(
            "tocsin.yaml", ("quiet_blocks: 1", $"quiet_blocks: 1\n  relay: {{ url: \"{hidden.Address}\", wait: 1 }}"));
        await UntilProposedAsync(site);
        await ApproveAsync(site);

        await site.UntilAsync("market and vault are paused", () => site.Outside.IsPausedAsync("INC-1", Cancelled));

        Assert.All(relay.Asked, method => Assert.Equal("eth_sendRawTransaction", method));
        Assert.Equal(2, relay.Asked.Count);
        await SaidAsync(site, "the private relay brought it into no block in time");
        Assert.Equal(2, await site.SignaturesAsync());
    }

    [Fact]
    public async Task A_nonce_that_a_stranger_used_is_told_and_nothing_is_executed_in_its_place()
    {
        await chain.ResetAsync();
        await using var site = await Site.CreateAsync(chain);
        var pool = new StrictPool { Swallows = (sent, _) => sent.Nonce == 0 };
        site.Rpc.Instead = pool.Answer;
        await UntilProposedAsync(site);
        await ApproveAsync(site);
        await site.UntilAsync("both calls were sent", async () =>
            await site.CountAsync("INC-1", "call-broadcast.1") >= 2);
        var signer = chain.SignerKey.Address;
        await chain.Anvil.Node.RequestAsync("anvil_impersonateAccount", Cancelled, signer.ToString());
        await chain.Anvil.SendAsync(signer, signer, [], Cancelled);

        await SaidAsync(site, "ITS NONCE WAS USED BY A TRANSACTION THAT IS NONE OF OURS");
        await site.UntilAsync("the phone was told", () =>
            Task.FromResult(Judgement.Alerts(site, DemoChannels.Phone, "worsened").Any()));
        var signatures = await site.SignaturesAsync();
        await site.UntilAsync("the other call is in a block", async () =>
            await site.CountAsync("INC-1", "call-included.1") == 1);
        Assert.Equal(2UL, await chain.Anvil.Node.NonceAsync(signer, "latest", Cancelled));
        Assert.Equal(signatures, await site.SignaturesAsync());
        Assert.False(await site.Outside.IsPausedAsync("INC-1", Cancelled));
        await chain.Anvil.Node.RequestAsync("anvil_stopImpersonatingAccount", Cancelled, signer.ToString());
    }

    private async Task<TransactionReceipt> UntilProposedAsync(Site site)
    {
        await site.StartSignerAsync();
        await site.StartServerAsync();
        var attack = await chain.Anvil.ReceiptAsync(await chain.AttackAsync(), Cancelled);
        await site.UntilAsync("both calls would succeed", async () =>
            await site.Outside.HasDecisionAsync("INC-1", Cancelled)
            && (await site.IncidentAsync("INC-1")).GetProperty("decision").GetProperty("calls").EnumerateArray()
                .All(call => call.TryGetProperty("simulation", out var simulation)
                    && simulation.GetProperty("succeeded").GetBoolean()));
        return attack;
    }

    private static async Task ApproveAsync(Site site)
    {
        foreach (var officer in (PrivateKey[])[Officers.Chief, Officers.Security])
            Assert.Contains(
                "approved by", await Officers.ApproveAsync(site.Outside.Server, "INC-1", officer, Cancelled),
                StringComparison.Ordinal);
    }

    private static Task SaidAsync(Site site, string words) => site.UntilAsync(
        $"the incident says: {words}",
        async () => JsonSerializer.Serialize(
            await site.Outside.TimelineAsync("INC-1", Cancelled),
            Tocsin.Recording.EventJson.Printed)
            .Contains(words, StringComparison.Ordinal));

    private static JsonObject Receipt(string transaction, TransactionReceipt attack) => new()
    {
        ["transactionHash"] = transaction,
        ["transactionIndex"] = "0x0",
        ["blockHash"] = attack.Block.Hash.ToString(),
        ["blockNumber"] = $"0x{attack.Block.Number:x}",
        ["status"] = "0x1",
        ["gasUsed"] = "0xc350",
        ["cumulativeGasUsed"] = "0xc350",
        ["type"] = "0x2",
        ["contractAddress"] = null,
        ["logsBloom"] = "0x" + new string('0', 512),
        ["logs"] = new JsonArray(),
    };
}
