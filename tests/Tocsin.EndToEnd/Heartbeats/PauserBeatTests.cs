using System.Globalization;
using Tocsin.Chain;
using Tocsin.Chains;
using Tocsin.Commands;
using Tocsin.Communications;
using Tocsin.Configuration;
using Tocsin.Demo;
using Tocsin.EndToEnd.Parts;
using Tocsin.Evm;
using Tocsin.Findings;
using Tocsin.Heartbeats;
using Tocsin.Recording;
using Tocsin.Signing;
using Tocsin.Signing.Keys;
using Tocsin.Storage;
using Tocsin.Watching;

namespace Tocsin.EndToEnd.Heartbeats;

/// <summary>The real brake hears of the pauser by beats that another account carries.</summary>
public sealed class PauserBeatTests(ProtectedChain chain) : IClassFixture<ProtectedChain>, IAsyncLifetime
{
    private const int Cycles = 4;

    private static readonly TimeSpan Day = TimeSpan.FromDays(1);

    private readonly PrivateKey relayer = PrivateKey.Generate();
    private readonly ChainClock clock = new();
    private readonly CancellationTokenSource stop = new();
    private readonly List<IDisposable> open = [];
    private Site site = null!;
    private SignerClient client = null!;
    private PauserBeats beats = null!;
    private Logbook logbook = null!;
    private ChainedLines<BeatEntry> signed = null!;
    private SignerJournal journal = null!;
    private Task serving = Task.CompletedTask;

    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    private Deployed Controls => chain.Protocol.Brake.Controls;

    private Address Pauser => chain.SignerKey.Address;

    private Finding Finding => Assert.Single(logbook.Book.Findings.Values).Finding;

    /// <summary>Signer and server's round on the clock of the chain.</summary>
    public async ValueTask InitializeAsync()
    {
        await chain.ResetAsync();
        await chain.Anvil.Node.RequestAsync("evm_setIntervalMining", Cancelled, 0L);
        await chain.Anvil.GiveEtherAsync(relayer.Address, Cancelled);
        await PassAsync(TimeSpan.Zero);
        site = await Site.CreateAsync(chain);
        var policy = Policy(site.Folder.Root);
        var key = new CheckedKey(new LocalKey(chain.SignerKey));
        journal = Keep(SignerJournal.Open(policy.JournalPath));
        var heads = Keep(ChainedLines<CountersignedHead>.Open(policy.HeadsPath, "heads"));
        signed = Keep(ChainedLines<BeatEntry>.Open(policy.BeatsPath, "beats"));
        var revocations = new WalletRevocations(
            policy, key.Address, Keep(WalletRevocations.OpenJournal(policy)), clock);
        var signer = new Signer(
            policy, key, journal, heads, new BeatSigner(policy, key, [new LocalKey(relayer)], signed, clock),
            revocations, clock);
        serving = Keep(new SignerServer(signer, policy, _ => { })).ServeAsync(
            Keep(SignerServer.Bind(policy)), stop.Token);
        client = new SignerClient(policy.SocketPath);
        var (configuration, plan) = PlanCommand.LoadChecked(site.Folder.Root);
        Directory.CreateDirectory(configuration.DataDirectory);
        var page = new Uri("https://tocsin.example/");
        logbook = Keep(new Logbook(
            EventStore.Open(Path.Combine(configuration.DataDirectory, "tocsin.db")),
            new Links(_ => page, (_, _, _) => page, page), clock));
        logbook.Adopt(plan);
        beats = new PauserBeats(
            OnlyNode(), client, new FindingDesk(logbook, exercise: false), Anvil.Chain, clock);
    }

    public async ValueTask DisposeAsync()
    {
        await stop.CancelAsync();
        await serving.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        open.Reverse();
        open.ForEach(one => one.Dispose());
        stop.Dispose();
        await site.DisposeAsync();
    }

    [Fact]
    public async Task Beats_in_time_keep_the_power_longer_than_the_interval_and_take_no_nonce_of_the_pauser()
    {
        var interval = await IntervalAsync();
        var ether = await BalanceAsync(relayer.Address);
        var own = await BalanceAsync(Pauser);
        var began = clock.Now;

        await LookAsync();
        Assert.Empty(signed.Entries);
        for (var cycle = 0; cycle < Cycles; cycle++)
        {
            await ReachAsync((interval / 3) + Day);
            await LookAsync();
            await PassAsync(TimeSpan.FromSeconds(5));
            Assert.Equal(signed.Entries[^1].Sequence, await ReadAsync("lastBeat"));
            Assert.True(await CanPauseAsync());
        }

        Assert.True(clock.Now - began > interval);
        Assert.Equal(Cycles, signed.Entries.Count);
        Assert.Empty(logbook.Book.Findings);
        Assert.Equal(0UL, await chain.Anvil.Node.NonceAsync(Pauser, "latest", Cancelled));
        Assert.Equal((ulong)Cycles, await chain.Anvil.Node.NonceAsync(relayer.Address, "latest", Cancelled));
        Assert.True(await BalanceAsync(relayer.Address) < ether);
        Assert.Equal(own, await BalanceAsync(Pauser));
        Assert.Empty(journal.Entries);
    }

    [Fact]
    public async Task A_late_beat_is_told_at_half_of_the_interval_and_is_over_when_the_brake_has_heard()
    {
        var interval = await IntervalAsync();
        await ReachAsync((interval / 2) - Day);
        await EmptyAsync(relayer.Address);
        await LookInVainAsync();
        Assert.Empty(logbook.Book.Findings);

        await ReachAsync((interval / 2) + TimeSpan.FromMinutes(5));
        await LookInVainAsync();
        Assert.Equal(
            (Threat.MissedHeartbeat, Severity.High, FindingStatus.Seen),
            (Finding.Threat, Finding.Severity, Finding.Status));

        await chain.Anvil.GiveEtherAsync(relayer.Address, Cancelled);
        await PassAsync(TimeSpan.FromHours(5));
        await LookAsync();
        await PassAsync(TimeSpan.FromSeconds(5));
        await LookAsync();
        Assert.Equal(FindingStatus.Over, Finding.Status);
        Assert.True(await CanPauseAsync());
    }

    [Fact]
    public async Task After_the_whole_interval_it_can_neither_pause_nor_beat()
    {
        var interval = await IntervalAsync();
        Assert.True(await CanPauseAsync());
        await ReachAsync(interval + TimeSpan.FromMinutes(1));

        await LookAsync();
        Assert.Contains("CANNOT PAUSE", Finding.Reason, StringComparison.Ordinal);
        Assert.Empty(signed.Entries);
        Assert.False(await CanPauseAsync());
        // Whoever asks the signer all the same gets a beat, and the brake does not take it.
        var answer = await client.AskAsync(
            new SignerRequest(Beat: new BeatRequest(Anvil.Chain, Controls.Address, 0, 10_000_000_000, 1)), Cancelled);
        await chain.Anvil.Node.BroadcastAsync(Hex.Parse(answer.Beat!.Raw), Cancelled);
        await PassAsync(TimeSpan.FromSeconds(5));
        Assert.False(await chain.HasSucceededAsync(answer.Beat.Transaction));
        Assert.False(await CanPauseAsync());
    }

    private T Keep<T>(T one)
        where T : IDisposable
    {
        open.Add(one);
        return one;
    }

    private SignerPolicy Policy(string folder) => new(
        new KeySettings.Raw(new Secret("env:NONE")), folder, Path.Combine(folder, "j"), Path.Combine(folder, "s"),
        false, 0, 20, 60_000, 500_000, UInt256.Zero, null, [])
    {
        Heartbeats =
        [
            new HeartbeatPolicy(
                Anvil.Chain, Controls.Address, 5 * Day,
                new RelayerPolicy(
                    new KeySettings.Raw(new Secret("env:NONE")), 300_000, (UInt256)200_000_000_000, 4)),
        ],
    };

    private Chain.Nodes OnlyNode() => new(
        [new NamedNode("only", new Node(new HttpClient(), chain.Anvil.Rpc, clock), 1)],
        clock, new NodesOptions { ExpectedChain = Anvil.Chain });

    private async Task LookAsync() => await beats.LookAsync(
        (await client.AskAsync(new SignerRequest(Status: new StatusRequest()), Cancelled)).Status!, Cancelled);

    // The relayer has no coin: nothing gets in.
    private async Task LookInVainAsync() => await Assert.ThrowsAsync<NodeException>(LookAsync);

    private async Task<bool> CanPauseAsync()
    {
        var module = new byte[Hash32.ByteCount];
        System.Text.Encoding.ASCII.GetBytes("market", module);
        try
        {
            await chain.Anvil.Node.CallAsync(
                Pauser, Controls.Address, Controls.Call("pause", new Hash32(module), 86_400UL, Hash32.Zero),
                UInt256.Zero, null, Cancelled);
            return true;
        }
        catch (NodeException e) when (e.Fault == NodeFault.Refused)
        {
            return false;
        }
    }

    private async Task<TimeSpan> IntervalAsync() => TimeSpan.FromSeconds(new UInt256(
        await chain.Anvil.Node.CallAsync(
            null, Controls.Address, Controls.Call("heartbeatSeconds"), UInt256.Zero, null, Cancelled)).ToUInt64());

    private async Task<ulong> ReadAsync(string view) => new UInt256(
        await chain.Anvil.Node.CallAsync(
            null, Controls.Address, Controls.Call(view, Pauser), UInt256.Zero, null, Cancelled)).ToUInt64();

    private Task<UInt256> BalanceAsync(Address account) => chain.Anvil.Node.BalanceAsync(account, Cancelled);

    private Task EmptyAsync(Address account) =>
        chain.Anvil.Node.RequestAsync("anvil_setBalance", Cancelled, account, "0x0");

    /// <summary>So long after the brake last heard of the pauser.</summary>
    private async Task ReachAsync(TimeSpan sinceLast)
    {
        var last = DateTimeOffset.FromUnixTimeSeconds((long)await ReadAsync("aliveUntil")) - await IntervalAsync();
        await PassAsync(last + sinceLast - clock.Now);
    }

    // The clock of everybody follows that of the chain.
    private async Task PassAsync(TimeSpan passed)
    {
        await chain.Anvil.Node.RequestAsync("evm_increaseTime", Cancelled, (long)passed.TotalSeconds);
        await chain.Anvil.Node.RequestAsync("evm_mine", Cancelled);
        var block = await chain.Anvil.Node.RequestAsync("eth_getBlockByNumber", Cancelled, "latest", false);
        clock.Now = DateTimeOffset.FromUnixTimeSeconds(long.Parse(
            block.GetProperty("timestamp").GetString()!.AsSpan(2), NumberStyles.HexNumber,
            CultureInfo.InvariantCulture));
    }

    private sealed class ChainClock : TimeProvider
    {
        public DateTimeOffset Now { get; set; }

        public override DateTimeOffset GetUtcNow() => Now;
    }
}
