using Tocsin.Chains;
using Tocsin.Findings;

namespace Tocsin.Evm.Inputs;

/// <summary>
/// What reached us from beside the chain's blocks. It bears the instant at which it arrived here, which is recorded
/// with it: a replay sees the same instants.
/// </summary>
public abstract record Arrival(DateTimeOffset ArrivedAt) : Input
{
    /// <summary>Listening begins, at the start of the process: nobody listened before, so no silence is counted from
    /// before, and what was true of nodes must be told anew.</summary>
    public sealed record Began(DateTimeOffset ArrivedAt) : Arrival(ArrivedAt);

    /// <summary>Nothing but time: something that should have come by now has not.</summary>
    public sealed record Passed(DateTimeOffset ArrivedAt) : Arrival(ArrivedAt);

    /// <summary>
    /// The node announced this head. It may be ahead of what was read, and may be gone again: it shows that the chain
    /// lives, and how far behind we are.
    /// </summary>
    public sealed record HeadSeen(DateTimeOffset ArrivedAt, BlockRef Head) : Arrival(ArrivedAt);

    /// <summary>A price from a feed.</summary>
    /// <param name="Feed">The feed's name in the configuration.</param>
    /// <param name="Asset">The name of the asset that is priced.</param>
    /// <param name="Price">US dollars for one whole unit.</param>
    /// <param name="SourceTime">When the source says the price was made; null where it does not say.</param>
    public sealed record Tick(
        DateTimeOffset ArrivedAt, string Feed, string Asset, decimal Price, DateTimeOffset? SourceTime)
        : Arrival(ArrivedAt);

    /// <summary>A feed could not be read, or gave something that is no price.</summary>
    public sealed record FeedFailed(DateTimeOffset ArrivedAt, string Feed, string Why) : Arrival(ArrivedAt);

    /// <summary>One of the protocol's own keepers or bots said that it is alive.</summary>
    public sealed record Beat(DateTimeOffset ArrivedAt, string Name) : Arrival(ArrivedAt);

    /// <summary>The account of such a keeper sent a transaction: a sign of life of the time of its block, however late
    /// that block was read.</summary>
    /// <param name="Name">The heartbeat's, as with <see cref="Beat"/>.</param>
    public sealed record Acted(DateTimeOffset ArrivedAt, string Name, DateTimeOffset BlockTime) : Arrival(ArrivedAt);

    /// <summary>What became of a look at a front end.</summary>
    /// <param name="FrontEnd">Its name in the configuration.</param>
    /// <param name="Aspect">One of <see cref="FrontEndAspects"/>.</param>
    /// <param name="Value">A fingerprint of what was seen: equal means unchanged. For
    /// <see cref="FrontEndAspects.Reachable"/>: <see cref="FrontEndAspects.No"/> where it could not be reached.</param>
    /// <param name="Words">The same for people.</param>
    public sealed record FrontEndSeen(
        DateTimeOffset ArrivedAt, string FrontEnd, string Aspect, string Value, string Words) : Arrival(ArrivedAt);

    /// <summary>A node began or ceased to have a fault.</summary>
    /// <param name="Node">Its name in the configuration; <see cref="AllNodes"/> for the chain as a whole.</param>
    /// <param name="Present">True where it begins or goes on, false where it is over.</param>
    public sealed record NodeTold(
        DateTimeOffset ArrivedAt, string Node, NodeSymptom Symptom, bool Present, string Words) : Arrival(ArrivedAt);

    /// <summary>A transaction that is in no block yet, and what it would do on the pending state.</summary>
    public sealed record Pending(DateTimeOffset ArrivedAt, PendingTransaction Transaction) : Arrival(ArrivedAt);

    /// <summary>A person reported something. All of it is what a stranger wrote: bounded and without control
    /// characters, line feeds and tabs in the text excepted.</summary>
    /// <param name="Subject">The name of a protected thing; empty where none was chosen.</param>
    /// <param name="Contact">How the person can be reached; never to be shown in an alert.</param>
    /// <param name="Transaction">The one that it is about, as the person says.</param>
    public sealed record Reported(
        DateTimeOffset ArrivedAt, ReportKind What, string Subject, string Text, string? Contact, Hash32? Transaction)
        : Arrival(ArrivedAt);

    /// <summary>An attack on another chain was proven, has grown, or is taken back. Each word on a finding takes the
    /// place of the one before it.</summary>
    /// <param name="Chain">Where it happened.</param>
    /// <param name="Finding">Its identifier there.</param>
    /// <param name="Time">Of its last block so far.</param>
    /// <param name="Accounts">That act in it.</param>
    /// <param name="CodeHashes">Of the contracts that were made for it, as the detection of that chain hashes
    /// code.</param>
    /// <param name="Withdrawn">True where it is not proven any more.</param>
    public sealed record AttackElsewhere(
        DateTimeOffset ArrivedAt, ChainId Chain, FindingId Finding, Threat Threat, DateTimeOffset Time,
        ValueList<Address> Accounts, ValueList<Hash32> CodeHashes, bool Withdrawn)
        : Arrival(ArrivedAt);

    /// <summary>A prepared action of the plan was tried against the chain, without doing it.</summary>
    /// <param name="Action">Its identifier in the plan.</param>
    /// <param name="Ready">False where it could not be done.</param>
    /// <param name="Words">Why it could not; partly what contracts answered.</param>
    public sealed record ActionProbed(DateTimeOffset ArrivedAt, string Action, bool Ready, string Words)
        : Arrival(ArrivedAt);

    /// <summary>A way to people was tried by an alert that says nothing else.</summary>
    /// <param name="Channel">Its name in the configuration.</param>
    /// <param name="IsOfMany">False where it is one person's own.</param>
    /// <param name="Reached">False where nothing proves that it arrived.</param>
    /// <param name="Words">Why it did not; partly what its receiver answered. Of what is reached, why it needs no more
    /// proof.</param>
    public sealed record ChannelTried(
        DateTimeOffset ArrivedAt, string Channel, bool IsOfMany, bool Reached, string Words)
        : Arrival(ArrivedAt);

    /// <summary>The silences that keep alerts back now; each word takes the place of the one before.</summary>
    public sealed record SilencesHeld(DateTimeOffset ArrivedAt, ValueList<HeldSilence> Silences) : Arrival(ArrivedAt);

    /// <summary>The operations of ours that are announced now; each word takes the place of the one before.</summary>
    public sealed record OperationsAnnounced(DateTimeOffset ArrivedAt, ValueList<ExpectedOperation> Operations)
        : Arrival(ArrivedAt);

    /// <summary>The name under which a fault of all nodes together is told.</summary>
    public const string AllNodes = "*";
}

/// <summary>A silence that people asked for, and that holds.</summary>
/// <param name="CoversPages">True where not even severity 1 is told.</param>
/// <param name="Words">What it covers, until when, by whom and why.</param>
public sealed record HeldSilence(int Number, bool CoversPages, string Words);

/// <summary>A call of ours that was announced while the server ran.</summary>
/// <param name="Words">Its name, and who announced it why.</param>
/// <param name="From">When it may be earliest, by the time of its block.</param>
/// <param name="To">When it may be latest.</param>
/// <param name="Account">That sends it.</param>
/// <param name="Target">What it calls itself, not through another contract.</param>
/// <param name="Calldata">Keccak-256 of all of its data; one of these.</param>
public sealed record ExpectedOperation(
    string Words, DateTimeOffset From, DateTimeOffset To, Address Account, Address Target, ValueList<Hash32> Calldata);

/// <summary>What is looked at of a front end.</summary>
public static class FrontEndAspects
{
    /// <summary>What the page says.</summary>
    public const string Content = "content";

    /// <summary>The public key of its certificate.</summary>
    public const string Certificate = "certificate";

    /// <summary>The addresses that its name leads to.</summary>
    public const string Addresses = "addresses";

    /// <summary>Whether it could be reached.</summary>
    public const string Reachable = "reachable";

    /// <summary>The value of <see cref="Reachable"/> where it could not.</summary>
    public const string No = "no";
}

/// <summary>What a person can report.</summary>
public enum ReportKind
{
    FundsMissing,
    WrongPrice,
    CannotWithdraw,

    /// <summary>A page or a message that pretends to be ours.</summary>
    SuspiciousPage,
    Other,
}

/// <summary>What can be wrong with a node.</summary>
public enum NodeSymptom
{
    /// <summary>Gives no usable answers.</summary>
    Failing,

    /// <summary>Is behind the other nodes.</summary>
    Lagging,

    /// <summary>Asks us to slow down, more than now and then.</summary>
    Throttling,

    /// <summary>Says something else about the same block than another node, or contradicts itself.</summary>
    Disagreeing,

    /// <summary>Took back a block that was final.</summary>
    BrokeFinality,

    /// <summary>Too few nodes agree on a block for anything automatic to follow.</summary>
    Unconfirmed,
}
