using System.Numerics;
using Tocsin.Chains;
using Tocsin.Detection;
using Tocsin.Evm;
using Tocsin.Evm.Blocks;
using Tocsin.Evm.Inputs;
using Tocsin.Signing;

namespace Tocsin.Foresight;

/// <summary>What a call may change without anyone being told beforehand.</summary>
/// <param name="Sender">Pays the fee and the value, and counts a nonce up.</param>
/// <param name="Target">May change its own storage, and gets the value.</param>
/// <param name="Listed">Named by the plan: these may change in every way.</param>
/// <param name="PaysFee">False for a Safe: whoever has it execute pays.</param>
internal sealed record Expectation(
    Address Sender, Address Target, UInt256 ValueWei, ValueList<Address> Listed, bool PaysFee = true);

/// <summary>What else a call would change, in words; a pure function of what was simulated.</summary>
internal static class Surprises
{
    /// <summary>So many are told; of the others, how many they are.</summary>
    public const int ToldMost = 6;

    private static readonly Hash32 Transfer = Keccak256.Hash("Transfer(address,address,uint256)");
    private static readonly Hash32 Approval = Keccak256.Hash("Approval(address,address,uint256)");

    private static readonly (Hash32 Topic, string Words)[] OtherEvents =
    [
        (Keccak256.Hash("TransferSingle(address,address,address,uint256,uint256)"), "moves"),
        (Keccak256.Hash("TransferBatch(address,address,address,uint256[],uint256[])"), "moves"),
        (Keccak256.Hash("ApprovalForAll(address,address,bool)"), "lends"),
    ];

    private static readonly (Hash32 Place, string What)[] Proxies =
    [
        (ProxySlots.Implementation, "implementation"),
        (ProxySlots.Beacon, "beacon"),
        (ProxySlots.Admin, "admin"),
    ];

    /// <summary>Of a state difference.</summary>
    public static IEnumerable<string> Of(
        ValueList<StateChange> changes, Expectation expected, KnownNames names) => Told(
            changes.Where(change => !expected.Listed.Contains(change.Account))
                .SelectMany(change => OfAccount(change, expected, names))
                .Concat(Gains(changes, expected, names)));

    /// <summary>Of events: a token that moves, or that somebody may move from now on.</summary>
    public static IEnumerable<string> Of(ValueList<Log> logs, Expectation expected, KnownNames names) => Told(
        logs.Where(log => !expected.Listed.Contains(log.Address)).Select(log => OfLog(log, names)).OfType<string>());

    /// <summary>Of native value that moves, for where no state difference is to be had.</summary>
    public static IEnumerable<string> Of(
        ValueList<SimulatedPayment> payments, Expectation expected, KnownNames names)
    {
        var foreseen = new SimulatedPayment(expected.Sender, expected.Target, expected.ValueWei);
        return Told(payments
            .Where(paid => paid != foreseen && !paid.Wei.IsZero
                && !(expected.Listed.Contains(paid.From) && expected.Listed.Contains(paid.To)))
            .Select(paid => $"{Quantities.Ether(paid.Wei)} leave {names.Of(paid.From)} for {names.Of(paid.To)}"));
    }

    /// <summary>Whether what changes in the account is no more than the fee and the count of the call.</summary>
    public static bool IsOfSending(StateChange change, Expectation expected) =>
        change is { Code: null, Slots.Count: 0 }
        && (change.Account == expected.Sender || change is { Nonce: null, BalanceWei: { } balance }
            && balance.After > balance.Before);

    private static IEnumerable<string> OfAccount(StateChange change, Expectation expected, KnownNames names)
    {
        var name = names.Of(change.Account);
        if (change.Account == expected.Target)
        {
            foreach (var slot in change.Slots)
                if (Proxies.FirstOrDefault(known => known.Place == slot.Place).What is { } what)
                    yield return $"the {what} of {name} changes to {AddressIn(slot.After, names)}";
        }
        else if (change.Slots.Count > 0)
        {
            var more = change.Slots.Count > 1 ? $" and {change.Slots.Count - 1} more" : "";
            yield return $"{name}'s storage slot {change.Slots[0].Place}{more} changes";
        }
        if (change.Code is { } code)
            yield return (code.Before.Count, code.After.Count) switch
            {
                (0, _) => $"code appears at {name}",
                (_, 0) => $"the code of {name} is gone",
                _ => $"the code of {name} changes",
            };
        else if (change.Nonce is { } nonce
            && (change.Account != expected.Sender || nonce.Before == ulong.MaxValue || nonce.After != nonce.Before + 1))
            yield return $"{name} makes contracts or transactions of its own (its nonce changes)";
        if (change.BalanceWei is { } balance && balance.After < balance.Before && change.Account != expected.Sender)
            yield return $"{Quantities.Ether(balance.Before - balance.After)} leave {name}";
    }

    // What the sender pays beyond the value is the fee, whoever gets it. Anything more comes from somewhere else.
    private static IEnumerable<string> Gains(
        ValueList<StateChange> changes, Expectation expected, KnownNames names)
    {
        var gains = changes
            .Where(change => !expected.Listed.Contains(change.Account))
            .Select(change => (change.Account, Wei: Gain(change, expected)))
            .Where(gain => gain.Wei > 0)
            .ToList();
        var fee = changes
            .Where(change => expected.PaysFee && change.Account == expected.Sender && change.BalanceWei is not null)
            .Select(change => -Difference(change.BalanceWei!.Value) - (BigInteger)expected.ValueWei)
            .FirstOrDefault();
        var total = gains.Aggregate(BigInteger.Zero, (sum, gain) => sum + gain.Wei);
        return total <= BigInteger.Max(fee, BigInteger.Zero)
            ? []
            : gains.Select(gain => $"{Quantities.Ether((UInt256)gain.Wei)} come to {names.Of(gain.Account)}");
    }

    private static BigInteger Gain(StateChange change, Expectation expected)
    {
        if (change.BalanceWei is not { } balance)
            return 0;
        var gain = Difference(balance);
        return change.Account == expected.Target ? gain - (BigInteger)expected.ValueWei : gain;
    }

    private static BigInteger Difference(Change<UInt256> balance) =>
        (BigInteger)balance.After - (BigInteger)balance.Before;

    private static string? OfLog(Log log, KnownNames names)
    {
        if (log.Topics.Count == 0)
            return null;
        var topic = log.Topics[0];
        if (topic == Transfer || topic == Approval)
            return OfToken(log, topic == Approval, names);
        var other = OtherEvents.FirstOrDefault(known => known.Topic == topic).Words;
        return other is null ? null : $"{names.Of(log.Address)} {other} tokens";
    }

    private static string OfToken(Log log, bool isApproval, KnownNames names)
    {
        var token = names.Of(log.Address);
        // Without the usual topics, who gives and who gets is in the data of an old token.
        var (from, to) = log.Topics.Count >= 3
            ? (AddressIn(log.Topics[1], names), AddressIn(log.Topics[2], names))
            : ("somebody", "somebody");
        var amount = log.Topics.Count == 3 && log.Data.Length == UInt256.ByteCount
            ? Amount(new UInt256(log.Data.Span), log.Address, names)
            : $"a token of {token}";
        return isApproval ? $"{to} may take {amount} from {from}" : $"{amount} leave {from} for {to}";
    }

    private static string Amount(UInt256 amount, Address token, KnownNames names) =>
        names.AssetAt(token) is { } asset
            ? asset.InWords(amount)
            : $"{amount} units of {names.Of(token)}";

    private static string AddressIn(Hash32 word, KnownNames names) =>
        names.Of(new Address(word.ToArray().AsSpan(Hash32.ByteCount - Address.ByteCount)));

    private static List<string> Told(IEnumerable<string> all)
    {
        var distinct = all.Distinct().ToList();
        if (distinct.Count > ToldMost)
            distinct = [.. distinct.Take(ToldMost), $"and {distinct.Count - ToldMost} changes more"];
        return distinct;
    }
}
