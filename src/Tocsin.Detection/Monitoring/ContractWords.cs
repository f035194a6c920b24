using Tocsin.Chains;

namespace Tocsin.Detection.Monitoring;

/// <summary>What a contract's deviation from what we know of it means, for a person woken at night.</summary>
internal static class ContractWords
{
    private const int AddressAt = Hash32.ByteCount - Address.ByteCount;

    private const string Meaning =
        "Whoever chose it can take what the contract holds: if this is no upgrade of ours, it is an attack.";

    public static string Changed(
        KnownContract contract, Hash32 place, Hash32 before, Hash32 now, UpgradeSeen? upgrade)
    {
        var announced = (upgrade, UpgradeEvents.SignatureFor(place)) switch
        {
            ({ } seen, { } signature) => $"announced by {signature} in {In(seen)}",
            (null, { } signature) => $"without the event {signature} that would announce it",
            _ => "",
        };
        return $"The {UpgradeEvents.NameOf(place)} of '{contract.Name}' ({contract.Address}) was {Value(before)} "
            + $"and is {Value(now)} now{(announced.Length > 0 ? $", {announced}" : "")}. {Meaning}";
    }

    /// <param name="then">What became of it, as the end of the sentence.</param>
    public static string Announced(KnownContract contract, UpgradeSeen upgrade, string then) =>
        $"'{contract.Name}' ({contract.Address}) announced another {UpgradeEvents.NameOf(upgrade.Place)} by "
            + $"{UpgradeEvents.SignatureFor(upgrade.Place)} in {In(upgrade)}, {then}. {Meaning}";

    public static string Undeclared(KnownContract contract, UpgradeSeen upgrade) =>
        $"'{contract.Name}' ({contract.Address}) wrote {UpgradeEvents.SignatureFor(upgrade.Place)} in {In(upgrade)}, "
            + $"though it is not declared to have such a slot: it is a proxy whose code is not watched. {Meaning}";

    public static string Strange(KnownContract contract, Hash32 topic, Hash32 transaction, bool isLast) =>
        $"'{contract.Name}' ({contract.Address}) wrote an event in transaction {transaction} that its ABI lacks, with "
            + $"the topic {topic}: what it says is not understood. "
            + (isLast ? "No more of these will be told of this contract." : "Correct the ABI if it should be.");

    public static string Quiet(KnownContract contract)
    {
        var signatures = new List<string>();
        foreach (var known in contract.Events)
            signatures.Add(known.Signature);
        var some = string.Join(", ", signatures.GetRange(0, Math.Min(3, signatures.Count)));
        var more = signatures.Count > 3 ? $" and {signatures.Count - 3} more" : "";
        return $"'{contract.Name}' ({contract.Address}) wrote events in {contract.QuietAfter} calls, and none of its "
            + $"ABI ({some}{more}): the ABI is not that of the contract, or there is a typo in address or signatures. "
            + "What depends on it sees nothing.";
    }

    public static string NoProxy(KnownContract contract) =>
        $"'{contract.Name}' ({contract.Address}) is declared a proxy, but all of its slots are empty: the address may "
            + "be wrong, or it keeps its code elsewhere. An upgrade of it would not be seen.";

    /// <summary>A slot's value: an address where it can be one.</summary>
    public static string Value(Hash32 word)
    {
        if (word.IsZero)
            return "empty";
        var bytes = word.ToArray();
        return bytes.AsSpan(0, AddressAt).ContainsAnyExcept((byte)0)
            ? word.ToString()
            : new Address(bytes.AsSpan(AddressAt)).ToString();
    }

    private static string In(UpgradeSeen upgrade) =>
        $"block {upgrade.Block.Number} (transaction {upgrade.Transaction})";
}
