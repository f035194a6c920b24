using Tocsin.Findings;

namespace Tocsin.Reports;

/// <summary>What every post-mortem asks, and what prevents each kind of attack.</summary>
public static class Lessons
{
    public static readonly ValueList<string> Questions =
    [
        "Detection speed: what showed it first, and what could have shown it earlier?",
        "Coordination: who was missing, who waited for whom?",
        "Technical execution: what worked at the first try, what did not?",
        "External communication: what did users hear, when, and was it right?",
        "Recovery: what is still open before everything runs as before?",
    ];

    public static ValueList<string> Prevention(Threat threat) => threat switch
    {
        Threat.FlashLoanAttack =>
        [
            "A delay of one block between a deposit and borrowing against it.",
            "Circuit breakers for large value that act without anyone.",
            "Validation of each price against a second source before it is used.",
        ],
        Threat.OracleManipulation =>
        [
            "Prices from several independent sources.",
            "Alerts and limits on deviation between them.",
            "Time-weighted prices instead of the spot price of one pool.",
        ],
        Threat.LargeTransfer =>
        [
            "A limit per withdrawal and per day, with a queue above it.",
        ],
        Threat.ContractAnomaly =>
        [
            "A guard against re-entry on every function that moves value, and checks before effects before calls.",
            "Limits on what one transaction may take out, and a delay above them.",
            "Roles for every function that sets up, upgrades, mints or burns, and a test that strangers are refused.",
        ],
        Threat.PegDeviation =>
        [
            "Prices from several venues and an oracle.",
            "A breaker that stops minting and redeeming at par beyond a limit.",
            "Reserves that can be turned into money within hours, at several banks.",
            "A redemption queue that treats everyone alike when not everyone can be paid at once.",
        ],
        Threat.MonitoringImpaired =>
        [
            "Nodes of several providers and clients, more than are needed to agree.",
            "A second watch elsewhere that watches this one.",
            "A second feed for each price.",
        ],
        Threat.MissedHeartbeat =>
        [
            "A second keeper, on another machine, for each duty that must not be missed.",
        ],
        Threat.ContractChange =>
        [
            "A delay before every upgrade, announced where users see it.",
            "Upgrades only by several signers, none of them on the machine that deploys.",
            "A check in the release that what is watched is what was deployed.",
        ],
        Threat.FrontEndChange =>
        [
            "A registry lock, and sign-in with hardware keys at registrar, name servers and host.",
            "Integrity hashes for every script, and no script from elsewhere.",
        ],
    };
}
