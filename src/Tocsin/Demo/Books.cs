using Tocsin.Chain;
using Tocsin.Chains;
using Tocsin.Demo.Scenarios;
using Tocsin.Evm.Abi;
using Tocsin.Evm.Blocks;

namespace Tocsin.Demo;

/// <summary>
/// What left the protected contracts, by the tokens' own events on the chain. What an issuer's token gains in supply
/// counts as its loss, and what is destroyed as its gain.
/// </summary>
internal sealed class Books
{
    // What GEM costs in the pair before anybody moves it.
    private const decimal GemUsd = 10m;

    private static readonly AbiEvent Transfer =
        AbiEvent.Parse("Transfer(address indexed from,address indexed to,uint256 value)");

    private readonly Anvil anvil;
    private readonly Dictionary<Address, Coin> coins;
    private readonly Dictionary<string, Address> contracts;
    private readonly HashSet<Address> guarded;
    private readonly Address queue;

    public Books(Anvil anvil, Protocol protocol, Additions additions)
    {
        this.anvil = anvil;
        Coin[] ours =
        [
            new("dUSD", protocol.Dollar, Protocol.DollarDecimals, 1, "vault"),
            new("rUSD", protocol.Reserve, Protocol.ReserveDecimals, 1, null),
            new("GEM", protocol.Gem, Protocol.GemDecimals, GemUsd, null),
        ];
        coins = ours.Concat(additions.Coins).ToDictionary(coin => coin.Contract.Address);
        contracts = additions.Contracts.ToDictionary(one => one.Name, one => one.Contract.Address);
        contracts.Add("market", protocol.Market.Address);
        contracts.Add("vault", protocol.Vault.Address);
        // What waits in the queue has not left.
        contracts.Add("queue", protocol.Brake.Queue.Address);
        queue = protocol.Brake.Queue.Address;
        guarded = [.. contracts.Values];
    }

    /// <summary>What the protected contracts lost together in these transactions, in US dollars.</summary>
    public async Task<decimal> LostUsdAsync(IEnumerable<Hash32> transactions, CancellationToken cancellationToken)
    {
        var lost = 0m;
        foreach (var transaction in transactions)
        {
            // The attack's last transaction may be in no block yet.
            if (await anvil.Node.ReceiptAsync(transaction, cancellationToken) is not { } receipt)
                continue;
            foreach (var log in receipt.Logs.ToArray())
                lost += LostUsd(log);
        }
        return lost;
    }

    /// <summary>Whether a transaction got nothing out, because what it asked for went to the queue.</summary>
    public async Task<bool> IsQueuedAsync(TransactionReceipt receipt, CancellationToken cancellationToken) =>
        receipt.Logs.ToArray().Any(log => log.Address == queue)
            && await LostUsdAsync([receipt.TransactionHash], cancellationToken) <= 0;

    /// <summary>The transactions after a block in which something left a protected contract.</summary>
    public async Task<IReadOnlyList<Hash32>> OutflowsAfterAsync(ulong block, CancellationToken cancellationToken)
    {
        var head = await anvil.Node.HeadAsync(cancellationToken);
        var outflows = new List<Hash32>();
        foreach (var token in coins.Keys)
        {
            var moves = await anvil.Node.LogsAsync(
                block + 1, head.Number, token, Transfer.Topic0, cancellationToken);
            outflows.AddRange(moves
                .Where(move => Transfer.TryDecode(move.Log, out var decoded) && guarded.Contains(Of(decoded, "from")))
                .Select(move => move.TransactionHash));
        }
        return outflows;
    }

    /// <summary>What of a coin left these accounts together in a transaction, in US dollars.</summary>
    public static decimal LeftUsd(TransactionReceipt receipt, Coin coin, IReadOnlySet<Address> inside)
    {
        var left = 0m;
        foreach (var log in receipt.Logs.ToArray())
        {
            if (log.Address != coin.Contract.Address || !Transfer.TryDecode(log, out var decoded))
                continue;
            var usd = ((UInt256)decoded["value"]).ToUnits(coin.Decimals) * coin.Usd;
            left += (inside.Contains(Of(decoded, "from")) ? usd : 0) - (inside.Contains(Of(decoded, "to")) ? usd : 0);
        }
        return left;
    }

    private decimal LostUsd(Log log)
    {
        if (!coins.TryGetValue(log.Address, out var coin) || !Transfer.TryDecode(log, out var decoded))
            return 0;
        var (from, to) = (OrIssuer(Of(decoded, "from"), coin), OrIssuer(Of(decoded, "to"), coin));
        var usd = ((UInt256)decoded["value"]).ToUnits(coin.Decimals) * coin.Usd;
        return (guarded.Contains(from) ? usd : 0) - (guarded.Contains(to) ? usd : 0);
    }

    private Address OrIssuer(Address address, Coin coin) =>
        address.IsZero && coin.Issuer is { } issuer ? contracts[issuer] : address;

    private static Address Of(DecodedEvent transfer, string side) => (Address)transfer[side];
}
