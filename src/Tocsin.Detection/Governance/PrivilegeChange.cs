using Tocsin.Chains;
using Tocsin.Detection.Detectors;
using Tocsin.Evm.Blocks;
using Tocsin.Findings;

namespace Tocsin.Detection.Governance;

/// <summary>What somebody did to powers of ours in one transaction, for what follows it.</summary>
public sealed record PrivilegeDeed(Address By, bool Grants, bool Loosens, bool ReplacesCode);

/// <param name="At">When it was scheduled.</param>
public sealed record ScheduledNote(DateTimeOffset At, decimal WaitsSeconds);

/// <summary>What <c>privilege-change</c> remembers.</summary>
/// <param name="Values">Thresholds and delays as they were last told, and when anything was told first.</param>
public sealed record PrivilegeChangeState(
    NotebookState<string, decimal> Values,
    NotebookState<Hash32, ScheduledNote> Scheduled,
    ValueList<Trailed<PrivilegeDeed>> Deeds) : DetectorState;

/// <summary>Watches who gets powers over what is ours.</summary>
internal sealed class PrivilegeChange : Detector
{
    private const int ScheduledMax = 4_096;

    // An indicator of this detector measures how bad a change is: 5 for severity 1 down to 1 for severity 5.
    private const decimal BadnessOfHigh = 4;

    private const string SinceKey = "since";

    private static readonly TimeSpan Together = TimeSpan.FromHours(1);
    private static readonly TimeSpan ScheduledEarlier = TimeSpan.FromDays(30);

    private readonly PrivilegeChangeSettings settings;
    private readonly HashSet<Address> ours;
    private readonly HashSet<Address> known;
    private readonly Notebook<string, decimal> values = new(4_096);
    private readonly Notebook<Hash32, ScheduledNote> scheduled = new(ScheduledMax);
    private readonly Trail<PrivilegeDeed> deeds = new(Together);
    private readonly List<RatedChange> changes = [];

    public PrivilegeChange(PrivilegeChangeSettings settings, Watch watch)
    {
        this.settings = settings;
        ours = [.. watch.Contracts.Select(contract => contract.Address),
            .. watch.Controls.Select(control => control.Address),
            .. watch.Assets.Where(asset => asset.Issuer is not null).Select(asset => asset.Address),
            .. settings.Also.Select(name => watch.AddressOf(name)!.Value)];
        known = [.. ours, .. watch.Assets.Select(asset => asset.Address), .. settings.Known];
    }

    public override IEnumerable<LogInterest> Interests => ours.Select(address => new LogInterest(address, null));

    public override void Log(in Log log, in Transaction transaction, BlockScene scene)
    {
        if (PrivilegeEvents.Read(log) is not { } told)
            return;
        if (!values.TryGet(SinceKey, out _))
            values.Set(SinceKey, scene.Time.ToUnixTimeSeconds(), scene);
        // Who deploys a contract sets it up: nobody relied on it before.
        if (transaction.ContractCreated != log.Address && Rate(told, log.Address, scene) is { } change)
            changes.Add(change with { Kind = told.Kind, At = log.Address });
    }

    public override void EndTransaction(in Transaction transaction, BlockScene scene)
    {
        // Apart, because what is captured there would be allocated for every transaction.
        if (changes.Count > 0)
            Judge(transaction, scene);
        changes.Clear();
    }

    private void Judge(in Transaction transaction, BlockScene scene)
    {
        var severity = changes.Min(change => change.Severity);
        var deed = new PrivilegeDeed(
            transaction.From, changes.Any(change => change.Grants), changes.Any(change => change.Loosens),
            changes.Any(change => change.ReplacesCode));
        deeds.Add(scene, deed);
        var by = deeds.Since(scene.Time).Where(one => one.What.By == deed.By).Select(one => one.What).ToList();
        var isTakeover = by.Exists(one => one.Grants)
            && by.Exists(one => one.Loosens || one.ReplacesCode);
        if (severity == Severity.High && isTakeover)
            severity = Severity.Critical;
        scene.Report(settings.Card.Threat, HitOf(severity, isTakeover, transaction, scene));
    }

    public override void Rollback(BlockRef ancestor)
    {
        values.Rollback(ancestor);
        scheduled.Rollback(ancestor);
        deeds.Rollback(ancestor);
    }

    public override DetectorState Snapshot() =>
        new PrivilegeChangeState(values.Snapshot(), scheduled.Snapshot(), deeds.ToList());

    public override void Restore(DetectorState state)
    {
        if (state is not PrivilegeChangeState remembered)
            return;
        values.Restore(remembered.Values);
        scheduled.Restore(remembered.Scheduled);
        deeds.Restore(remembered.Deeds);
    }

    private RatedChange? Rate(PrivilegeEvent told, Address at, BlockScene scene)
    {
        var name = scene.NameOf(at);
        var account = told.Account ?? Address.Zero;
        var isKnown = known.Contains(account);
        return told.Kind switch
        {
            PrivilegeKind.Granted or PrivilegeKind.Owner or PrivilegeKind.OwnerPending when account.IsZero =>
                new RatedChange(Severity.Elevated, $"{told.What} of {name} was given up: nobody has it now."),
            PrivilegeKind.Granted or PrivilegeKind.Owner or PrivilegeKind.OwnerPending =>
                Given(told, at, name, account, isKnown, scene),
            PrivilegeKind.Taken => new RatedChange(
                isKnown ? Severity.Elevated : Severity.Minor, $"{account} lost {told.What} at {name}."),
            PrivilegeKind.Code => new RatedChange(
                isKnown ? Severity.Minor : Severity.High,
                $"{told.What} of {name} was replaced{(told.Account is null ? "" : $" by {account}")}: whoever chose it "
                    + "can take what the contract holds.")
            { ReplacesCode = !isKnown },
            PrivilegeKind.Guard => new RatedChange(
                isKnown ? Severity.Minor : Severity.High,
                account.IsZero ? $"{told.What} {name} was removed." : $"{told.What} {name} is {account} now.")
            { Loosens = !isKnown },
            PrivilegeKind.Module => isKnown ? null : ByModule(told, at, name, account, scene),
            PrivilegeKind.Rules => new RatedChange(Severity.Elevated, $"At {name} it was changed {told.What}."),
            PrivilegeKind.Paused or PrivilegeKind.Unpaused => new RatedChange(
                isKnown ? Severity.Minor : Severity.Elevated,
                $"{name} was {told.What}{(told.Account is null ? "" : $" by {account}")}."),
            PrivilegeKind.Threshold or PrivilegeKind.Delay => Changed(told, at, name, scene),
            PrivilegeKind.Scheduled => Schedule(told, name, scene),
            PrivilegeKind.Executed => Execute(told, at, name, scene),
            _ => throw new ArgumentOutOfRangeException(nameof(told), told.Kind, "no such kind"),
        };
    }

    private RatedChange Given(
        PrivilegeEvent told, Address at, string name, Address account, bool isKnown, BlockScene scene)
    {
        if (isKnown)
            return new RatedChange(Severity.Minor, $"{account}, which is known, got {told.What} at {name}.");
        values.Set($"{told.Kind} {at} {account}", scene.Time.ToUnixTimeSeconds(), scene);
        return new RatedChange(Severity.High,
            $"{account}, which neither the plan nor the configuration names, got {told.What} at {name}: whoever holds "
                + "it can act in our name.")
        { Grants = true, To = account };
    }

    private RatedChange Changed(PrivilegeEvent told, Address at, string name, BlockScene scene)
    {
        var key = $"{told.Kind} {at}";
        var after = Amounts.Units(told.After ?? UInt256.Zero, 0);
        decimal? before = told.Before is { } was ? Amounts.Units(was, 0)
            : values.TryGet(key, out var seen) ? seen
            : null;
        values.Set(key, after, scene);
        var isLess = before is { } old ? after < old : told.Kind == PrivilegeKind.Threshold && after <= 1;
        return new RatedChange(
            isLess ? Severity.High : before is null ? Severity.Elevated : Severity.Minor,
            $"{told.What} at {name} {(before is null ? "are" : $"were {before:#,0} and are")} {after:#,0}"
                + $"{(told.Kind == PrivilegeKind.Delay ? " s" : "")} now"
                + (isLess ? ": less stands between a thief and what it guards." : "."))
        { Loosens = isLess };
    }

    // A module that runs is routine once it was told; one that was enabled while we watched takes the Safe over.
    private RatedChange? ByModule(
        PrivilegeEvent told, Address at, string name, Address module, BlockScene scene)
    {
        var key = $"{told.Kind} {at} {module}";
        if (values.TryGet(key, out _))
            return null;
        values.Set(key, scene.Time.ToUnixTimeSeconds(), scene);
        var isNew = values.TryGet($"{PrivilegeKind.Granted} {at} {module}", out _);
        return new RatedChange(
            isNew ? Severity.High : Severity.Elevated,
            $"{module}, a module that neither the plan nor the configuration names, {told.What} {name}"
                + (isNew ? ", having got that power under our eyes." : "."))
        { Loosens = isNew };
    }

    private RatedChange? Schedule(PrivilegeEvent told, string name, BlockScene scene)
    {
        // A batch writes one event a call, all of one operation.
        if (!scheduled.TryGet(told.Operation, out _))
            scheduled.Set(told.Operation, new ScheduledNote(scene.Time, Amounts.Units(told.Waits, 0)), scene);
        var touch = told.Call is { } call
            ? ProposalReading.Of([call]).Touches.FirstOrDefault(one =>
                one.Power is Power.Code or Power.Ownership or Power.Roles or Power.Delays or Power.Execution)
            : null;
        return touch is null
            ? null
            : new RatedChange(Severity.Elevated,
                $"{name} is scheduled to {touch.Power.Deed()} ({touch.Function} at {scene.NameOf(touch.Target)}).");
    }

    private RatedChange? Execute(PrivilegeEvent told, Address at, string name, BlockScene scene)
    {
        if (scheduled.TryGet(told.Operation, out var note))
            return (decimal)(scene.Time - note.At).TotalSeconds >= note.WaitsSeconds
                ? null
                : new RatedChange(Severity.High,
                    $"{name} ran an operation {Words.Length(scene.Time - note.At)} after it was scheduled, though it "
                        + $"had to wait {note.WaitsSeconds:#,0} s.")
                { Loosens = true };
        var since = values.TryGet(SinceKey, out var first) ? first : scene.Time.ToUnixTimeSeconds();
        return scene.Time.ToUnixTimeSeconds() - since < (decimal)ScheduledEarlier.TotalSeconds
            ? null
            : new RatedChange(Severity.High, $"{name} ran an operation ({at}) that it never scheduled.")
            { Loosens = true };
    }

    private Hit HitOf(Severity severity, bool isTakeover, in Transaction transaction, BlockScene scene)
    {
        var first = changes.MinBy(change => change.Severity)!;
        // Who gives our powers away acts against us, whoever it is: a known account may have lost its key.
        var sender = transaction.From;
        var actors = changes.Select(change => change.To).OfType<Address>().Append(sender)
            .Where(one => !known.Contains(one) || (one == sender && severity.IsAtLeast(Severity.High))).Distinct()
            .ToValueList();
        var subject = scene.NameOf(first.At ?? transaction.To ?? transaction.From);
        var transactionSeen = transaction;
        var indicators = changes.GroupBy(change => NameOf(change.Kind)).Select(group => scene.Indicate(
            group.Key, transactionSeen, subject, Badness(group), BadnessOfHigh, ReasonOf(group, isTakeover)));
        return new Hit(
            scene.Block, scene.Time, severity, Weights.PrivilegeChange, subject,
            [new AttackTransaction(scene.Block, transaction.Hash, [])], actors,
            indicators.ToValueList())
        {
            Detector = settings.Card.Name,
        };
    }

    private static decimal Badness(IEnumerable<RatedChange> group) =>
        (int)Severity.Routine + 1 - (int)group.Min(change => change.Severity);

    private static string ReasonOf(IEnumerable<RatedChange> group, bool isTakeover) =>
        string.Join(
            ' ', group.OrderBy(change => change.Severity).Select(change => Upper(change.Reason)).Distinct().Take(4))
            + (isTakeover && group.Any(change => change.Grants || change.Loosens || change.ReplacesCode)
                ? " With what else its sender did within the hour, this is how a protocol is taken over."
                : "");

    private static string NameOf(PrivilegeKind kind) => kind switch
    {
        PrivilegeKind.Granted or PrivilegeKind.Owner or PrivilegeKind.OwnerPending => IndicatorNames.PowerGranted,
        PrivilegeKind.Taken => IndicatorNames.PowerTaken,
        PrivilegeKind.Code => IndicatorNames.CodeReplaced,
        PrivilegeKind.Rules => IndicatorNames.RulesChanged,
        PrivilegeKind.Paused or PrivilegeKind.Unpaused => IndicatorNames.PauseChanged,
        PrivilegeKind.Threshold => IndicatorNames.ThresholdChanged,
        PrivilegeKind.Delay => IndicatorNames.DelayChanged,
        PrivilegeKind.Guard => IndicatorNames.GuardChanged,
        PrivilegeKind.Module => IndicatorNames.ModuleRun,
        PrivilegeKind.Scheduled => IndicatorNames.OperationScheduled,
        PrivilegeKind.Executed => IndicatorNames.OperationUnscheduled,
        _ => throw new ArgumentOutOfRangeException(nameof(kind), kind, "no such kind"),
    };

    private static string Upper(string sentence) =>
        sentence.Length > 0 && char.IsAsciiLetterLower(sentence[0])
            ? char.ToUpperInvariant(sentence[0]) + sentence[1..]
            : sentence;

    private sealed record RatedChange(Severity Severity, string Reason)
    {
        public PrivilegeKind Kind { get; init; }

        public bool Grants { get; init; }

        public bool Loosens { get; init; }

        public bool ReplacesCode { get; init; }

        public Address? To { get; init; }

        public Address? At { get; init; }
    }
}
