using System.Globalization;
using System.Text;
using Tocsin.Chains;
using Tocsin.Evm;
using Tocsin.Evm.Transactions;
using Tocsin.Signing;

namespace Tocsin.EndToEnd.Stolen;

/// <summary>The policy once more, as plain data: nothing here is read by the code that the signer runs.</summary>
internal sealed record PlainPolicy(
    ulong Chain, Address Brake, Address Signer, Address Relayer, int SignaturesPerDay, int Replacements,
    ulong MinGas, ulong MaxGas, ulong CeilingGwei, int BeatsPerDay);

/// <summary>
/// Judges everything that the signer ever gave away, by the policy as plain data and by what people agreed to. It
/// decodes the bytes and believes no answer.
/// </summary>
internal sealed class Oracle(PlainPolicy policy, Consents consents)
{
    // pause(bytes32,uint64,bytes32)
    private static readonly byte[] Pause = Keccak256.Hash("pause(bytes32,uint64,bytes32)").ToArray()[..4];
    private static readonly byte[] Beat = Keccak256.Hash("beat(address,uint64,uint64,bytes)").ToArray()[..4];
    private static readonly string[] Modules = ["market", "vault"];

    private readonly Dictionary<(Hash32 Decision, int Call), List<Eip1559Transaction>> signed = [];
    private readonly Dictionary<ulong, (Hash32 Decision, int Call)> nonces = [];
    private readonly HashSet<Hash32> beats = [];
    private long lastHead;

    /// <summary>What is wrong with what was given, each in words.</summary>
    public List<string> Faults { get; } = [];

    /// <summary>Every version of every call, the last one last.</summary>
    public IReadOnlyDictionary<(Hash32 Decision, int Call), List<Eip1559Transaction>> Signed => signed;

    public int Beats => beats.Count;

    /// <summary>The bytes as they are sent, by nonce; of each the last version.</summary>
    public SortedDictionary<ulong, string> Raw { get; } = [];

    public void Judge(string asked, SignerRequest? request, SignerAnswer? answer)
    {
        if (answer is null)
            return;
        if (answer.Revoked is not null)
            Fault(asked, "an approver was struck out");
        if (answer.Head is { } head)
            JudgeHead(asked, head);
        if (answer.Beat is { } beat)
            JudgeBeat(asked, beat);
        if (answer.Signed is { } given)
            JudgeCall(asked, request, given);
    }

    private void JudgeCall(string asked, SignerRequest? request, SignAnswer given)
    {
        if (!Eip1559Transaction.TryParseSigned(Hex.Parse(given.Raw), out var transaction, out var sender))
        {
            Fault(asked, $"these bytes are no transaction of ours: {given.Raw}");
            return;
        }
        if (sender != policy.Signer)
            Fault(asked, $"signed by {sender}");
        JudgePolicy(asked, transaction);
        var key = request switch
        {
            { Sign: { } sign } => (sign.Decision.Id, sign.Call),
            { Replace: { } replace } => (replace.Decision, replace.Call),
            _ => default,
        };
        JudgeConsent(asked, key, transaction);
        Remember(asked, key, transaction, given.Raw);
    }

    private void JudgePolicy(string asked, Eip1559Transaction transaction)
    {
        if (transaction.ChainId.Value != policy.Chain || transaction.To != policy.Brake)
            Fault(asked, $"to {transaction.To} on chain {transaction.ChainId}");
        if (!transaction.ValueWei.IsZero)
            Fault(asked, $"it carries {transaction.ValueWei} wei");
        var data = transaction.Data;
        if (data.Length != 4 + (3 * 32) || !data.AsSpan(0, 4).SequenceEqual(Pause))
            Fault(asked, $"it does not pause: {Hex.Format(data)}");
        else if (!Modules.Contains(Encoding.ASCII.GetString(data, 4, 32).TrimEnd('\0')))
            Fault(asked, "it pauses another module");
        else if (new UInt256(data.AsSpan(36, 32)) is var seconds && (seconds < 3_600 || seconds > 604_800))
            Fault(asked, $"it pauses for {seconds} seconds");
        var ceiling = (UInt256)policy.CeilingGwei * 1_000_000_000;
        if (transaction.MaxFeePerGasWei > ceiling || transaction.MaxPriorityFeePerGasWei > transaction.MaxFeePerGasWei)
            Fault(asked, $"it pays {transaction.MaxFeePerGasWei} wei per gas");
        if (transaction.GasLimit < policy.MinGas || transaction.GasLimit > policy.MaxGas)
            Fault(asked, $"its gas limit is {transaction.GasLimit}");
    }

    private void JudgeConsent(string asked, (Hash32 Decision, int Call) key, Eip1559Transaction transaction)
    {
        var agreed = consents.Good.FirstOrDefault(consent => consent.Decision.Id == key.Decision);
        if (agreed is not { ByBoth: true } || key.Call < 0 || key.Call >= agreed.Decision.Calls.Count)
            Fault(asked, $"nobody agreed to call {key.Call} of {key.Decision}");
        else if (agreed.Decision.Calls[key.Call] is var call
            && (call.Target != transaction.To || !call.Data.AsSpan().SequenceEqual(transaction.Data)))
            Fault(asked, $"people agreed to another call than {Hex.Format(transaction.Data)}");
    }

    private void Remember(
        string asked, (Hash32 Decision, int Call) key, Eip1559Transaction transaction, string raw)
    {
        if (nonces.TryGetValue(transaction.Nonce, out var holder) && holder != key)
            Fault(asked, $"nonce {transaction.Nonce} has two calls");
        nonces[transaction.Nonce] = key;
        if (!signed.TryGetValue(key, out var versions))
            signed[key] = versions = [];
        if (versions.Count > 0 && versions[^1] != transaction)
        {
            var last = versions[^1];
            if (transaction with
            {
                MaxFeePerGasWei = last.MaxFeePerGasWei,
                MaxPriorityFeePerGasWei = last.MaxPriorityFeePerGasWei,
            } != last)
                Fault(asked, "the same call of the same decision was signed as something else");
            if (transaction.MaxPriorityFeePerGasWei <= last.MaxPriorityFeePerGasWei)
                Fault(asked, "it was replaced by one that pays less");
        }
        if (!versions.Contains(transaction))
            versions.Add(transaction);
        Raw[transaction.Nonce] = raw;
        // One more than the policy says is the way out at the whole ceiling, where the others were wasted.
        if (versions.Count > policy.Replacements + 2)
            Fault(asked, $"{versions.Count} versions of one call");
        if (nonces.Count > policy.SignaturesPerDay)
            Fault(asked, $"{nonces.Count} calls were signed within a day");
        if (nonces.Keys.Max() != (ulong)nonces.Count - 1)
            Fault(asked, $"a nonce was left out: {string.Join(' ', nonces.Keys.Order())}");
    }

    private void JudgeBeat(string asked, BeatEntry beat)
    {
        if (!Eip1559Transaction.TryParseSigned(Hex.Parse(beat.Raw), out var carried, out var sender))
            Fault(asked, "a beat that is no transaction");
        else if (sender != policy.Relayer || carried.To != policy.Brake || !carried.ValueWei.IsZero
            || carried.ChainId.Value != policy.Chain || !carried.Data.AsSpan(0, 4).SequenceEqual(Beat)
            || carried.MaxFeePerGasWei > (UInt256)policy.CeilingGwei * 1_000_000_000)
            Fault(asked, $"a beat that is something else: {beat.Raw}");
        beats.Add(beat.Transaction);
        if (beats.Count > policy.BeatsPerDay)
            Fault(asked, string.Create(CultureInfo.InvariantCulture, $"{beats.Count} beats within a day"));
    }

    private void JudgeHead(string asked, CountersignedHead head)
    {
        if (!Signature.TryParse(head.Signature, out var signature)
            || !signature.TryRecover(LogHeadTypedData.Of(head.Head, head.At).Digest(), out var signer)
            || signer != policy.Signer)
            Fault(asked, "the signature of a head is of something else");
        if (head.Head.Sequence < lastHead)
            Fault(asked, $"the log was taken back from {lastHead} to {head.Head.Sequence}");
        lastHead = Math.Max(lastHead, head.Head.Sequence);
        if ((DateTimeOffset.UtcNow - head.At).Duration() > TimeSpan.FromMinutes(5))
            Fault(asked, $"a head was signed for {head.At:O}");
    }

    private void Fault(string asked, string what) => Faults.Add($"{asked}: {what}");
}
