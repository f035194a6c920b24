using Tocsin.Chains;
using Tocsin.Detection.Conduct;
using Tocsin.Detection.Detectors;
using Tocsin.Evm.Blocks;
using Tocsin.Evm.Inputs;
using Tocsin.Findings;

namespace Tocsin.Detection.Contracts;

/// <summary>An event by which a contract said that it is being changed.</summary>
public readonly record struct Announcement(Address Contract, Hash32 Topic, Hash32 Transaction);

/// <param name="Contract">Whose name it ran in.</param>
public readonly record struct RunCode(Address Contract, Address Code);

public sealed record SilentChangeState(
    ValueList<Trailed<Announcement>> Announced,
    NotebookState<RunCode, ulong> Run,
    NotebookState<Address, int> Calls) : DetectorState;

/// <inheritdoc cref="SilentChangeSettings.TheCard"/>
internal sealed class SilentChange(Watch watch, SilentChangeSettings settings) : Detector
{
    private const int RunMax = 2_048;
    private const int ChangesMax = 16;

    private readonly GuardedPlaces places = new(watch, settings);
    private readonly HashSet<Address> ours = [.. watch.Contracts.Select(contract => contract.Address)];
    private readonly HashSet<Address> allowed = [.. settings.Targets.Select(name => watch.AddressOf(name)!.Value)];
    private readonly Trail<Announcement> announced = new(TimeSpan.FromMinutes(1));
    private readonly Notebook<RunCode, ulong> run = new(RunMax);
    private readonly Notebook<Address, int> calls = new(Math.Max(1, watch.Contracts.Count));

    public override IEnumerable<LogInterest> Interests => places.Contracts
        .Concat(ours).Distinct().Select(address => new LogInterest(address, null));

    public override void Log(in Log log, in Transaction transaction, BlockScene scene)
    {
        if (log.Topics.Count > 0 && GuardedPlaces.IsAnnouncement(log.Topics[0]))
            announced.Add(scene, new Announcement(log.Address, log.Topics[0], transaction.Hash));
    }

    public override void Changed(ValueList<StateChange> changes, BlockScene scene)
    {
        var slots = new Dictionary<(Address, Hash32), List<(StateChange By, SlotChange Slot)>>();
        foreach (var change in changes)
        {
            if (change.Code is { Before.Count: > 0 } code && ours.Contains(change.Account))
                ReportCode(change, code, changes, scene);
            foreach (var slot in change.Slots)
            {
                if (places.Find(change.Account, slot.Place) is null)
                    continue;
                var key = (change.Account, slot.Place);
                if (!slots.TryGetValue(key, out var steps))
                    slots[key] = steps = [];
                steps.Add((change, slot));
            }
        }
        foreach (var ((contract, place), steps) in slots)
            Judge(contract, place, steps, changes, scene);
    }

    public override void Traced(TransactionTrace trace, BlockScene scene)
    {
        var seen = new HashSet<Address>();
        var reported = 0;
        foreach (var call in scene.CallsOf(trace))
        {
            if (call.IsUndone || !ours.Contains(call.Frame.From) || call.Frame.To is not { } to)
                continue;
            if (call.Frame.Kind == CallKind.SelfDestruct && reported++ < ChangesMax)
                ReportDestruction(call.Frame, trace, scene);
            if (call.Frame.Kind is not (CallKind.DelegateCall or CallKind.CallCode) || to.IsPrecompiled)
                continue;
            seen.Add(call.Frame.From);
            var code = new RunCode(call.Frame.From, to);
            if (run.TryGet(code, out _))
                continue;
            run.Set(code, scene.Block.Number, scene);
            if (IsLearnt(code.Contract) && !IsExpected(code, scene) && reported++ < ChangesMax)
                ReportDelegation(code, trace, scene);
        }
        foreach (var frame in trace.Frames)
            if (frame.To is { } to && ours.Contains(to))
                seen.Add(to);
        foreach (var contract in seen.Order())
            if (!IsLearnt(contract))
                calls.Set(contract, (calls.TryGet(contract, out var count) ? count : 0) + 1, scene);
    }

    public override void Rollback(BlockRef ancestor)
    {
        announced.Rollback(ancestor);
        run.Rollback(ancestor);
        calls.Rollback(ancestor);
    }

    public override DetectorState Snapshot() =>
        new SilentChangeState(announced.ToList(), run.Snapshot(), calls.Snapshot());

    public override void Restore(DetectorState state)
    {
        if (state is not SilentChangeState before)
            return;
        announced.Restore(before.Announced);
        run.Restore(before.Run);
        calls.Restore(before.Calls);
    }

    private bool IsLearnt(Address contract) =>
        calls.TryGet(contract, out var count) && count >= settings.LearnCalls;

    // A contract that says it has other code now runs other code now.
    private bool IsExpected(RunCode code, BlockScene scene) =>
        allowed.Contains(code.Code) || ours.Contains(code.Code)
        || announced.Since(scene.Time).Any(one => one.What.Contract == code.Contract);

    private void Judge(
        Address contract, Hash32 at, List<(StateChange By, SlotChange Slot)> steps,
        ValueList<StateChange> changes, BlockScene scene)
    {
        var place = places.Find(contract, at)!;
        var (before, after) = (steps[0].Slot.Before, steps[^1].Slot.After);
        var isBack = before == after;
        var isAnnounced = announced.Since(scene.Time).Any(one =>
            one.Block == scene.Block.Number && one.What.Contract == contract
            && place.Announced.Contains(one.What.Topic));
        if ((isAnnounced && !isBack) || (place.IsReadBack && !isBack))
            return;
        var name = scene.NameOf(contract);
        var how = isBack
            ? $"was {Value(steps[0].Slot.After)} for a moment and is {Value(after)} again"
            : $"was {Value(before)} and is {Value(after)} now";
        var why = place.Announced.Count == 0
            ? "This slot is watched because nobody should write it."
            : isBack
                ? "Whoever held it for that moment could do anything in the name of the contract."
                : "The event that belongs to such a change is missing: it was written past its own functions.";
        Report($"{contract}/{at}", IndicatorNames.SilentSlot, Weights.SilentSlot, Severity.Critical, name,
            steps[0].By.Transaction, changes, scene,
            $"{Capital(place.Means)} of {name} {how}. {why} Who holds it can empty the contract.");
    }

    private static void ReportCode(
        StateChange change, Change<ValueList<byte>> code, ValueList<StateChange> changes, BlockScene scene)
    {
        var name = scene.NameOf(change.Account);
        Report($"{change.Account}/code", IndicatorNames.CodeChanged, Weights.CodeChanged, Severity.Critical, name,
            change.Transaction, changes, scene, code.After.Count == 0
                ? $"The code of {name} is gone: calls to it do nothing any more, and what it held is lost or was sent "
                    + "away."
                : $"The code of {name} itself was replaced ({code.Before.Count:#,0} bytes before, "
                    + $"{code.After.Count:#,0} now). Deployed code never changes by itself.");
    }

    private static void ReportDestruction(CallFrame frame, TransactionTrace trace, BlockScene scene)
    {
        var name = scene.NameOf(frame.From);
        Report($"{frame.From}/code", IndicatorNames.SelfDestructed, Weights.CodeChanged, Severity.Critical, name, trace,
            scene, $"{name} destroyed itself and sent its coins to {frame.To}.");
    }

    private static void ReportDelegation(RunCode code, TransactionTrace trace, BlockScene scene)
    {
        var name = scene.NameOf(code.Contract);
        Report($"{code.Contract}/run", IndicatorNames.UnexpectedDelegatecall, Weights.UnexpectedDelegatecall,
            Severity.High, name, trace, scene,
            $"{name} ran the code of {code.Code} in its own name, which it never did before, and no upgrade was "
                + "announced. Such code can write everything that the contract keeps, and move all that it holds.");
    }

    private static void Report(
        string key, string indicator, decimal confidence, Severity severity, string subject, TransactionTrace trace,
        BlockScene scene, string reason) =>
        Report(key, indicator, confidence, severity, subject, trace.Transaction,
            new Side(scene.CallsOf(trace)).ToList().Where(one => !scene.IsWatched(one)).ToValueList(), scene,
            reason);

    // State differences name no sender; but only senders and creators of contracts get another nonce.
    private static void Report(
        string key, string indicator, decimal confidence, Severity severity, string subject, Hash32 transaction,
        ValueList<StateChange> changes, BlockScene scene, string reason) =>
        Report(key, indicator, confidence, severity, subject, transaction,
            changes.Where(change => change is { Nonce: not null, BalanceWei: not null })
                .Where(change => change.Transaction == transaction && !scene.IsWatched(change.Account))
                .Select(change => change.Account).ToValueList(),
            scene, reason);

    private static void Report(
        string key, string indicator, decimal confidence, Severity severity, string subject, Hash32 transaction,
        ValueList<Address> addresses, BlockScene scene, string reason) =>
        scene.Report(Threat.ContractAnomaly, new Hit(
            scene.Block, scene.Time, severity, confidence, subject,
            [new AttackTransaction(scene.Block, transaction, [])], addresses,
            [scene.Indicate(
                indicator, transaction, addresses.Count > 0 ? addresses[0] : default, subject, 1, 1, reason)])
        {
            Detector = SilentChangeSettings.TheCard.Name,
            Key = $"silent-change/{key}",
        });

    private static string Capital(string means) =>
        means.Length == 0 ? means : char.ToUpperInvariant(means[0]) + means[1..];

    // What is an address reads as one.
    private static string Value(Hash32 word)
    {
        Span<byte> bytes = stackalloc byte[Hash32.ByteCount];
        word.CopyTo(bytes);
        return word.IsZero ? "empty"
            : bytes[..12].ContainsAnyExcept((byte)0) ? word.ToString()
            : new Address(bytes[12..]).ToString();
    }
}
