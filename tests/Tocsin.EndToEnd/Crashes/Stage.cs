namespace Tocsin.EndToEnd.Crashes;

/// <summary>The points of the story at which a process is killed, in their order.</summary>
public enum Stage
{
    AttackMined,
    BlockBeingRead,
    Opened,
    AlertOnItsWay,
    AlertButNotAnswered,
    Acknowledged,
    Proposed,
    FirstApproval,
    DecisionTaken,
    SignatureAskedFor,
    SignatureGiven,
    Signed,
    SentButNotAnswered,
    IncludedButNotRead,
    Included,
    Paused,
    Contained,
    Assessed,
    Resolved,
}

public enum Victim
{
    Server,
    Signer,
    Both,
}
