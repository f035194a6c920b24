using Tocsin.Chains;
using Tocsin.Detection.Governance;
using Tocsin.Evm.Blocks;
using Tocsin.Evm.Inputs;
using Tocsin.Findings;

namespace Tocsin.Detection.Monitoring;

/// <summary>
/// Holds what contracts write and run against what we know of them. All of it comes from blocks, so a rollback takes it
/// back.
/// </summary>
internal sealed class ContractWatch
{
    /// <summary>A read that explains an upgrade's event is waited for so many blocks.</summary>
    public const int ReadWithinBlocks = 5;

    // Beyond that it is one finding that the ABI is another, not one for each event.
    private const int StrangeMax = 32;

    private readonly ValueList<KnownContract> contracts;
    private readonly Dictionary<Address, int> byAddress = [];
    private readonly HashSet<Hash32>[] topics;
    private readonly ContractMemory[] memories;
    private readonly ulong?[] lastReads;
    private readonly List<ContractUndo> undo = [];
    private readonly List<int> writers = [];
    private readonly ContractFindings findings;
    private readonly PlannedOperations planned;

    public ContractWatch(Watch watch, Finality finality, PlannedOperations planned)
    {
        this.planned = planned;
        contracts = watch.Senses.Contracts;
        findings = new ContractFindings(watch.Chain, finality);
        topics = new HashSet<Hash32>[contracts.Count];
        memories = new ContractMemory[contracts.Count];
        lastReads = new ulong?[contracts.Count];
        var reads = new List<StateRead>();
        for (var i = 0; i < contracts.Count; i++)
        {
            byAddress[contracts[i].Address] = i;
            topics[i] = [];
            foreach (var known in contracts[i].Events)
                topics[i].Add(known.Topic);
            memories[i] = new ContractMemory(contracts[i].Address, 0, false, [], [], []);
            foreach (var place in contracts[i].Proxy)
                reads.Add(new StateRead.Slot(contracts[i].Address, place));
        }
        Reads = [.. reads];
    }

    /// <summary>What is to be read after each block.</summary>
    public ValueList<StateRead> Reads { get; }

    /// <param name="address">As text.</param>
    public bool Declares(string address)
    {
        foreach (var known in contracts)
            if (known.Address.ToString() == address && known.Proxy.Count > 0)
                return true;
        return false;
    }

    /// <summary>For each contract with reads: how many blocks ago they were last answered.</summary>
    public List<(KnownContract Contract, ulong Lag)> Unread(BlockRef? head)
    {
        var lags = new List<(KnownContract, ulong)>();
        for (var i = 0; i < contracts.Count; i++)
            if (contracts[i].Proxy.Count > 0 && head is { } newest && lastReads[i] is { } read)
                lags.Add((contracts[i], newest.Number > read ? newest.Number - read : 0));
        return lags;
    }

    public MonitoringSnapshot Snapshot(SelfWatch self)
    {
        var reads = new List<LastRead>();
        for (var i = 0; i < contracts.Count; i++)
            if (lastReads[i] is { } block)
                reads.Add(new LastRead(contracts[i].Address, block));
        return new MonitoringSnapshot(
            self.Heard, self.Conditions.ToValueList(), memories.ToValueList(), [.. reads], undo.ToValueList(),
            findings.Standing.ToValueList());
    }

    public void Restore(MonitoringSnapshot snapshot)
    {
        foreach (var memory in snapshot.Contracts)
            if (byAddress.TryGetValue(memory.Contract, out var i))
                memories[i] = memory;
        foreach (var read in snapshot.Reads)
            if (byAddress.TryGetValue(read.Contract, out var i))
                lastReads[i] = read.Block;
        foreach (var step in snapshot.Undo)
            if (byAddress.ContainsKey(step.Before.Contract))
                undo.Add(step);
        findings.Restore(snapshot.Findings);
    }

    public List<Finding> Forward(Block block, List<Finding> revisions)
    {
        if (contracts.Count == 0)
            return revisions;
        foreach (ref readonly var transaction in block.Transactions.Span)
            if (transaction.Succeeded)
                Take(block, transaction, revisions);
        for (var i = 0; i < contracts.Count; i++)
        {
            if (contracts[i].Proxy.Count > 0)
                lastReads[i] ??= block.Ref.Number;
            TellUnexplained(i, block, revisions);
        }
        findings.Forward(block.Ref, block.Time, revisions);
        undo.RemoveAll(step => step.Block + Engine.RollbackDepthMax < block.Ref.Number);
        return revisions;
    }

    public List<Finding> Final(ulong? before, BlockRef newest, DateTimeOffset time, List<Finding> revisions)
    {
        findings.Final(before, newest, time, revisions);
        return revisions;
    }

    public List<Finding> Rollback(BlockRef ancestor, DateTimeOffset time, List<Finding> revisions)
    {
        while (undo.Count > 0 && undo[^1].Block > ancestor.Number)
        {
            memories[byAddress[undo[^1].Before.Contract]] = undo[^1].Before;
            undo.RemoveAt(undo.Count - 1);
        }
        for (var i = 0; i < contracts.Count; i++)
            if (lastReads[i] > ancestor.Number)
                lastReads[i] = ancestor.Number;
        findings.Rollback(ancestor, time, revisions);
        return revisions;
    }

    /// <param name="time">The time of the block.</param>
    public List<Finding> Answered(
        BlockRef block, DateTimeOffset time, ValueList<ReadAnswer> answers, List<Finding> revisions)
    {
        foreach (var answer in answers.AsSpan())
        {
            if (answer.Read is not StateRead.Slot slot || !byAddress.TryGetValue(slot.Of, out var i)
                || !IsDeclared(contracts[i], slot.Place) || answer.Result is not { Count: Hash32.ByteCount } word)
                continue;
            lastReads[i] = block.Number;
            Compare(i, slot.Place, new Hash32(word.AsSpan()), block, time, revisions);
        }
        return revisions;
    }

    private void Take(Block block, in Transaction transaction, List<Finding> revisions)
    {
        writers.Clear();
        foreach (ref readonly var log in transaction.Logs.Span)
        {
            // An anonymous event has no topic by which an ABI could know it.
            if (!byAddress.TryGetValue(log.Address, out var i) || log.Topics.Count == 0)
                continue;
            Read(i, log.Topics[0], block, transaction.Hash, revisions);
            if (!writers.Contains(i))
                writers.Add(i);
        }
        foreach (var i in writers)
            CountQuiet(i, block, revisions);
    }

    private void Read(int i, Hash32 topic, Block block, Hash32 transaction, List<Finding> revisions)
    {
        var memory = memories[i];
        if (UpgradeEvents.TryPlace(topic, out var place))
        {
            var isAwaited = IsDeclared(contracts[i], place);
            var seen = new UpgradeSeen(place, block.Ref, transaction, !isAwaited);
            var upgrades = WithoutPlace(memory.Upgrades, place).Add(seen);
            if (isAwaited)
                Remember(i, memory with { Upgrades = upgrades }, block.Ref.Number);
            else if (!topics[i].Contains(topic))
                findings.Add(contracts[i], $"{UpgradeEvents.NameOf(place)}-announced", Severity.High, 1,
                    ContractWords.Undeclared(contracts[i], seen), block.Ref, block.Time, revisions,
                    planned.NameOf(transaction));
            return;
        }
        if (topics[i].Contains(topic))
        {
            if (!memory.IsAbiProven)
                Remember(i, memory with { IsAbiProven = true }, block.Ref.Number);
        }
        else if (topics[i].Count > 0 && memory.Strange.Count < StrangeMax && !Contains(memory.Strange, topic))
        {
            Remember(i, memory with { Strange = memory.Strange.Add(topic) }, block.Ref.Number);
            findings.Add(contracts[i], $"topic-{topic}", Severity.Minor, 1,
                ContractWords.Strange(contracts[i], topic, transaction, memories[i].Strange.Count == StrangeMax),
                block.Ref, block.Time, revisions);
        }
    }

    private void CountQuiet(int i, Block block, List<Finding> revisions)
    {
        var memory = memories[i];
        var quietAfter = contracts[i].QuietAfter;
        if (topics[i].Count == 0 || quietAfter == int.MaxValue || memory.IsAbiProven || memory.QuietCalls >= quietAfter)
            return;
        Remember(i, memory with { QuietCalls = memory.QuietCalls + 1 }, block.Ref.Number);
        if (memories[i].QuietCalls == quietAfter)
            findings.Add(contracts[i], "abi", Severity.High, 0.9m, ContractWords.Quiet(contracts[i]), block.Ref,
                block.Time, revisions);
    }

    // The nodes that should read it back may be the ones that fail: the event alone is reason enough.
    private void TellUnexplained(int i, Block block, List<Finding> revisions)
    {
        foreach (var upgrade in memories[i].Upgrades.AsSpan())
        {
            if (upgrade.IsTold || block.Ref.Number - upgrade.Block.Number < ReadWithinBlocks)
                continue;
            var told = WithoutPlace(memories[i].Upgrades, upgrade.Place).Add(upgrade with { IsTold = true });
            Remember(i, memories[i] with { Upgrades = told }, block.Ref.Number);
            findings.Add(contracts[i], $"{UpgradeEvents.NameOf(upgrade.Place)}-announced", Severity.High, 1,
                ContractWords.Announced(contracts[i], upgrade, "and it could not be read back since"), block.Ref,
                block.Time, revisions, planned.NameOf(upgrade.Transaction));
        }
    }

    private void Compare(
        int i, Hash32 place, Hash32 value, BlockRef block, DateTimeOffset time, List<Finding> revisions)
    {
        var memory = memories[i];
        var before = ValueOf(memory, place);
        var upgrade = UpgradeOf(memory, place);
        if (before == value && upgrade is null)
            return;
        var after = memory with
        {
            Slots = With(memory.Slots, new SlotValue(place, value)),
            Upgrades = WithoutPlace(memory.Upgrades, place),
        };
        // Another code may write other events: what was proven of the ABI is to be proven again.
        var isOtherCode = before is not null && before != value && place != ProxySlots.Admin;
        Remember(i, isOtherCode ? after with { IsAbiProven = false, QuietCalls = 0 } : after, block.Number);
        var name = UpgradeEvents.NameOf(place);
        // Announced is what the transaction that says so was to put there, and no other value.
        var announced = upgrade is null ? null : planned.NameOf(upgrade.Transaction, value);
        if (before is { } old && old != value)
            findings.Add(contracts[i], name, Severity.High, 1,
                ContractWords.Changed(contracts[i], place, old, value, upgrade), block, time, revisions, announced);
        else if (upgrade is { IsTold: false })
            findings.Add(contracts[i], name, Severity.High, 1,
                ContractWords.Announced(contracts[i], upgrade, before is null
                    ? $"and is {ContractWords.Value(value)} now"
                    : $"but it is {ContractWords.Value(value)} as before: it may have been another for a moment"),
                block, time, revisions, before is null ? announced : null);
        else if (after.Slots.Count == contracts[i].Proxy.Count && AreAllZero(after.Slots))
            findings.Add(contracts[i], "no-proxy", Severity.High, 0.8m, ContractWords.NoProxy(contracts[i]), block,
                time, revisions);
    }

    /// <summary>Changes what is known of a contract, so that the block can be undone.</summary>
    private void Remember(int i, ContractMemory after, ulong block)
    {
        for (var step = undo.Count - 1; step >= 0 && undo[step].Block == block; step--)
        {
            if (undo[step].Before.Contract != after.Contract)
                continue;
            memories[i] = after;
            return;
        }
        undo.Add(new ContractUndo(block, memories[i]));
        memories[i] = after;
    }

    private static bool IsDeclared(KnownContract contract, Hash32 place) => Contains(contract.Proxy, place);

    private static bool Contains(ValueList<Hash32> hashes, Hash32 hash) => hashes.AsSpan().Contains(hash);

    private static Hash32? ValueOf(ContractMemory memory, Hash32 place)
    {
        foreach (var slot in memory.Slots.AsSpan())
            if (slot.Place == place)
                return slot.Value;
        return null;
    }

    private static UpgradeSeen? UpgradeOf(ContractMemory memory, Hash32 place)
    {
        foreach (var upgrade in memory.Upgrades.AsSpan())
            if (upgrade.Place == place)
                return upgrade;
        return null;
    }

    private static ValueList<SlotValue> With(ValueList<SlotValue> slots, SlotValue value)
    {
        var others = new List<SlotValue>();
        foreach (var slot in slots)
            if (slot.Place != value.Place)
                others.Add(slot);
        return [.. others, value];
    }

    private static ValueList<UpgradeSeen> WithoutPlace(ValueList<UpgradeSeen> upgrades, Hash32 place)
    {
        var others = new List<UpgradeSeen>();
        foreach (var upgrade in upgrades)
            if (upgrade.Place != place)
                others.Add(upgrade);
        return [.. others];
    }

    private static bool AreAllZero(ValueList<SlotValue> slots)
    {
        foreach (var slot in slots)
            if (!slot.Value.IsZero)
                return false;
        return true;
    }
}
