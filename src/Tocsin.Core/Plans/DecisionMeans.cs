namespace Tocsin.Plans;

/// <summary>Whether approvals that people gave by voice count for a decision that moves nothing on chain.</summary>
/// <param name="By">How many others must have heard it.</param>
public sealed record AttestedApproval(int By);

/// <summary>One person may act first; others must approve it afterwards, or it is a deviation.</summary>
/// <param name="Roles">Who may act first.</param>
public sealed record RatifyLater(TimeSpan Within, ValueList<string> Roles);

/// <summary>What is prepared for when those who must decide cannot be reached; never a smaller quorum.</summary>
/// <param name="After">From when the decision was asked for.</param>
/// <param name="Then">The decision that others may take instead.</param>
public sealed record UnreachableQuorum(TimeSpan After, string Then);
