using Tocsin.Chains;
using Tocsin.Decisions;

namespace Tocsin.Incidents;

/// <summary>
/// How far an emergency decision is: proposed, approved, taken, and each of its calls on the way to the chain.
/// </summary>
/// <param name="Rule">The decision's name in the plan.</param>
public sealed record DecisionProgress(
    string Rule,
    EmergencyDecision Decision,
    DateTimeOffset ProposedAt,
    ValueList<Approval> Approvals,
    ValueList<RefusedApproval> Refused,
    DateTimeOffset? TakenAt,
    ValueList<CallProgress> Calls)
{
    /// <summary>Approvals that were given, and count no more because their wallet was revoked.</summary>
    public ValueList<Approval> Withdrawn { get; init; } = [];

    /// <summary>When people began something else, before anything came of it.</summary>
    public DateTimeOffset? SetAsideAt { get; init; }

    /// <summary>Why it needed nobody's approval on the night; null where people were asked.</summary>
    public TakenByItself? ByItself { get; init; }

    /// <summary>True where the signer refused a call of what was taken by itself, and will go on refusing it.</summary>
    public bool IsRefusedForGood { get; init; }

    /// <summary>
    /// From this instant on nothing of it is begun any more. Approvals that were given ahead count for much longer than
    /// what was seen on the night, so what was taken by itself ends sooner than they do.
    /// </summary>
    public DateTimeOffset ActUntil =>
        ((DateTimeOffset?[])[ByItself?.ActUntil, Decision.ExpiresAt]).Min()!.Value;

    /// <summary>
    /// True where nothing of it is begun any more: its time is over, or the signer refuses for good what was taken by
    /// itself, since people cannot approve the action for as long as that goes on. What the signer said stays said when
    /// the clock is set back.
    /// </summary>
    public bool HasEnded(DateTimeOffset now) => IsRefusedForGood || now >= ActUntil;

    /// <summary>True where it was taken by itself and its own time is over: nobody's approvals carry it on.</summary>
    public bool IsSpent(DateTimeOffset now) => ByItself is not null && HasEnded(now);

    public ValueList<Address> Approvers => Approvals.Select(approval => approval.Signer).ToValueList();

    public static DecisionProgress Begin(IncidentEvent.DecisionProposed proposed, DateTimeOffset at) => new(
        proposed.Rule, proposed.Decision, at, [], [], null,
        proposed.Scopes.Select(scope => new CallProgress(scope)).ToValueList())
    {
        ByItself = proposed.ByItself,
    };

    /// <exception cref="InvalidOperationException">The event is of a kind that this version does not know.</exception>
    public DecisionProgress Apply(IncidentEvent happened, DateTimeOffset at) => happened switch
    {
        IncidentEvent.ApprovalAccepted accepted => this with { Approvals = Approvals.Add(accepted.Approval) },
        IncidentEvent.ApprovalRefused refused => this with
        {
            Refused = Refused.Add(new(refused.Signer, refused.Refusal, refused.Detail, at)),
        },
        IncidentEvent.DecisionTaken => this with { TakenAt = at },
        IncidentEvent.CallSimulated simulated => WithCall(simulated.Call, call => call with
        {
            Simulation = new(simulated.Succeeded, simulated.Detail, at)
            {
                Foreseen = simulated.Foreseen ?? [],
                IsRefused = simulated.Refused ?? false,
            },
        }),
        IncidentEvent.OwnersAsked or IncidentEvent.OwnerSigned or IncidentEvent.OwnerRefused =>
            ApplyOfOwners(happened, at),
        IncidentEvent.CallSigned signed => WithCall(signed.Call, call => call with
        {
            Signed = new(signed.Nonce, signed.Transaction, signed.Raw, at),
            Refusal = null,
        }),
        IncidentEvent.SigningRefused refused => ApplyRefusal(refused, at),
        IncidentEvent.CallReplaced replaced => WithCall(replaced.Call, call => call with
        {
            Signed = new(replaced.Nonce, replaced.Transaction, replaced.Raw, at),
            Replaced = call.Signed is { } former ? call.Replaced.Add(former) : call.Replaced,
            BroadcastAt = null,
            BroadcastHead = null,
        }),
        IncidentEvent.CallBroadcast sent => WithCall(sent.Call, call => call with
        {
            BroadcastAt = at,
            BroadcastHead = sent.Head,
            IsPrivate = sent.IsPrivate ?? false,
        }),
        IncidentEvent.SendingHindered hindered => WithCall(hindered.Call, call => call with
        {
            Hindrances = call.Hindrances.Add(new(hindered.Why, hindered.Detail, at)),
        }),
        IncidentEvent.CallIncluded included => WithCall(included.Call, call => call with
        {
            Included = new(included.Transaction, included.Block, included.Succeeded, at),
        }),
        IncidentEvent.CallSettled settled => WithCall(settled.Call, call => call with { IsSettled = true }),
        IncidentEvent.CallOrphaned orphaned => WithCall(orphaned.Call, call => call with
        {
            BroadcastAt = null,
            BroadcastHead = null,
            Included = null,
            PausedUntil = null,
            Ended = null,
            LiftedBy = null,
            IsSettled = false,
        }),
        IncidentEvent.PauseEnded or IncidentEvent.ScopePaused => ApplyOfPauses(happened),
        _ => throw new InvalidOperationException($"a decision cannot take {happened.GetType().Name}"),
    };

    private DecisionProgress ApplyRefusal(IncidentEvent.SigningRefused refused, DateTimeOffset at)
    {
        var isForGood = IsRefusedForGood
            || (ByItself is not null && refused.By == RefusedBy.Policy && at < ActUntil);
        return WithCall(refused.Call, call => call with
        {
            Refusal = new(refused.Reason, at) { By = refused.By, IsAfterEnd = isForGood || at >= ActUntil },
        }) with
        { IsRefusedForGood = isForGood };
    }

    private DecisionProgress ApplyOfPauses(IncidentEvent happened) => happened switch
    {
        IncidentEvent.PauseEnded ended => WithCall(ended.Call, call => call with
        {
            PausedUntil = null,
            Ended = ended.Why,
            LiftedBy = ended.By,
        }),
        IncidentEvent.ScopePaused paused => WithCall(paused.Call, call => call with
        {
            PausedUntil = paused.Until,
            PausedAt = paused.Block,
            Ended = null,
            LiftedBy = null,
        }),
        _ => throw new InvalidOperationException($"{happened.GetType().Name} is of no pause"),
    };

    /// <summary>True while it waits for approvals and nothing else has come of it.</summary>
    public bool IsOnlyProposed => TakenAt is null && Calls.All(call => call.Signed is null);

    /// <summary>
    /// When the last of its calls entered the chain; null where a scope is not paused, unless it was and those who may
    /// lifted it.
    /// </summary>
    public DateTimeOffset? PausedAt =>
        Calls.Any(call => call.IsPause)
        && Calls.All(call => !call.IsPause || call.PausedUntil is not null || call.Ended is PauseEnd.Lifted)
            ? Calls.Where(call => call.IsPause).Max(call => call.Included?.At)
            : null;

    /// <summary>
    /// True where a call could have been signed for <see cref="SigningRefusal.TellAfter"/> and nothing is known of why
    /// it is not.
    /// </summary>
    /// <param name="index">The call, from 0.</param>
    public bool WaitsTooLongForTheSigner(int index, DateTimeOffset now) =>
        TakenAt is { } taken
        && Calls[index] is { Signed: null, Refusal: null, Simulation: { Succeeded: true, At: var simulated } }
        // What lies in the future was recorded before the clock was set back: how long it waits is not known then.
        && (now - new[] { simulated, taken, Calls[index].Consent?.EnoughAt ?? taken }.Max()).Duration()
            >= SigningRefusal.TellAfter;

    /// <summary>Why the first call that is known not to be signed is not; null where none is known.</summary>
    public SigningRefusal? NotSigned =>
        Calls.Select(call => call.Refusal).FirstOrDefault(refusal => refusal is not null);

    /// <summary>What people must know of the first call that cannot go on without them or without lower fees.</summary>
    public Hindered? Hindered => Calls
        .Where(call => call.Included is null)
        .SelectMany(call => call.Hindrances)
        .FirstOrDefault(hindered => hindered.IsTold);

    /// <summary>What was decided stays decided; before that, the approvals of these wallets are withdrawn.</summary>
    public DecisionProgress Without(ValueList<Address> wallets) => WithoutOwners(wallets) is var without
        && TakenAt is not null ? without : without with
        {
            Approvals = Approvals.Where(approval => !wallets.Contains(approval.Signer)).ToValueList(),
            Withdrawn = [.. Withdrawn, .. Approvals.Where(approval => wallets.Contains(approval.Signer))],
        };

    // Owners sign after the decision is taken too: until the call is signed, theirs can be taken out.
    private DecisionProgress WithoutOwners(ValueList<Address> wallets) => this with
    {
        Calls = Calls.Select(call => call is not { Signed: null, Consent: { } consent } ? call : call with
        {
            Consent = consent with
            {
                Given = consent.Given.Where(given => !wallets.Contains(given.Owner)).ToValueList(),
            },
        }).ToValueList(),
    };

    private DecisionProgress ApplyOfOwners(IncidentEvent happened, DateTimeOffset at) => happened switch
    {
        IncidentEvent.OwnersAsked asked => WithCall(asked.Call, call => call with
        {
            Consent = new SafeConsent(
                asked.Safe, asked.Nonce, asked.Hash, asked.Threshold, asked.Owners, at, call.Consent?.Nonce)
            {
                Refused = call.Consent?.Refused ?? [],
            },
        }),
        IncidentEvent.OwnerSigned signed => WithConsent(signed.Call, consent => consent with
        {
            Given = consent.Given.Add(new(signed.Owner, signed.Signature, at)),
        }),
        IncidentEvent.OwnerRefused refused => WithConsent(refused.Call, consent => consent with
        {
            Refused = consent.Refused.Add(new(refused.Owner, refused.Refusal, at)),
        }),
        _ => this,
    };

    private DecisionProgress WithConsent(int index, Func<SafeConsent, SafeConsent> change) => WithCall(
        index, call => call.Consent is { } consent ? call with { Consent = change(consent) } : call);

    private DecisionProgress WithCall(int index, Func<CallProgress, CallProgress> change)
    {
        var calls = Calls.ToArray();
        calls[index] = change(calls[index]);
        return this with { Calls = new ValueList<CallProgress>(calls) };
    }
}

/// <summary>One call of a decision. Each part is null until it has happened.</summary>
/// <param name="Signed">The version with the highest fee.</param>
/// <param name="BroadcastHead">The newest block known when that version was sent.</param>
/// <param name="IsPrivate">True where only the private relay was given it.</param>
public sealed record CallProgress(
    string Scope,
    Simulation? Simulation = null,
    SignedCall? Signed = null,
    SigningRefusal? Refusal = null,
    DateTimeOffset? BroadcastAt = null,
    Inclusion? Included = null,
    DateTimeOffset? PausedUntil = null,
    BlockRef? PausedAt = null,
    PauseEnd? Ended = null,
    bool IsSettled = false,
    ulong? BroadcastHead = null,
    bool IsPrivate = false,
    LiftedBy? LiftedBy = null)
{
    /// <summary>True where views prove it; another call only has to enter the chain.</summary>
    public bool IsPause => Scope.Length > 0;

    /// <summary>What it pauses, or that it pauses nothing.</summary>
    public string InWords => Name(Scope);

    public static string Name(string scope) => scope.Length > 0 ? scope : "another call";

    /// <summary>The versions before, oldest first: any of them may be the one that enters the chain.</summary>
    public ValueList<SignedCall> Replaced { get; init; } = [];

    /// <summary>What the owners of its Safe are asked to sign; null where none were asked.</summary>
    public SafeConsent? Consent { get; init; }

    /// <summary>What keeps it, or kept it, from the chain.</summary>
    public ValueList<Hindered> Hindrances { get; init; } = [];

    /// <summary>Every transaction that may be this call on the chain, newest first.</summary>
    public IEnumerable<SignedCall> Versions => Signed is { } signed ? Replaced.Append(signed).Reverse() : [];

    /// <summary>Its nonce went to a transaction that is none of ours, and it has not turned up all the same.</summary>
    public bool IsDead => Included is null && Has(Hindrance.NonceTaken);

    public bool Has(Hindrance why) => Hindrances.Any(hindered => hindered.Why == why);

    /// <summary>
    /// On the chain and without effect: it reverted, or its pause ran out or never was. A pause that was lifted is the
    /// decision of those who may lift it, and no failure.
    /// </summary>
    public bool HasFailed =>
        Included is { Succeeded: false } || Ended is PauseEnd.Expired or PauseEnd.NeverHeld;
}

public sealed record Simulation(bool Succeeded, string Detail, DateTimeOffset At)
{
    /// <summary>What it would do, a line each, for approvers.</summary>
    public ValueList<string> Foreseen { get; init; } = [];

    /// <summary>It would not fail, but do something else than the plan expects, so it is not signed.</summary>
    public bool IsRefused { get; init; }

    /// <summary>Why it is not signed; for one that would succeed, its detail alone.</summary>
    public string InWords => this switch
    {
        { Succeeded: true } => Detail,
        { IsRefused: true } => $"refused: {Detail}",
        _ => $"would fail: {Detail}",
    };
}

public sealed record SignedCall(ulong Nonce, Hash32 Transaction, string Raw, DateTimeOffset At);

/// <summary>What keeps a signed call from the chain, and since when that is known.</summary>
public sealed record Hindered(Hindrance Why, string Detail, DateTimeOffset At)
{
    /// <summary>True where people are woken for it: what passes by itself is in the record alone.</summary>
    public bool IsTold => IsToldOf(Why);

    /// <inheritdoc cref="IsTold"/>
    public static bool IsToldOf(Hindrance why) =>
        why is Hindrance.FeeAboveCeiling or Hindrance.NonceTaken or Hindrance.NoMoreReplacements
            or Hindrance.SafeMovedOn;
}

/// <summary>Why a call is not signed.</summary>
/// <param name="Reason">In words, or <see cref="Unreachable"/> where the signer has not spoken.</param>
public sealed record SigningRefusal(string Reason, DateTimeOffset At)
{
    /// <summary>Null where the signer could not be reached, and in a log of before it was kept.</summary>
    public RefusedBy? By { get; init; }

    /// <summary>True where it was told when nothing of the decision was begun any more, or ended it.</summary>
    public bool IsAfterEnd { get; init; }

    /// <summary>One reason whatever the fault is, so that it is told once; the log has the fault itself.</summary>
    public const string Unreachable = "the signer cannot be reached, or gives no usable answer";

    /// <summary>So long the signer is asked again and again before anyone is told.</summary>
    public static readonly TimeSpan TellAfter = TimeSpan.FromSeconds(15);

    /// <summary>True where the signer was asked and did not speak.</summary>
    public bool IsUnreachable => Reason == Unreachable;

    /// <summary>
    /// True where the signer itself refused, as an old log is read too; else it may have signed all the same.
    /// </summary>
    public bool IsBySigner => !IsUnreachable && By != RefusedBy.Server;
}

public sealed record Inclusion(Hash32 Transaction, BlockRef Block, bool Succeeded, DateTimeOffset At);

public sealed record RefusedApproval(Address? Signer, ApprovalRefusal Refusal, string Detail, DateTimeOffset At);
