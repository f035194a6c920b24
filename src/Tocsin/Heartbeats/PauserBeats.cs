using Tocsin.Chain;
using Tocsin.Chains;
using Tocsin.Evm;
using Tocsin.Evm.Abi;
using Tocsin.Findings;
using Tocsin.Signing;
using Tocsin.Watching;

namespace Tocsin.Heartbeats;

/// <summary>
/// Keeps the signer's power to pause alive on chain: has a beat signed at a third of the brake's interval, sends it,
/// and reads back whether it was taken. Where none was taken in half of it, people are told.
/// </summary>
internal sealed class PauserBeats(
    Nodes nodes, SignerClient signer, FindingDesk desk, ChainId chain, TimeProvider time)
{
    private static readonly TimeSpan AskAgainAfter = TimeSpan.FromHours(4);

    private static readonly AbiFunction HeartbeatSeconds =
        AbiFunction.Parse("heartbeatSeconds() returns (uint64)");

    private static readonly AbiFunction AliveUntil =
        AbiFunction.Parse("aliveUntil(address) returns (uint64)");

    private readonly Dictionary<Address, DateTimeOffset> asked = [];

    /// <param name="status">The signer's: for which brakes it beats.</param>
    /// <exception cref="NodeException">No node answers.</exception>
    /// <exception cref="SignerUnreachableException">The signer does not.</exception>
    public async Task LookAsync(StatusAnswer status, CancellationToken cancellationToken)
    {
        foreach (var heartbeat in status.Heartbeats.Where(heartbeat => heartbeat.Chain == chain))
            await LookAsync(status.Account, heartbeat, cancellationToken);
    }

    private async Task LookAsync(Address pauser, HeartbeatStatus heartbeat, CancellationToken cancellationToken)
    {
        var interval = await ReadAsync(heartbeat.Brake, HeartbeatSeconds.Encode(), cancellationToken);
        var until = await ReadAsync(heartbeat.Brake, AliveUntil.Encode(pauser), cancellationToken);
        var now = time.GetUtcNow();
        var life = new PauserLife(
            DateTimeOffset.FromUnixTimeSeconds((long)until), TimeSpan.FromSeconds(interval));
        Tell(pauser, heartbeat, life, now);
        if (!life.IsDue(now) || now > life.Until)
            return;
        // The transaction is given time; what is still not taken then is replaced at the same nonce.
        if (asked.TryGetValue(heartbeat.Brake, out var last) && (now - last).Duration() < AskAgainAfter)
            return;
        await SendAsync(heartbeat, cancellationToken);
        asked[heartbeat.Brake] = now;
    }

    private async Task SendAsync(HeartbeatStatus heartbeat, CancellationToken cancellationToken)
    {
        var fees = await nodes.FeesAsync(cancellationToken);
        var nonce = await nodes.NonceAsync(heartbeat.Relayer, "latest", cancellationToken);
        var wanted = (fees.BaseFeeWei * 2) + fees.PriorityFeeWei;
        var fee = wanted < heartbeat.MaxFeePerGasWei ? wanted : heartbeat.MaxFeePerGasWei;
        var answer = await signer.AskAsync(
            new SignerRequest(Beat: new BeatRequest(
                heartbeat.Chain, heartbeat.Brake, nonce, fee, fees.PriorityFeeWei < fee ? fees.PriorityFeeWei : fee)),
            cancellationToken);
        if (answer.Beat is not { } beat)
            throw new SignerUnreachableException(
                $"no beat for {heartbeat.Brake} is signed: {answer.Refused?.Reason ?? "it answered something else"}");
        await nodes.BroadcastAsync(Hex.Parse(beat.Raw), cancellationToken);
    }

    private async Task<ulong> ReadAsync(Address brake, byte[] call, CancellationToken cancellationToken)
    {
        var answer = await nodes.CallAsync(null, brake, call, UInt256.Zero, null, cancellationToken);
        UInt256 latest = (ulong)DateTimeOffset.MaxValue.ToUnixTimeSeconds();
        var word = answer.Length == UInt256.ByteCount
            ? new UInt256(answer)
            : throw new NodeException(NodeFault.Garbage, $"{brake} does not answer as a brake with heartbeats");
        return (word < latest ? word : latest).ToUInt64();
    }

    private void Tell(Address pauser, HeartbeatStatus heartbeat, PauserLife life, DateTimeOffset now)
    {
        var prefix = $"pauser-late/{chain}/{heartbeat.Brake}/";
        var lasting = desk.Lasting(prefix);
        if (!life.IsLate(now))
        {
            foreach (var over in lasting)
                Record(over with
                {
                    Revision = over.Revision + 1,
                    Status = FindingStatus.Over,
                    Time = now,
                    Reason = $"The brake heard of the pauser again. {over.Reason}",
                });
            return;
        }
        var reason = life.InWords(ChecksumAddress.Format(pauser), ChecksumAddress.Format(heartbeat.Brake), now);
        var id = new FindingId($"{prefix}{life.Last:yyyyMMddTHHmmssZ}");
        var known = lasting.FirstOrDefault(finding => finding.Id == id);
        if (known?.Reason == reason)
            return;
        Record(new Finding(
            id, (known?.Revision ?? 0) + 1, FindingStatus.Seen, now, chain, default, [], Threat.MissedHeartbeat,
            Severity.High, 1, "signer", [pauser], 0, [], "pauser-beats", reason));
    }

    private void Record(Finding finding) => desk.Record([finding], finding.Time, null, null);
}

/// <summary>How long a pauser lives, as its brake says.</summary>
/// <param name="Until">Its last instant with power.</param>
/// <param name="Interval">For so long a beat keeps it alive.</param>
internal readonly record struct PauserLife(DateTimeOffset Until, TimeSpan Interval)
{
    /// <summary>When the brake last heard of it.</summary>
    public DateTimeOffset Last =>
        Until - DateTimeOffset.UnixEpoch < Interval ? DateTimeOffset.UnixEpoch : Until - Interval;

    public bool IsDue(DateTimeOffset now) => now - Last >= Interval / 3;

    public bool IsLate(DateTimeOffset now) => now - Last >= Interval / 2;

    public string InWords(string pauser, string brake, DateTimeOffset now) => now <= Until
        ? $"The brake {brake} has not heard of the pauser {pauser} since {Last:yyyy-MM-dd HH:mm:ss} UTC, half of the "
            + $"{Interval.TotalDays:0.#} days that it waits: at {Until:yyyy-MM-dd HH:mm:ss} UTC it can pause no more."
        : $"The pauser {pauser} CANNOT PAUSE: the brake {brake} has not heard of it in time. Governance removes it and "
            + "offers the role anew.";
}
