using Tocsin.Chains;
using Tocsin.Detection.Detectors;
using Tocsin.Evm.Blocks;

namespace Tocsin.Detection.Governance;

/// <summary>Holds what proposals would do against how the votes for them came about.</summary>
internal sealed partial class GovernanceAttack : Detector
{
    private const int ProposalsMax = 1_024;
    private const int AccountsMax = 4_096;
    private const int FreshVotersMax = 8;
    private const int ExecutionsToLearn = 3;

    private static readonly TimeSpan EarlyUntilLearnt = TimeSpan.FromHours(6);

    private readonly GovernanceAttackSettings settings;
    private readonly Address governor;
    private readonly Address? timelock;
    private readonly Address? token;
    private readonly int tokenDecimals;
    private readonly HashSet<Address> ruled;
    // Whoever fills these with proposals nobody votes for, or with accounts that hold nothing, displaces no other.
    private readonly Notebook<string, ProposalNote> proposals = new(
        ProposalsMax, note => note.IsExecuted ? -1 : note.Votes);
    private readonly Notebook<Address, Accumulation> arrivals = new(
        AccountsMax, came => Sum(came.Net, came.DelegatedNow));
    private readonly Notebook<Address, int> proposers = new(AccountsMax, count => count);
    private readonly Notebook<string, DelayNote> delays = new(16);
    private readonly Cell<PaceNote> pace = new();
    private readonly TransactionDeeds deeds = new();
    private readonly List<GovernanceEvent.Scheduled> scheduled = [];

    public GovernanceAttack(GovernanceAttackSettings settings, Watch watch)
    {
        this.settings = settings;
        governor = watch.AddressOf(settings.Governor)!.Value;
        timelock = settings.Timelock is { } name ? watch.AddressOf(name) : null;
        simulations = new SimulationQueue(governor, timelock);
        token = settings.Token is { } votes ? watch.AddressOf(votes) : null;
        tokenDecimals = watch.Assets.FirstOrDefault(asset => asset.Address == token)?.Decimals
            ?? settings.TokenDecimals;
        ruled = [governor, .. timelock is { } waits ? [waits] : Array.Empty<Address>(),
            .. watch.Contracts.Select(contract => contract.Address),
            .. watch.Assets.Where(asset => asset.Issuer is not null).Select(asset => asset.Address)];
    }

    public override IEnumerable<LogInterest> Interests =>
    [
        new LogInterest(governor, null),
        .. timelock is { } waits ? [new LogInterest(waits, null)] : Array.Empty<LogInterest>(),
        .. token is { } votes
            ?
            [
                new LogInterest(votes, Topics.Transfer),
                new LogInterest(votes, GovernanceEvents.DelegateVotesChanged.Topic0),
            ]
            : Array.Empty<LogInterest>(),
        // Of governor and timelock it is shown everything already.
        .. ruled.Where(address => address != governor && address != timelock).SelectMany(address =>
            RuleEvents.Topics.Select(topic => new LogInterest(address, topic))),
    ];

    public override void Log(in Log log, in Transaction transaction, BlockScene scene)
    {
        if (log.Topics.Count == 0)
            return;
        if (log.Address == token)
            TakeToken(log, transaction, scene);
        if (RuleEvents.PowerOf(log.Topics[0]) is { } power && ruled.Contains(log.Address))
            deeds.Effects.Add((power, log.Address));
        if (log.Address == governor || log.Address == timelock)
            Take(GovernanceEvents.Read(log), transaction, scene);
    }

    public override void EndTransaction(in Transaction transaction, BlockScene scene)
    {
        TakeScheduled(transaction, scene);
        var end = deeds.Close();
        if (end is null)
            return;
        foreach (var id in end.Proposals)
            if (proposals.TryGet(id, out var note))
                Judge(id, note, end, transaction, scene);
        if (end.Proposals.Count == 0 && end.Effects.Count > 0)
            JudgeSeizure(end, transaction, scene);
    }

    public override void Rollback(BlockRef ancestor)
    {
        proposals.Rollback(ancestor);
        arrivals.Rollback(ancestor);
        proposers.Rollback(ancestor);
        delays.Rollback(ancestor);
        pace.Rollback(ancestor);
        simulations.Rollback(ancestor);
    }

    public override DetectorState Snapshot() => new GovernanceAttackState(
        proposals.Snapshot(), arrivals.Snapshot(), proposers.Snapshot(), delays.Snapshot(), pace.Snapshot(),
        simulations.Snapshot());

    public override void Restore(DetectorState state)
    {
        if (state is not GovernanceAttackState known)
            return;
        proposals.Restore(known.Proposals);
        arrivals.Restore(known.Arrivals);
        proposers.Restore(known.Proposers);
        delays.Restore(known.Delays);
        pace.Restore(known.Pace);
        if (known.Simulations is { } asked)
            simulations.Restore(asked);
    }

    private void Take(GovernanceEvent? told, in Transaction transaction, BlockScene scene)
    {
        switch (told)
        {
            case GovernanceEvent.Created created:
                Create(created, transaction, scene);
                break;
            case GovernanceEvent.Voted voted when Voted(voted, scene) is { } note:
                proposals.Set(voted.Proposal, Count(note, voted, transaction, scene), scene);
                deeds.Touch(voted.Proposal);
                break;
            case GovernanceEvent.Ran ran:
                deeds.Scripts.AddRange(ran.Calls);
                break;
            case GovernanceEvent.Executed executed when proposals.TryGet(executed.Proposal, out var note):
                var reading = deeds.Scripts.Count > 0 ? ProposalReading.Of(deeds.Scripts) : note.Reading;
                proposals.Set(executed.Proposal, note with { Reading = reading, IsExecuted = true }, scene);
                simulations.Drop(executed.Proposal, scene);
                deeds.Execute(executed.Proposal);
                break;
            case GovernanceEvent.Scheduled waits:
                scheduled.Add(waits);
                break;
            case GovernanceEvent.Unscheduled over:
                simulations.Drop(over.Operation, scene);
                break;
            case GovernanceEvent.DelaySet set:
                Take(set, scene);
                break;
            default:
                break;
        }
    }

    private void Create(GovernanceEvent.Created created, in Transaction transaction, BlockScene scene)
    {
        var isNew = !proposers.TryGet(created.Proposer, out var before);
        proposers.Set(created.Proposer, before + 1, scene);
        proposals.Set(
            created.Proposal,
            new ProposalNote(scene.Block.Number, scene.Time, transaction.Hash, created.Proposer, isNew,
                ProposalReading.Of(created.Calls), 0, 0, 0, [])
            { BlockHash = scene.Block.Hash, Actions = ActionsOf(created.Calls) },
            scene);
        AskFor(created.Proposal, created.Calls, scene);
        deeds.Touch(created.Proposal);
    }

    // A vote for what was displaced by others: what it would do is not known any more, which is no reason to trust it.
    private ProposalNote? Voted(GovernanceEvent.Voted voted, BlockScene scene)
    {
        if (proposals.TryGet(voted.Proposal, out var note))
            return note;
        return proposals.IsFull
            ? new ProposalNote(scene.Block.Number == 0 ? 0 : scene.Block.Number - 1, scene.Time, Hash32.Zero,
                Address.Zero, false, new ProposalReading([new Touch(Power.Execution, governor, "")], 1), 0, 0, 0, [])
            : null;
    }

    private ProposalNote Count(
        ProposalNote note, GovernanceEvent.Voted voted, in Transaction transaction, BlockScene scene)
    {
        var votes = Amounts.Units(voted.Votes, tokenDecimals);
        var fresh = 0m;
        var isBorrowed = false;
        if (arrivals.TryGet(voted.Voter, out var came))
        {
            var isFresh = scene.Time - came.Last <= settings.Window
                || (came.Last >= note.Time - settings.Window && came.First <= note.Time + settings.Window);
            fresh = isFresh ? Math.Min(votes, came.Votes) : 0;
            isBorrowed = fresh > 0 && came.LastIn == transaction.Hash;
        }
        var voters = fresh > 0 && note.FreshVoters.Count < FreshVotersMax && !note.FreshVoters.Contains(voted.Voter)
            ? note.FreshVoters.Add(voted.Voter)
            : note.FreshVoters;
        return note with
        {
            Votes = Sum(note.Votes, votes),
            Fresh = Sum(note.Fresh, fresh),
            Borrowed = Sum(note.Borrowed, isBorrowed ? fresh : 0),
            FreshVoters = voters,
        };
    }

    private void Take(GovernanceEvent.DelaySet set, BlockScene scene)
    {
        var after = Amounts.Units(set.After, 0);
        var before = set.Before is { } told ? Amounts.Units(told, 0)
            : delays.TryGet(set.Delay, out var known) ? known.Value
            : after;
        delays.Set(set.Delay, new DelayNote(after, before > after ? after / before : 1, scene.Time), scene);
    }

    private void TakeToken(in Log log, in Transaction transaction, BlockScene scene)
    {
        if (log.Topics[0] == Topics.Transfer)
        {
            if (log.Topics.Count != 3 || !LogWords.TryRead(log.Data.Span, 0, out var amount))
                return;
            var units = Amounts.Units(amount, tokenDecimals);
            Come(LogWords.AddressOf(log.Topics[1]), -units, 0, transaction.Hash, scene);
            Come(LogWords.AddressOf(log.Topics[2]), units, 0, transaction.Hash, scene);
        }
        else if (GovernanceEvents.DelegateVotesChanged.TryDecode(log, out var changed)
            && (UInt256)changed["after"] is var after && (UInt256)changed["before"] is var before)
        {
            var account = (Address)changed["account"];
            if (after > before)
                Come(account, 0, Amounts.Units(after - before, tokenDecimals), transaction.Hash, scene);
            if (arrivals.TryGet(account, out var came))
                arrivals.Set(account, came with { DelegatedNow = Amounts.Units(after, tokenDecimals) }, scene);
        }
    }

    private void Come(Address account, decimal net, decimal delegated, Hash32 transaction, BlockScene scene)
    {
        if (account.IsZero || net is 0 && delegated == 0)
            return;
        var isKnown = arrivals.TryGet(account, out var came) && scene.Time - came.Last <= settings.Window;
        // What went out matters only where something came before; later it only makes room for others.
        if (net < 0 && !isKnown)
        {
            if (came is { Net: > 0 })
                arrivals.Set(account, came with { Net = Math.Max(0, came.Net + net) }, scene);
            return;
        }
        var known = isKnown ? came! : new Accumulation(scene.Time, scene.Time, 0, 0, 0, transaction);
        var after = Math.Max(0, Math.Min(known.Net + net, Amounts.UnitsMax));
        arrivals.Set(account, known with
        {
            Last = net < 0 ? known.Last : scene.Time,
            Net = after,
            Peak = Math.Max(known.Peak, after),
            Delegated = Sum(known.Delegated, delegated),
            LastIn = net < 0 ? known.LastIn : transaction,
        }, scene);
        if (net >= 0)
            deeds.Came(Math.Max(net, delegated), account);
    }

    private void Judge(string id, ProposalNote note, Deeds end, in Transaction transaction, BlockScene scene)
    {
        var isExecuted = end.Executed.Contains(id);
        var took = scene.Time - note.Time;
        var early = isExecuted ? Early(took, note, scene) : null;
        if (isExecuted && early is null)
            Learn(took, scene);
        var view = View(id, note, scene) with
        {
            IsNews = note.IsNewProposer && note.Transaction == transaction.Hash,
            EarlyThan = early,
            Took = took,
            Hidden = isExecuted && !note.Reading.SaysWhoRules && end.Effects.Count > 0 ? end.Effects[0] : null,
        };
        if (ProposalVerdict.Of(
            view, settings.Card.Name, scene.Block, transaction.Hash, transaction.From, scene) is { } hit)
            scene.Report(settings.Card.Threat, hit);
    }

    private ProposalView View(string id, ProposalNote note, BlockScene scene) =>
        new(id, note, governor, settings.LargeVotes)
        {
            Cut = delays.Notes.Select(cut => (cut.Key, Note: cut.Value))
                .Where(cut => cut.Note.CutTo <= 0.5m && scene.Time - cut.Note.At <= TimeSpan.FromDays(1))
                .Select(cut => (cut.Key, cut.Note.CutTo)).FirstOrDefault(),
        };

    // Who rules changed in a transaction that also brought votes enough to decide, and no proposal was named in it.
    private void JudgeSeizure(Deeds end, in Transaction transaction, BlockScene scene)
    {
        if (settings.LargeVotes is not { } large || end.LargestIn < large || end.Effects.All(one => one.At != governor))
            return;
        scene.Report(settings.Card.Threat, ProposalVerdict.Seizure(
            end, large, settings.Card.Name, governor, transaction, scene));
    }

    private TimeSpan? Early(TimeSpan took, ProposalNote note, BlockScene scene)
    {
        var limit = settings.MinimumDelay
            ?? (pace.TryGet(out var seen) && seen.Executions >= ExecutionsToLearn
                ? seen.Shortest / 2
                : EarlyUntilLearnt);
        return note.Block == scene.Block.Number || took < limit ? limit : null;
    }

    private void Learn(TimeSpan took, BlockScene scene)
    {
        var known = pace.TryGet(out var seen) ? seen : new PaceNote(0, took);
        pace.Set(new PaceNote(
            Math.Min(known.Executions + 1, 1_000), took < known.Shortest ? took : known.Shortest), scene);
    }

    private static decimal Sum(decimal left, decimal right) => Math.Min(left + right, Amounts.UnitsMax);
}
