using Tocsin.Chain;
using Tocsin.Chains;
using Tocsin.Demo;
using Tocsin.EndToEnd.Parts;

namespace Tocsin.EndToEnd.Stolen;

/// <summary>The demo's protocol behind its brake, on a chain that mines at once and whose time the test sets.</summary>
internal sealed class BrakeStage(ProtectedChain chain)
{
    public static readonly string[] Modules = ["market", "vault"];

    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    public Protocol Protocol => chain.Protocol;

    public Deployed Controls => chain.Protocol.Controls;

    public Address Pauser => chain.SignerKey.Address;

    public Cast Cast => chain.Cast;

    public Node Node => chain.Anvil.Node;

    /// <summary>Freshly deployed, and nothing mined by itself.</summary>
    public static async Task<BrakeStage> SetAsync(ProtectedChain chain)
    {
        await chain.ResetAsync();
        await chain.Anvil.Node.RequestAsync("evm_setIntervalMining", Cancelled, 0L);
        await chain.Anvil.Node.RequestAsync("evm_setAutomine", Cancelled, true);
        await chain.Anvil.Node.RequestAsync("evm_mine", Cancelled);
        return new BrakeStage(chain);
    }

    public async Task<TransactionReceipt> SendRawAsync(string raw) =>
        await chain.Anvil.ReceiptAsync(await Node.BroadcastAsync(Hex.Parse(raw), Cancelled), Cancelled);

    public async Task<TransactionReceipt> SendAsync(Address from, Address to, byte[] data) =>
        await chain.Anvil.ReceiptAsync(await chain.Anvil.SendAsync(from, to, data, Cancelled), Cancelled);

    public Task<TransactionReceipt> SendAsync(Address from, Deployed to, string function, params object[] arguments) =>
        SendAsync(from, to.Address, to.Call(function, arguments));

    public async Task<ulong> NowAsync()
    {
        var block = await Node.RequestAsync("eth_getBlockByNumber", Cancelled, "latest", false);
        return Convert.ToUInt64(block.GetProperty("timestamp").GetString(), 16);
    }

    /// <summary>A block at that instant; where it has passed, nothing.</summary>
    public async Task ReachAsync(ulong instant)
    {
        if (instant <= await NowAsync())
            return;
        await Node.RequestAsync("evm_setNextBlockTimestamp", Cancelled, instant);
        await Node.RequestAsync("evm_mine", Cancelled);
    }

    /// <summary>What a call would give now; null where it reverts.</summary>
    public async Task<byte[]?> TryAsync(Address? from, Address to, byte[] data)
    {
        try
        {
            return await Node.CallAsync(from, to, data, UInt256.Zero, null, Cancelled);
        }
        catch (NodeException e) when (e.Fault == NodeFault.Refused)
        {
            return null;
        }
    }

    public async Task<UInt256> ReadAsync(Deployed contract, string function, params object[] arguments) =>
        new((await TryAsync(null, contract.Address, contract.Call(function, arguments)))!.AsSpan(0, 32));

    public async Task<bool> IsPausedAsync(string module) =>
        !(await ReadAsync(Controls, "isPaused", Consents.Word(module))).IsZero;

    /// <summary>Who has how much of every token: contracts, people, the pauser; and the whole supply.</summary>
    public async Task<ValueList<UInt256>> WealthAsync()
    {
        var (protocol, brake) = (chain.Protocol, chain.Protocol.Brake);
        Address[] holders =
        [
            protocol.Vault.Address, protocol.Market.Address, protocol.Lender.Address, protocol.Pair,
            brake.Queue.Address, brake.Limits.Address, brake.Migrations.Address, Controls.Address, Pauser,
            Cast.Governance, Cast.Chief, Cast.Security, .. Cast.Users,
        ];
        var wealth = new List<UInt256>();
        foreach (var token in (Deployed[])[protocol.Dollar, protocol.Reserve, protocol.Gem])
        {
            wealth.Add(await ReadAsync(token, "totalSupply"));
            foreach (var holder in holders)
                wealth.Add(await ReadAsync(token, "balanceOf", holder));
        }
        return wealth.ToValueList();
    }

    /// <summary>Who is in which role, in every role that there is.</summary>
    public async Task<string> RolesAsync()
    {
        var roles = new List<string>();
        for (var role = 1UL; role <= 6; role++)
            roles.Add(Hex.Format((await TryAsync(
                null, Controls.Address, Controls.Call("membersOf", (UInt256)role)))!));
        return string.Join('/', roles);
    }

    /// <summary>What users may do at any time: repay, add to what covers them, and take what is owed to them.</summary>
    public async Task RequireExitsAsync()
    {
        var (saver, borrower, market) = (Cast.Users[0], Cast.Users[4], chain.Protocol.Market);
        Assert.NotNull(await TryAsync(saver, market.Address, market.Call("claim")));
        Assert.NotNull(await TryAsync(borrower, market.Address, market.Call("repay", Protocol.Dollars(1))));
        Assert.NotNull(await TryAsync(borrower, market.Address, market.Call("addCollateral", Protocol.Gems(1))));
    }

    /// <summary>Everything else is open as well.</summary>
    public async Task RequireOpenAsync()
    {
        await RequireExitsAsync();
        foreach (var module in Modules)
            Assert.False(await IsPausedAsync(module));
        Assert.NotNull(await TryAsync(
            Cast.Users[0], chain.Protocol.Market.Address, chain.Protocol.Market.Call("withdraw", Protocol.Dollars(1))));
        Assert.NotNull(await TryAsync(
            Cast.Users[0], chain.Protocol.Vault.Address, chain.Protocol.Vault.Call("redeem", Protocol.Dollars(1))));
    }

    public async Task<string> SnapshotAsync() => await chain.Anvil.SnapshotAsync(Cancelled);

    public Task RevertAsync(string snapshot) => chain.Anvil.RevertAsync(snapshot, Cancelled);

    public async Task ImpersonateAsync(Address account)
    {
        await chain.Anvil.GiveEtherAsync(account, Cancelled);
        await Node.RequestAsync("anvil_impersonateAccount", Cancelled, account.ToString());
    }
}

/// <summary>How long each module was paused, as the chain tells after every step. Nothing lifts it here.</summary>
internal sealed class PausedTime(BrakeStage stage)
{
    private readonly Dictionary<string, List<(ulong From, ulong Until)>> spans = BrakeStage.Modules.ToDictionary(
        module => module, _ => new List<(ulong From, ulong Until)>());

    public ulong Until => spans.Values.SelectMany(all => all).Select(span => span.Until).DefaultIfEmpty().Max();

    public ulong Seconds => spans.Keys.Aggregate(0UL, (sum, module) => sum + SecondsOf(module));

    public async Task LookAsync()
    {
        var now = await stage.NowAsync();
        foreach (var (module, known) in spans)
        {
            var until = (await stage.ReadAsync(stage.Controls, "pausedUntil", Consents.Word(module))).ToUInt64();
            if (until <= now)
                continue;
            if (known.Count > 0 && known[^1].Until >= now)
                known[^1] = (known[^1].From, until);
            else
                known.Add((now, until));
        }
    }

    public ulong SecondsOf(string module) => SecondsOf(module, 0, ulong.MaxValue);

    /// <summary>Of the time between the two instants.</summary>
    public ulong SecondsOf(string module, ulong from, ulong to) => spans[module].Aggregate(
        0UL, (sum, span) =>
        {
            var (start, end) = (Math.Max(span.From, from), Math.Min(span.Until, to));
            return end > start ? sum + (end - start) : sum;
        });
}
