using Tocsin.Autonomy;
using Tocsin.Chains;
using Tocsin.Communications;
using Tocsin.Decisions;
using Tocsin.Findings;

namespace Tocsin.Incidents;

/// <summary>Names an incident for people and links: <c>INC-7</c>.</summary>
public readonly record struct IncidentId(int Number)
{
    public override string ToString() => $"INC-{Number}";

    public static bool TryParse(string? text, out IncidentId id)
    {
        id = default;
        if (text is null || !text.StartsWith("INC-", StringComparison.Ordinal)
            || !int.TryParse(text.AsSpan(4), out var number) || number < 1)
            return false;
        var read = new IncidentId(number);
        if (read.ToString() != text)
            return false;
        id = read;
        return true;
    }
}

/// <summary>One file of a plan as it was when it came into force.</summary>
public sealed record PlanFile(string Name, string Text);

/// <summary>Everything that can stand in the log. Unknown cases are an error, never skipped.</summary>
public abstract record LogEvent
{
    private protected LogEvent()
    {
    }
}

/// <summary>
/// A version of the plan came into force; its whole text is kept, so that an incident stays judged by it.
/// </summary>
public sealed record PlanAdopted(Hash32 Plan, ValueList<PlanFile> Files) : LogEvent;

/// <summary>A finding was accepted; it belongs to the incident, or to none yet.</summary>
/// <param name="ArrivedAt">When the block that gave it reached us.</param>
public sealed record FindingRecorded(Finding Finding, DateTimeOffset ArrivedAt, IncidentId? Incident) : LogEvent;

/// <summary>What happens in an incident, in the words of the people who handle it.</summary>
public abstract record IncidentEvent(IncidentId Incident) : LogEvent
{
    /// <summary>Opened by the finding recorded just before.</summary>
    public sealed record Opened(
        IncidentId Incident,
        FindingId Finding,
        Hash32 Plan,
        string Issue,
        string Procedure,
        Severity Severity,
        bool Exercise)
        : IncidentEvent(Incident);

    /// <summary>
    /// Other nodes were asked whether they know the block on which the incident stands. Until they agree, nothing
    /// automatic follows; people may still ask for it.
    /// </summary>
    /// <param name="Words">Which node says what.</param>
    public sealed record EvidenceChecked(IncidentId Incident, BlockRef Block, bool Agreed, string Words)
        : IncidentEvent(Incident);

    public sealed record SeverityChanged(IncidentId Incident, Severity Severity, string Reason)
        : IncidentEvent(Incident);

    public sealed record Acknowledged(IncidentId Incident, string Person, string Way) : IncidentEvent(Incident);

    /// <summary>The receiver of a channel has the alert.</summary>
    /// <param name="LatencyMs">From the event that caused it to the receiver's answer.</param>
    /// <param name="Update">The update that it was; null where it was none.</param>
    /// <param name="Receipt">By which the receiver knows it; null where it did not say.</param>
    public sealed record AlertDelivered(
        IncidentId Incident,
        string Key,
        string Channel,
        AlertReason Reason,
        int Attempts,
        long LatencyMs,
        UpdateName? Update = null,
        string? Receipt = null)
        : IncidentEvent(Incident);

    /// <summary>The receiver of a channel took the alert over, and has yet to bring it to the person.</summary>
    /// <param name="Receipt">By which its later word on it is known.</param>
    public sealed record AlertAccepted(
        IncidentId Incident, string Key, string Channel, AlertReason Reason, int Attempts, string Receipt)
        : IncidentEvent(Incident);

    /// <summary>The receiver of a channel does not have the alert yet, and it is later than the incident can wait:
    /// the next way is taken as well. It is tried again here.</summary>
    public sealed record AlertDelayed(
        IncidentId Incident, string Key, string Channel, AlertReason Reason, string Why, DateTimeOffset Next)
        : IncidentEvent(Incident);

    /// <summary>The receiver of a channel will never have the alert.</summary>
    /// <param name="Update">The update that it was; null where it was none.</param>
    public sealed record AlertFailed(
        IncidentId Incident, string Key, string Channel, AlertReason Reason, string Why, UpdateName? Update = null)
        : IncidentEvent(Incident);

    /// <summary>Approvals are asked for.</summary>
    /// <param name="Rule">The decision's name in the plan.</param>
    /// <param name="Scopes">What each call pauses, in the order of the calls.</param>
    /// <param name="ByItself">Null where people are asked; else the approvals were given ahead, and follow.</param>
    public sealed record DecisionProposed(
        IncidentId Incident,
        string Rule,
        EmergencyDecision Decision,
        ValueList<string> Scopes,
        TakenByItself? ByItself = null)
        : IncidentEvent(Incident);

    /// <summary>The system went less far by itself than the plan's stage for the action says, or only looked
    /// on.</summary>
    public sealed record ActionHeldBack(IncidentId Incident, string Action, Stage Stage, string Reason)
        : IncidentEvent(Incident);

    /// <param name="Ahead">True where it was given ahead of the incident; null where it was given in it.</param>
    public sealed record ApprovalAccepted(IncidentId Incident, Approval Approval, string Person, bool? Ahead = null)
        : IncidentEvent(Incident);

    /// <param name="Signer">Who signed, as far as a signature could be read.</param>
    public sealed record ApprovalRefused(
        IncidentId Incident, Hash32 Decision, Address? Signer, ApprovalRefusal Refusal, string Detail)
        : IncidentEvent(Incident);

    /// <summary>Every place of the decision is filled.</summary>
    public sealed record DecisionTaken(IncidentId Incident, Hash32 Decision) : IncidentEvent(Incident);

    /// <param name="Succeeded">False where it would fail, or is refused for what it would do.</param>
    /// <param name="Foreseen">What it would do, a line each, for approvers; null where nobody looked.</param>
    /// <param name="Refused">True where it would not fail, but do something else than the plan expects.</param>
    public sealed record CallSimulated(
        IncidentId Incident,
        Hash32 Decision,
        int Call,
        bool Succeeded,
        string Detail,
        ValueList<string>? Foreseen = null,
        bool? Refused = null)
        : IncidentEvent(Incident);

    /// <summary>
    /// The owners of the Safe that makes a call are asked to sign for its present nonce. What they signed for another
    /// counts no more.
    /// </summary>
    /// <param name="Hash">The Safe's transaction hash.</param>
    /// <param name="Threshold">How many must sign, as Safe and plan agree.</param>
    public sealed record OwnersAsked(
        IncidentId Incident,
        Hash32 Decision,
        int Call,
        Address Safe,
        ulong Nonce,
        Hash32 Hash,
        int Threshold,
        ValueList<Address> Owners)
        : IncidentEvent(Incident);

    /// <summary>An owner of the Safe signed.</summary>
    /// <param name="Signature">65 bytes as the Safe reads them, 0x hexadecimal.</param>
    /// <param name="Name">Of a person of the plan; else the address.</param>
    public sealed record OwnerSigned(
        IncidentId Incident, Hash32 Decision, int Call, Address Owner, string Signature, string Name)
        : IncidentEvent(Incident);

    /// <param name="Owner">Who signed, as far as that is known.</param>
    public sealed record OwnerRefused(
        IncidentId Incident, Hash32 Decision, int Call, Address? Owner, OwnerRefusal Refusal)
        : IncidentEvent(Incident);

    /// <param name="Raw">The signed transaction as 0x hexadecimal: sending it again is harmless.</param>
    public sealed record CallSigned(
        IncidentId Incident, Hash32 Decision, int Call, ulong Nonce, Hash32 Transaction, string Raw)
        : IncidentEvent(Incident);

    /// <summary>The signer would not sign, was not asked, or could not be reached for a while.</summary>
    /// <param name="Reason">In words, or <see cref="SigningRefusal.Unreachable"/>.</param>
    /// <param name="By">Null where the signer could not be reached, and in a log of before it was kept.</param>
    public sealed record SigningRefused(
        IncidentId Incident, Hash32 Decision, int Call, string Reason, RefusedBy? By = null)
        : IncidentEvent(Incident);

    /// <summary>
    /// Signed once more with a higher fee, at the same nonce: whichever of its versions enters the chain is the call.
    /// </summary>
    /// <param name="MaxFeePerGasWei">The most that is paid in all, per unit of gas.</param>
    /// <param name="MaxPriorityFeePerGasWei">The most that goes to the block's proposer, per unit of gas.</param>
    public sealed record CallReplaced(
        IncidentId Incident,
        Hash32 Decision,
        int Call,
        ulong Nonce,
        Hash32 Transaction,
        string Raw,
        UInt256 MaxFeePerGasWei,
        UInt256 MaxPriorityFeePerGasWei)
        : IncidentEvent(Incident);

    /// <summary>A node took it, or the private relay.</summary>
    /// <param name="Head">The newest block of its chain that was known then; null where none was.</param>
    /// <param name="IsPrivate">True where the relay alone has it; null where the nodes have it.</param>
    public sealed record CallBroadcast(
        IncidentId Incident,
        Hash32 Decision,
        int Call,
        Hash32 Transaction,
        ulong? Head = null,
        bool? IsPrivate = null)
        : IncidentEvent(Incident);

    /// <summary>Something keeps a signed call from the chain. Each kind is recorded once a call.</summary>
    /// <param name="Detail">What was seen, in words.</param>
    public sealed record SendingHindered(
        IncidentId Incident, Hash32 Decision, int Call, Hindrance Why, string Detail)
        : IncidentEvent(Incident);

    public sealed record CallIncluded(
        IncidentId Incident, Hash32 Decision, int Call, Hash32 Transaction, BlockRef Block, bool Succeeded)
        : IncidentEvent(Incident);

    /// <summary>So deep in the chain that no reorg is expected to take it away; nobody need look again.</summary>
    public sealed record CallSettled(IncidentId Incident, Hash32 Decision, int Call, BlockRef Block)
        : IncidentEvent(Incident);

    /// <summary>A reorg took the block away; the same bytes are sent again.</summary>
    public sealed record CallOrphaned(IncidentId Incident, Hash32 Decision, int Call, BlockRef Block)
        : IncidentEvent(Incident);

    /// <summary>Read back from the chain: the scope is paused.</summary>
    public sealed record ScopePaused(
        IncidentId Incident, Hash32 Decision, int Call, string Scope, DateTimeOffset Until, BlockRef Block)
        : IncidentEvent(Incident);

    /// <summary>Read back from the chain: the scope is open, although the call that pauses it was included.</summary>
    /// <param name="By">Who ended it early; null where that is not known, or nobody did.</param>
    public sealed record PauseEnded(
        IncidentId Incident, Hash32 Decision, int Call, PauseEnd Why, BlockRef Block, LiftedBy? By = null)
        : IncidentEvent(Incident);

    /// <summary>People were told how much of the pause's time is left, and when it ends by itself.</summary>
    public sealed record PauseNearsEnd(IncidentId Incident, PauseWarning Warning) : IncidentEvent(Incident);

    /// <summary>A person wants the decision prepared, below the severity at which that happens by itself.</summary>
    public sealed record DecisionRequested(IncidentId Incident, string Person) : IncidentEvent(Incident);

    /// <summary>Value left a paused contract by a way that no open exit explains.</summary>
    public sealed record OutflowSeen(
        IncidentId Incident, BlockRef Block, Hash32 Transaction, string Contract, string Asset, decimal Usd)
        : IncidentEvent(Incident);

    /// <summary>Every planned scope is paused and nothing unexplained left for this many blocks.</summary>
    public sealed record Contained(IncidentId Incident, BlockRef Block, int QuietBlocks) : IncidentEvent(Incident);

    public sealed record ImpactAssessed(IncidentId Incident, Impact Impact) : IncidentEvent(Incident);

    public sealed record StepDone(IncidentId Incident, string Step, string Person, string Result)
        : IncidentEvent(Incident);

    /// <summary>The server is to send the hook of an action.</summary>
    /// <param name="Person">Null where the plan has it sent at once, when the decision is taken.</param>
    public sealed record HookAsked(IncidentId Incident, string Action, string? Person = null)
        : IncidentEvent(Incident);

    /// <summary>The hook answered as the plan expects.</summary>
    public sealed record HookSent(IncidentId Incident, string Action, int Status) : IncidentEvent(Incident);

    /// <summary>An attempt is not known to have done it; the request may have been taken all the same.</summary>
    /// <param name="Attempt">From 1, of this asking.</param>
    /// <param name="Reason">In words, without anything that is secret.</param>
    public sealed record HookFailed(IncidentId Incident, string Action, int Attempt, string Reason)
        : IncidentEvent(Incident);

    public sealed record NoteAdded(IncidentId Incident, string Person, string Text) : IncidentEvent(Incident);

    /// <summary>
    /// A person was revoked while this was open: an approval of theirs counts no more, unless the decision was taken.
    /// </summary>
    public sealed record PersonStruck(
        IncidentId Incident, string Person, string Name, ValueList<Address> Wallets, string By, string Reason)
        : IncidentEvent(Incident);

    public sealed record Resolved(IncidentId Incident, string Person, string Summary) : IncidentEvent(Incident);
}

/// <summary>A decision that nobody was asked for on the night.</summary>
/// <param name="Words">By whose approvals and upon which finding.</param>
/// <param name="ActUntil">From this instant on it is not begun any more; null in a log of before it was kept.</param>
public sealed record TakenByItself(string Action, Stage Stage, string Words, DateTimeOffset? ActUntil = null);

/// <summary>Who will not have a call signed, and for how long.</summary>
public enum RefusedBy
{
    /// <summary>
    /// The signer, by its policy or its journal: asked again for the same, it says the same until people change
    /// something.
    /// </summary>
    Policy,

    /// <summary>The signer, for now: its key, its rate, the fee or an owner's signature may allow it later.</summary>
    Signer,

    /// <summary>
    /// The server, which did not ask the signer. It goes by what nodes say at that moment, so it always may pass.
    /// </summary>
    Server,
}

/// <summary>What keeps a signed call from the chain.</summary>
public enum Hindrance
{
    /// <summary>The chain asks for more than the signer's policy pays. It goes on by itself when fees fall.</summary>
    FeeAboveCeiling,

    /// <summary>The signer gives no more replacements of this call.</summary>
    NoMoreReplacements,

    /// <summary>
    /// Its nonce was used on chain by a transaction that is none of ours: the call can never enter the chain.
    /// </summary>
    NonceTaken,

    /// <summary>No node takes it.</summary>
    NotTaken,

    /// <summary>The private relay did not take it; the nodes were given it at once.</summary>
    RelayFailed,

    /// <summary>The private relay took it and it entered no block in its time; the nodes were given it.</summary>
    RelayTooSlow,

    /// <summary>A node says that it is in a block which does not hold it.</summary>
    FalseReceipt,

    /// <summary>
    /// The Safe made another transaction after the owners had signed: it will revert, and its owners sign anew.
    /// </summary>
    SafeMovedOn,

    /// <summary>The Safe took it, but what it called failed.</summary>
    SafeCallFailed,
}

/// <summary>Why a scope is not paused any more.</summary>
public enum PauseEnd
{
    /// <summary>Its time was over.</summary>
    Expired,

    /// <summary>Whoever may lift pauses did so.</summary>
    Lifted,

    /// <summary>The call is on the chain, but was not what paused it, or no longer is.</summary>
    NeverHeld,
}

/// <summary>The transaction by which a pause was ended early.</summary>
/// <param name="Sender">Who sent it: of several who had to agree, the last.</param>
public sealed record LiftedBy(Hash32 Transaction, Address Sender, BlockRef Block);

/// <summary>What an attack cost, from the chain.</summary>
/// <param name="TakenUsd">
/// Net value that left the protected contracts in the attack's transactions, at prices before it.
/// </param>
/// <param name="SavedUsd">Value of the same assets still in the contracts that lost, at the block of the pause.</param>
/// <param name="UsersAffected">Accounts with a position in the contracts that lost, the attacker's left out.</param>
/// <param name="AttemptsStopped">Transactions of the attacker that reverted after the pause.</param>
/// <param name="Basis">How the figures were found, in words.</param>
/// <param name="Calls">The calls by which the attack was made; null in a log of before they were kept.</param>
public sealed record Impact(
    decimal TakenUsd,
    decimal SavedUsd,
    int UsersAffected,
    int AttemptsStopped,
    BlockRef AsOf,
    string Basis,
    ValueList<AttackCall>? Calls = null);

/// <summary>What the sender of an attack's transaction called.</summary>
/// <param name="To">Null where the transaction created a contract.</param>
/// <param name="Selector">The function as 0x and eight digits; empty where the input names none.</param>
public sealed record AttackCall(Hash32 Transaction, Address From, Address? To, string Selector);
