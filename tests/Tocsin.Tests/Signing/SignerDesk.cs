using Tocsin.Chains;
using Tocsin.Configuration;
using Tocsin.Decisions;
using Tocsin.Evm;
using Tocsin.Evm.Abi;
using Tocsin.Evm.Transactions;
using Tocsin.Signing;
using Tocsin.Signing.Keys;
using Tocsin.Tests.Plans;

namespace Tocsin.Tests.Signing;

internal sealed class FixedTime(DateTimeOffset now) : TimeProvider
{
    public DateTimeOffset Now { get; set; } = now;

    public override DateTimeOffset GetUtcNow() => Now;
}

/// <summary>A signer with a real key and a journal in a folder of its own, and requests that it would grant.</summary>
internal sealed class SignerDesk : IDisposable
{
    public static readonly DateTimeOffset Noon = new(2026, 3, 1, 12, 0, 0, TimeSpan.Zero);
    public static readonly ChainId LocalChain = new(31337);
    public static readonly Address Controls = new([.. new byte[19], 0xc0]);
    public static readonly Hash32 PlanHash = Keccak256.Hash("plan");
    public static readonly AbiFunction Pause = AbiFunction.Parse("pause(bytes32 module,uint64 durationSeconds)");

    private readonly DirectoryInfo folder = Directory.CreateTempSubdirectory("tocsin-signer-");
    private SignerJournal journal;
    private ChainedLines<CountersignedHead> heads;
    private ChainedLines<BeatEntry> beats;
    private ChainedLines<RevokedWallet> revoked;

    public SignerDesk(Func<SignerPolicy, SignerPolicy>? change = null, ISigningKey? key = null)
    {
        SigningKey = key ?? new LocalKey(Key);
        var rule = new ApprovalRule(
        [
            new("commander", [MinimalPlan.Commander.Address, MinimalPlan.Deputy.Address]),
            new("engineer", [MinimalPlan.Engineer.Address]),
        ]);
        var pause = new AllowedCall(LocalChain, Controls, Pause, [new(1, "durationSeconds", 3600, 604_800)],
            [Module("market"), Module("vault")], rule);
        var policy = new SignerPolicy(
            new KeySettings.Raw(new Secret("env:NONE")), folder.FullName, PathOf("journal"), PathOf("s"),
            Exercise: false, FirstNonce: 5, SignaturesPerDay: 20, MinGas: 60_000, MaxGas: 500_000,
            MaxFeePerGasWei: 1_000, Clients: null, [pause]);
        Policy = change is null ? policy : change(policy);
        journal = SignerJournal.Open(Policy.JournalPath);
        heads = OpenHeads();
        beats = OpenBeats();
        revoked = WalletRevocations.OpenJournal(Policy);
        Signer = new Signer(Policy, SigningKey, journal, heads, Beating(), Revoking(), Time);
    }

    public static PrivateKey Key { get; } = MinimalPlan.Key(99);

    public static PrivateKey Relayer { get; } = MinimalPlan.Key(98);

    public ISigningKey SigningKey { get; }

    public SignerPolicy Policy { get; }

    public FixedTime Time { get; } = new(Noon);

    public Signer Signer { get; private set; }

    public IReadOnlyList<JournalEntry> Entries => journal.Entries;

    public string PathOf(string name) => Path.Combine(folder.FullName, name);

    /// <summary>Ends the signer and starts it again from its journal.</summary>
    public void Restart()
    {
        journal.Dispose();
        heads.Dispose();
        beats.Dispose();
        revoked.Dispose();
        journal = SignerJournal.Open(Policy.JournalPath);
        heads = OpenHeads();
        beats = OpenBeats();
        revoked = WalletRevocations.OpenJournal(Policy);
        Signer = new Signer(Policy, SigningKey, journal, heads, Beating(), Revoking(), Time);
    }

    public void CloseJournal() => journal.Dispose();

    /// <summary>The decision of an action's use: pause market, then vault.</summary>
    public static EmergencyDecision Decision(ulong use = 0, string action = "pause-all", params Call[] calls) => new(
        DecisionTypedData.Id(PlanHash, action, use), false, PlanHash,
        calls.Length > 0 ? [.. calls] : [PauseCall("market"), PauseCall("vault")], Noon.AddMinutes(30));

    public static Call PauseCall(string module, ulong seconds = 86_400) =>
        new(LocalChain, Controls, UInt256.Zero, Pause.Encode(Module(module), (UInt256)seconds).ToValueList());

    public static SignRequest Request(EmergencyDecision decision, int call = 0, string action = "pause-all") =>
        new(decision, action, Approvals(decision, MinimalPlan.Commander, MinimalPlan.Engineer), call, 100_000, 900, 10);

    public static ValueList<string> Approvals(EmergencyDecision decision, params PrivateKey[] approvers) =>
        approvers.Select(key => key.Sign(DecisionTypedData.Of(decision).Digest()).ToHex()).ToValueList();

    public SignerAnswer Ask(SignRequest request) => Answer(new SignerRequest(Sign: request));

    /// <summary>A key in memory answers at once.</summary>
    public SignerAnswer Answer(SignerRequest request) =>
        Signer.AnswerAsync(request, CancellationToken.None).GetAwaiter().GetResult();

    public SignAnswer Signed(SignRequest request)
    {
        var answer = Ask(request);
        Assert.Null(answer.Refused);
        return answer.Signed!;
    }

    public SignerRefusal? Refused(SignRequest request) => Ask(request).Refused?.Code;

    public UseAnswer OpenUse(string action = "pause-all") =>
        Answer(new SignerRequest(Use: new UseRequest(PlanHash, action))).Use!;

    public static Eip1559Transaction Read(SignAnswer answer)
    {
        Assert.True(Eip1559Transaction.TryParseSigned(Hex.Parse(answer.Raw), out var transaction, out var sender));
        Assert.Equal(Key.Address, sender);
        Assert.Equal(Keccak256.Hash(Hex.Parse(answer.Raw)), answer.Transaction);
        Assert.Equal(answer.Nonce, transaction.Nonce);
        return transaction;
    }

    public void Dispose()
    {
        journal.Dispose();
        heads.Dispose();
        beats.Dispose();
        revoked.Dispose();
        folder.Delete(recursive: true);
    }

    private ChainedLines<CountersignedHead> OpenHeads() =>
        ChainedLines<CountersignedHead>.Open(Policy.HeadsPath, "the signer's record of heads", Signer.HeadsPerDay);

    private ChainedLines<BeatEntry> OpenBeats() =>
        ChainedLines<BeatEntry>.Open(Policy.BeatsPath, "the signer's record of beats", 1_000);

    private BeatSigner Beating() =>
        new(Policy, SigningKey, [.. Policy.Heartbeats.Select(_ => new LocalKey(Relayer))], beats, Time);

    private WalletRevocations Revoking() => new(Policy, SigningKey.Address, revoked, Time);

    private static Hash32 Module(string name)
    {
        var word = new byte[Hash32.ByteCount];
        System.Text.Encoding.ASCII.GetBytes(name, word);
        return new Hash32(word);
    }
}
