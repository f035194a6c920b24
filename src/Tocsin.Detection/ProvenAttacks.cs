using Tocsin.Chains;
using Tocsin.Detection.Detectors;
using Tocsin.Evm.Inputs;
using Tocsin.Findings;

namespace Tocsin.Detection;

/// <summary>An attack of which people were woken, as far as it tells something of other places.</summary>
/// <param name="Time">Of its last block so far.</param>
/// <param name="Accounts">That sent its transactions, and contracts that were seen made by few.</param>
/// <param name="Codes">The code of such contracts, as <see cref="CodeHash"/>.</param>
/// <param name="Assets">Of the watch, whose worth it makes doubtful.</param>
public sealed record ProvenAttack(
    FindingId Finding,
    ChainId Chain,
    Threat Threat,
    DateTimeOffset Time,
    ValueList<Address> Accounts,
    ValueList<Hash32> Codes,
    ValueList<string> Assets)
{
    /// <summary>For people on that chain.</summary>
    internal string Where(ChainId chain) => Chain == chain ? "of the last day" : $"on chain {Chain}";
}

/// <param name="Elsewhere">As other chains told it; no rollback of this chain takes it back.</param>
public sealed record ProvenAttacksState(
    NotebookState<FindingId, ProvenAttack> Here,
    ValueList<ProvenAttack> Elsewhere,
    CodeBookState Code,
    NotebookState<string, ValueList<string>> Ties);

/// <summary>The proven attacks of the last day, here and on other chains, and what it takes to recognise the same
/// hands, code and assets elsewhere.</summary>
internal sealed class ProvenAttacks(WatchIndex index)
{
    /// <summary>So long an attack casts suspicion on what it shares something with.</summary>
    public static readonly TimeSpan Window = TimeSpan.FromHours(24);

    // Chains do not keep the same time, and a block that is caught up with may be older than what others told.
    private static readonly TimeSpan DisorderMax = TimeSpan.FromHours(1);

    private const int HereMax = 64;
    private const int ElsewhereMax = 256;
    private const int AccountsMax = 64;
    private const int CodesMax = 16;

    private readonly Notebook<FindingId, ProvenAttack> here = new(HereMax);
    private readonly List<ProvenAttack> elsewhere = [];

    public CodeBook Code { get; } = new();

    public AssetTies Ties { get; } = new(index.Watch);

    /// <summary>Of this chain, in the order in which they were last noted.</summary>
    public IEnumerable<ProvenAttack> Here => here.Notes.Select(note => note.Value);

    public IReadOnlyList<ProvenAttack> Elsewhere => elsewhere;

    /// <summary>Those that cast suspicion at that time, of this chain first.</summary>
    public IEnumerable<ProvenAttack> At(DateTimeOffset time) =>
        Here.Concat(elsewhere).Where(attack => time - attack.Time <= Window && attack.Time - time <= DisorderMax);

    /// <summary>The attack in which a contract of the same code acts; null where there is none, or where it acts in it
    /// itself.</summary>
    public ProvenAttack? WithCodeOf(Address contract, DateTimeOffset time)
    {
        // Asked of every transaction: where nothing is known of a contract, nothing is made of the question.
        if (Code.Of(contract) is not { } code)
            return null;
        foreach (var attack in At(time))
            if (attack.Codes.Contains(code) && !attack.Accounts.Contains(contract))
                return attack;
        return null;
    }

    /// <summary>Null where it is not proven, or so long ago that it was forgotten.</summary>
    public ProvenAttack? Of(FindingId finding) => here.TryGet(finding, out var attack) ? attack : null;

    /// <summary>Notes a finding that has just grown, if it is proven.</summary>
    public void Take(OpenFinding finding)
    {
        var (severity, confidence) = finding.Worst;
        if (!Culprit.IsProven(finding.Threat, severity, confidence, index.Watch.Thresholds.AlertConfidence))
            return;
        var known = Of(finding.Id);
        var attack = known
            ?? new ProvenAttack(finding.Id, index.Watch.Chain, finding.Threat, finding.Last.Time, [], [], []);
        // What was known holds all hits but the last.
        for (var i = known is null ? 0 : finding.Hits.Count - 1; i < finding.Hits.Count; i++)
            attack = With(attack, finding.Hits[i]);
        if (attack != known && attack.Accounts.Count + attack.Codes.Count + attack.Assets.Count > 0)
            here.Set(finding.Id, attack, finding.Last.Block);
    }

    /// <summary>Takes what another chain tells: each word replaces the one before it.</summary>
    public void Take(Arrival.AttackElsewhere told)
    {
        if (told.Chain == index.Watch.Chain)
            return;
        elsewhere.RemoveAll(attack => attack.Finding == told.Finding);
        if (told.Withdrawn)
            return;
        if (elsewhere.Count == ElsewhereMax)
            elsewhere.RemoveAt(0);
        elsewhere.Add(new ProvenAttack(
            told.Finding, told.Chain, told.Threat, told.Time,
            told.Accounts.Where(account => !account.IsZero).Take(AccountsMax).ToValueList(),
            told.CodeHashes.Take(CodesMax).ToValueList(), []));
    }

    public void Rollback(BlockRef ancestor)
    {
        here.Rollback(ancestor);
        Code.Rollback(ancestor);
        Ties.Rollback(ancestor);
    }

    public ProvenAttacksState Snapshot() =>
        new(here.Snapshot(), elsewhere.ToValueList(), Code.Snapshot(), Ties.Snapshot());

    public void Restore(ProvenAttacksState state)
    {
        here.Restore(state.Here);
        elsewhere.AddRange(state.Elsewhere);
        Code.Restore(state.Code);
        Ties.Restore(state.Ties);
    }

    private ProvenAttack With(ProvenAttack attack, Hit hit)
    {
        // A change of powers may be our own administrator's: he is nobody's attacker for a day.
        var hasHands = attack.Threat.IsAttack() && attack.Threat != Threat.PrivilegeChange;
        return attack with
        {
            Time = hit.Time,
            Accounts = hasHands ? Joined(attack.Accounts, AccountsOf(hit), AccountsMax) : [],
            Codes = hasHands ? Joined(attack.Codes, CodesOf(hit), CodesMax) : [],
            Assets = MakesDoubtful(attack.Threat) ? attack.Assets.Union(AssetsOf(hit)).ToValueList() : [],
        };
    }

    private static ValueList<T> Joined<T>(ValueList<T> known, IEnumerable<T> more, int most) =>
        known.Count == most ? known : known.Union(more).Take(most).ToValueList();

    // Who sent is known; a contract that was called may be anybody's, unless it was seen made.
    private IEnumerable<Address> AccountsOf(Hit hit) => hit.Addresses.Where(account => !account.IsZero
        && (hit.Indicators.Any(indicator => indicator.Origin == account)
            || (Code.Of(account) is { } code && Code.IsOwn(code))));

    private IEnumerable<Hash32> CodesOf(Hit hit) =>
        hit.Addresses.Select(Code.Of).OfType<Hash32>().Where(Code.IsOwn);

    private static bool MakesDoubtful(Threat threat) => threat is Threat.UnbackedMint or Threat.OracleManipulation
        or Threat.OracleFailure or Threat.LiquidityDrop or Threat.IssuerControl;

    private IEnumerable<string> AssetsOf(Hit hit) =>
        hit.Indicators.Select(indicator => indicator.Subject).Prepend(hit.Subject)
            .Select(AssetNamed).OfType<string>();

    private string? AssetNamed(string subject) =>
        index.Watch.FindAsset(subject)?.Name ?? index.Watch.FindPool(subject)?.Base;
}
