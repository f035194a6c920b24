using Tocsin.Chains;
using Tocsin.Evm.Abi;
using Tocsin.Evm.Eip712;
using Tocsin.Evm.Transactions;
using Tocsin.Signing.Keys;

namespace Tocsin.Signing;

/// <summary>A beat that was signed, and the transaction of the relayer that carries it.</summary>
internal sealed record BeatEntry(
    ChainId Chain,
    Address Brake,
    ulong Sequence,
    DateTimeOffset Expires,
    ulong Nonce,
    Hash32 Transaction,
    string Raw,
    DateTimeOffset At);

/// <summary>
/// Signs the pauser's sign of life with the pauser's key, and what carries it with the relayer's. It reaches no other
/// function and no other contract.
/// </summary>
/// <param name="pauser">The signer's key.</param>
/// <param name="relayers">Those who carry, in the order of the policy's entries.</param>
internal sealed class BeatSigner(
    SignerPolicy policy,
    ISigningKey pauser,
    IReadOnlyList<ISigningKey> relayers,
    ChainedLines<BeatEntry> beats,
    TimeProvider time)
{
    /// <summary>A brake takes no beat that reaches beyond its interval, which is a day at least.</summary>
    public static readonly TimeSpan ValidFor = TimeSpan.FromHours(12);

    private static readonly AbiFunction Beat =
        AbiFunction.Parse("beat(address pauser,uint64 sequence,uint64 expires,bytes signature)");

    private static readonly Dictionary<string, ValueList<TypedDataField>> Types = new()
    {
        ["Heartbeat"] = [new("pauser", "address"), new("sequence", "uint64"), new("expires", "uint64")],
    };

    public ValueList<HeartbeatStatus> Status() => policy.Heartbeats.Select((entry, i) => new HeartbeatStatus(
        entry.Chain, entry.Brake, relayers[i].Address, (ulong)entry.Every.TotalSeconds, entry.Relayer.MaxGas,
        entry.Relayer.MaxFeePerGasWei)).ToValueList();

    /// <exception cref="KeyUnavailableException">Whoever holds one of the two keys did not sign.</exception>
    public async Task<SignerAnswer> AnswerAsync(BeatRequest request, CancellationToken cancellationToken)
    {
        var index = policy.Heartbeats.ToList()
            .FindIndex(entry => entry.Chain == request.Chain && entry.Brake == request.Brake);
        if (index < 0)
            return Refuse(
                SignerRefusal.NotAllowed, $"no heartbeat for {request.Brake}, chain {request.Chain}, is in the policy");
        var entry = policy.Heartbeats[index];
        var now = DateTimeOffset.FromUnixTimeSeconds(time.GetUtcNow().ToUnixTimeSeconds());
        var known = beats.Entries.Where(beat => beat.Chain == entry.Chain && beat.Brake == entry.Brake).ToList();
        if (RefuseFees(entry.Relayer, request) is { } dear)
            return dear;
        if (RefuseRate(entry, known, request.Nonce, now) is { } often)
            return often;
        // Seconds since 1970 grow also where the memory was lost.
        var sequence = Math.Max((ulong)now.ToUnixTimeSeconds(), known.Count > 0 ? known[^1].Sequence + 1 : 0);
        var expires = now + ValidFor;
        var signature = await pauser.SignAsync(Of(entry, sequence, expires).Preimage(), cancellationToken);
        var call = Beat.Encode(
            pauser.Address, (UInt256)sequence, (UInt256)(ulong)expires.ToUnixTimeSeconds(),
            Hex.Parse(signature.ToHex()));
        var transaction = new Eip1559Transaction(
            entry.Chain, request.Nonce, request.MaxPriorityFeePerGasWei, request.MaxFeePerGasWei,
            entry.Relayer.MaxGas, entry.Brake, UInt256.Zero, call);
        var signed = transaction.With(
            await relayers[index].SignAsync(transaction.SigningPreimage(), cancellationToken));
        var beat = new BeatEntry(
            entry.Chain, entry.Brake, sequence, expires, request.Nonce, signed.Hash, Hex.Format(signed.Raw), now);
        beats.Append(beat);
        return new SignerAnswer(Beat: beat);
    }

    /// <summary>As <c>Heartbeats.sol</c> hashes it, in the domain of the brake.</summary>
    private TypedData Of(HeartbeatPolicy entry, ulong sequence, DateTimeOffset expires) => new(
        new Eip712Domain("Tocsin EmergencyControls", "1", entry.Chain, entry.Brake), Types, "Heartbeat",
        new Dictionary<string, object>
        {
            ["pauser"] = pauser.Address,
            ["sequence"] = (UInt256)sequence,
            ["expires"] = (UInt256)(ulong)expires.ToUnixTimeSeconds(),
        });

    private static SignerAnswer? RefuseFees(RelayerPolicy relayer, BeatRequest request) =>
        request.MaxFeePerGasWei > relayer.MaxFeePerGasWei || request.MaxPriorityFeePerGasWei > request.MaxFeePerGasWei
            ? Refuse(
                SignerRefusal.FeeAboveCeiling, $"the fee is above the relayer's {relayer.MaxFeePerGasWei} wei per gas")
            : null;

    // The same nonce again replaces what did not get in, so it costs nothing more; another nonce is another beat.
    private static SignerAnswer? RefuseRate(
        HeartbeatPolicy entry, List<BeatEntry> known, ulong nonce, DateTimeOffset now)
    {
        if (known.Count(beat => beat.At > now - TimeSpan.FromDays(1)) >= entry.Relayer.PerDay)
            return Refuse(
                SignerRefusal.TooManySignatures, $"{entry.Relayer.PerDay} beats were signed within a day");
        if (known is [.., var last] && nonce != last.Nonce && now - last.At < entry.Every)
            return Refuse(
                SignerRefusal.TooManySignatures, $"the next beat is signed from {last.At + entry.Every:O} on");
        return null;
    }

    private static SignerAnswer Refuse(SignerRefusal code, string reason) => new(Refused: new Refusal(code, reason));
}
