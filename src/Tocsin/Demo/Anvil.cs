using System.Globalization;
using Tocsin.Chain;
using Tocsin.Chains;
using Tocsin.Texts;

namespace Tocsin.Demo;

/// <summary>A local EVM node on a free port, with unlocked accounts that hold ether.</summary>
internal sealed class Anvil : IAsyncDisposable
{
    public static readonly ChainId Chain = new(31337);

    private const string Listening = "Listening on ";

    private static readonly TimeSpan LongestWait = TimeSpan.FromSeconds(60);
    private static readonly TimeSpan OverlookedAfter = TimeSpan.FromSeconds(2);

    private readonly Supervised process;
    private readonly HttpClient http = new() { Timeout = Timeout.InfiniteTimeSpan };

    private Anvil(Supervised process, string endpoint)
    {
        this.process = process;
        Rpc = new Uri($"http://{endpoint}");
        WebSocket = new Uri($"ws://{endpoint}");
        Node = new Node(http, Rpc, TimeProvider.System);
    }

    public Uri Rpc { get; }

    public Uri WebSocket { get; }

    public Node Node { get; }

    /// <param name="byFees">Who pays more is first in a block; otherwise who came first.</param>
    public static async Task<Anvil> StartAsync(
        Toolchain toolchain, CancellationToken cancellationToken, bool byFees = false)
    {
        // Port 0: the kernel chooses a free one, and Anvil says which. Blocks that are mined at once are a second apart
        // in chain time, so the chain begins in the past and is set to the present when the deployment is over. Days
        // lie between: what a contract holds counts for its limits once it has stood for a day.
        var past = TimeProvider.System.GetUtcNow().AddDays(-4).ToUnixTimeSeconds();
        string[] arguments =
        [
            "--port", "0", "--accounts", "20", "--chain-id", Chain.ToString(), "--order", byFees ? "fees" : "fifo",
            "--timestamp", past.ToString(CultureInfo.InvariantCulture),
        ];
        var (process, line) =
            await Supervised.StartAsync(toolchain.Anvil, arguments, Listening, null, cancellationToken);
        return new Anvil(
            process, line[(line.IndexOf(Listening, StringComparison.Ordinal) + Listening.Length)..].Trim());
    }

    public async Task<IReadOnlyList<Address>> AccountsAsync(CancellationToken cancellationToken)
    {
        var accounts = await Node.RequestAsync("eth_accounts", cancellationToken);
        return [.. accounts.EnumerateArray().Select(account => Address.Parse(account.GetString()))];
    }

    /// <summary>
    /// From now on the chain's time is ours, and there is a block every so often, with or without transactions.
    /// </summary>
    public async Task MineEveryAsync(TimeSpan interval, CancellationToken cancellationToken)
    {
        await Node.RequestAsync("evm_setTime", cancellationToken, TimeProvider.System.GetUtcNow().ToUnixTimeSeconds());
        await Node.RequestAsync("evm_setIntervalMining", cancellationToken, (long)interval.TotalSeconds);
    }

    /// <summary>Makes a block at the present time, after which what was deployed days ago has stood for days.</summary>
    public async Task ReachPresentAsync(CancellationToken cancellationToken)
    {
        await Node.RequestAsync("evm_setTime", cancellationToken, TimeProvider.System.GetUtcNow().ToUnixTimeSeconds());
        await Node.RequestAsync("evm_mine", cancellationToken);
    }

    public async Task<string> SnapshotAsync(CancellationToken cancellationToken) =>
        (await Node.RequestAsync("evm_snapshot", cancellationToken)).GetString()!;

    /// <summary>Takes the chain back; a snapshot serves once.</summary>
    public Task RevertAsync(string snapshot, CancellationToken cancellationToken) =>
        Node.RequestAsync("evm_revert", cancellationToken, snapshot);

    public Task GiveEtherAsync(Address account, CancellationToken cancellationToken) =>
        Node.RequestAsync("anvil_setBalance", cancellationToken, account, "0x56bc75e2d63100000");

    /// <summary>Sends from an unlocked account, with gas enough that a revert is mined rather than refused.</summary>
    public async Task<Hash32> SendAsync(Address from, Address? to, byte[] data, CancellationToken cancellationToken)
    {
        var transaction = new Dictionary<string, object?>
        {
            ["from"] = from.ToString(),
            ["data"] = Hex.Format(data),
            ["gas"] = "0x" + (to is null ? 12_000_000 : 6_000_000).ToString("x", CultureInfo.InvariantCulture),
        };
        if (to is { } target)
            transaction["to"] = target.ToString();
        var hash = await Node.RequestAsync("eth_sendTransaction", cancellationToken, transaction);
        return Hash32.Parse(hash.GetString());
    }

    /// <summary>Waits for a transaction to be in a block.</summary>
    /// <exception cref="InputException">It was in none for a minute: this chain has stopped, or lost it.</exception>
    public async Task<TransactionReceipt> ReceiptAsync(Hash32 transaction, CancellationToken cancellationToken)
    {
        var began = TimeProvider.System.GetTimestamp();
        var looked = began;
        while (TimeProvider.System.GetElapsedTime(began) < LongestWait)
        {
            if (await Node.ReceiptAsync(transaction, cancellationToken) is { } receipt)
                return receipt;
            if (TimeProvider.System.GetElapsedTime(looked) > OverlookedAfter)
            {
                await MineOverlookedAsync(cancellationToken);
                looked = TimeProvider.System.GetTimestamp();
            }
            await Task.Delay(TimeSpan.FromMilliseconds(10), cancellationToken);
        }
        var head = await Node.HeadAsync(cancellationToken);
        var pool = await Node.RequestAsync("txpool_status", cancellationToken);
        throw new InputException(
            $"{transaction} was in no block for {LongestWait.TotalSeconds:0} s; the newest is {head.Number}, and "
            + $"the pool holds {pool.GetProperty("pending")} and {pool.GetProperty("queued")} queued");
    }

    /// <summary>Makes a block where blocks come with transactions alone.</summary>
    /// <remarks>There Anvil now and then leaves a ready one lying until the next comes (foundry issue 10122). With a
    /// block every so often it does not.</remarks>
    public async Task MineOverlookedAsync(CancellationToken cancellationToken)
    {
        if ((await Node.RequestAsync("anvil_getAutomine", cancellationToken)).GetBoolean())
            await Node.RequestAsync("evm_mine", cancellationToken);
    }

    public Task KillAsync() => process.KillAsync();

    public async ValueTask DisposeAsync()
    {
        http.Dispose();
        await process.DisposeAsync();
    }
}
