using Tocsin.Chains;
using Tocsin.Evm;
using Tocsin.Evm.Blocks;
using Tocsin.Evm.Inputs;
using Tocsin.Findings;

namespace Tocsin.Detection.Governance;

/// <summary>A transaction that was announced.</summary>
/// <param name="Name">Of the operation.</param>
/// <param name="Named">The addresses among its arguments: what it may have put in place.</param>
public sealed record PlannedSeen(ulong Block, Hash32 Transaction, string Name, ValueList<Address> Named);

/// <summary>
/// Knows which transactions were announced, and lowers what is found in them and nowhere else. A transaction that lost
/// value of ours is lowered by no announcement.
/// </summary>
internal sealed class PlannedOperations(Watch watch)
{
    private const int NamedMax = 64;

    private readonly (Planned Operation, Address Target)[] operations =
        [.. watch.Planned.Select(one => (one, watch.AddressOf(one.Target)!.Value))];

    private readonly List<PlannedSeen> seen = [];

    /// <summary>What was announced beside the watch, while it runs.</summary>
    public ValueList<ExpectedOperation> Expected { get; private set; } = [];

    /// <summary>Of what was seen before nothing changes: a transaction is judged by what was known when it came.
    /// </summary>
    public void Expect(ValueList<ExpectedOperation> operations) => Expected = operations;

    public void Take(in Transaction transaction, BlockRef block, DateTimeOffset time)
    {
        foreach (var (operation, target) in operations)
        {
            if (!operation.Covers(transaction, time, target))
                continue;
            See(transaction, block, operation.Name);
            return;
        }
        foreach (var operation in Expected)
        {
            if (!Covers(operation, transaction, time))
                continue;
            See(transaction, block, operation.Words);
            return;
        }
    }

    /// <summary>Forgets what can be rolled back no more, and so belongs to no new finding.</summary>
    public void Forget(ulong block) => seen.RemoveAll(one => one.Block + Engine.RollbackDepthMax < block);

    public void Rollback(BlockRef ancestor) => seen.RemoveAll(one => one.Block > ancestor.Number);

    public ValueList<PlannedSeen> Snapshot() => seen.ToValueList();

    public void Restore(ValueList<PlannedSeen> known) => seen.AddRange(known);

    /// <summary>The hit as it is to be told: routine where all of its transactions were announced.</summary>
    public Hit Lower(Threat threat, Hit hit)
    {
        if (seen.Count == 0 || !CanBeOurs(threat, hit) || hit.Transactions.Count == 0)
            return hit;
        foreach (var transaction in hit.Transactions)
            if (NameOf(transaction.Hash) is null || transaction.Flows.Any(flow => flow.NetUnits < 0))
                return hit;
        return hit with { Severity = Severity.Routine, Announced = NameOf(hit.Transactions[0].Hash) };
    }

    /// <summary>The name of the announced operation that a transaction was; null where it was none.</summary>
    /// <param name="value">What must be among its arguments; null for nothing.</param>
    public string? NameOf(Hash32 transaction, Hash32? value = null)
    {
        foreach (var one in seen)
            if (one.Transaction == transaction)
                return value is { } word && !one.Named.Contains(LogWords.AddressOf(word)) ? null : one.Name;
        return null;
    }

    private void See(in Transaction transaction, BlockRef block, string name) =>
        seen.Add(new PlannedSeen(block.Number, transaction.Hash, name, Named(transaction.Input.Span)));

    private static bool Covers(ExpectedOperation operation, in Transaction transaction, DateTimeOffset time) =>
        transaction.To == operation.Target && transaction.From == operation.Account && transaction.ValueWei.IsZero
        && time >= operation.From && time <= operation.To
        && operation.Calldata.Contains(Keccak256.Hash(transaction.Input.Span));

    // An operation of ours changes powers and code. It takes no loan, loses nothing, and does what its calls say.
    private static bool CanBeOurs(Threat threat, Hit hit) => threat switch
    {
        Threat.PrivilegeChange => true,
        Threat.GovernanceAttack => hit.Severity != Severity.Critical
            || !hit.Indicators.Any(indicator => indicator.Name is IndicatorNames.HiddenEffect
                or IndicatorNames.SimulatedOutflow or IndicatorNames.SimulatedPower),
        Threat.ContractAnomaly => hit.Severity != Severity.Critical,
        _ => false,
    };

    private static ValueList<Address> Named(ReadOnlySpan<byte> input)
    {
        var named = new List<Address>();
        for (var at = Selector.ByteCount; at + Hash32.ByteCount <= input.Length && named.Count < NamedMax;
            at += Hash32.ByteCount)
            if (!input.Slice(at, 12).ContainsAnyExcept((byte)0))
                named.Add(new Address(input.Slice(at + 12, Address.ByteCount)));
        return [.. named];
    }
}
