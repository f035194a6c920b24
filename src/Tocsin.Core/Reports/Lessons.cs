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

    private static readonly Dictionary<Threat, ValueList<string>> OfAttacks = new()
    {
        [Threat.FlashLoanAttack] =
        [
            "A delay of one block between a deposit and borrowing against it.",
            "Circuit breakers for large value that act without anyone.",
            "Validation of each price against a second source before it is used.",
        ],
        [Threat.OracleManipulation] =
        [
            "Prices from several independent sources.",
            "Alerts and limits on deviation between them.",
            "Time-weighted prices instead of the spot price of one pool.",
        ],
        [Threat.LargeTransfer] =
        [
            "A limit per withdrawal and per day, with a queue above it.",
        ],
        [Threat.ContractAnomaly] =
        [
            "A guard against re-entry on every function that moves value, and checks before effects before calls.",
            "Limits on what one transaction may take out, and a delay above them.",
            "Roles for every function that sets up, upgrades, mints or burns, and a test that strangers are refused.",
        ],
        [Threat.UnbackedMint] =
        [
            "A limit on minting per minter and per hour, held by the token itself.",
            "Proof of reserves or of locks, checked by the contract before it mints.",
            "Keys of minters with several signers.",
        ],
        [Threat.GovernanceAttack] =
        [
            "A longer delay between a proposal and its execution.",
            "Voting power counted from before the proposal, and a cap on what can be delegated.",
            "An emergency pause of governance, held by somebody else.",
        ],
        [Threat.PrivilegeChange] =
        [
            "Every power behind several signers and a delay.",
            "A list of who holds which power, compared with the chain every day.",
        ],
        [Threat.SuspiciousPreparation] =
        [
            "A watch over new contracts that name ours, with somebody who reads them by day.",
        ],
        [Threat.Laundering] =
        [
            "Contacts at exchanges, bridges and issuers that answer at night.",
            "A list of what to tell them, ready before the attack.",
        ],
    };

    private static readonly Dictionary<Threat, ValueList<string>> OfMarkets = new()
    {
        [Threat.PegDeviation] =
        [
            "Prices from several venues and an oracle.",
            "A breaker that stops minting and redeeming at par beyond a limit.",
            "Reserves that can be turned into money within hours, at several banks.",
            "A redemption queue that treats everyone alike when not everyone can be paid at once.",
        ],
        [Threat.RedemptionRun] =
        [
            "A redemption queue that treats everyone alike when not everyone can be paid at once.",
            "Reserves that can be turned into money within hours, at several banks.",
            "Words about the reserves that are ready before the rumour is.",
        ],
        [Threat.LiquidityDrop] =
        [
            "Liquidity in several markets, and of owners who cannot all leave in one block.",
            "A limit on what can be borrowed against an asset that follows the depth of its market.",
        ],
        [Threat.IssuerControl] =
        [
            "A plan for each asset whose issuer can freeze it, and a limit on how much of it is held.",
            "A second asset for every duty that the frozen one had.",
        ],
        [Threat.OracleFailure] =
        [
            "Several price sources, and a limit on how old and how far apart they may be.",
            "What to do without a price, decided beforehand: rather stop than guess.",
        ],
        [Threat.UnusualTrading] =
        [
            "Limits on positions and on how fast they grow.",
        ],
        [Threat.StandingRisk] =
        [
            "A price that cannot be moved within one block for less than can be taken by it.",
            "Limits on borrowing that follow the depth of the pool that prices the collateral.",
        ],
    };

    private static readonly Dictionary<Threat, ValueList<string>> OfOperations = new()
    {
        [Threat.MonitoringImpaired] =
        [
            "Nodes of several providers and clients, more than are needed to agree.",
            "A second watch elsewhere that watches this one.",
            "A second feed for each price.",
        ],
        [Threat.MissedHeartbeat] =
        [
            "A second keeper, on another machine, for each duty that must not be missed.",
        ],
        [Threat.ContractChange] =
        [
            "A delay before every upgrade, announced where users see it.",
            "Upgrades only by several signers, none of them on the machine that deploys.",
            "A check in the release that what is watched is what was deployed.",
        ],
        [Threat.FrontEndChange] =
        [
            "A registry lock, and sign-in with hardware keys at registrar, name servers and host.",
            "Integrity hashes for every script, and no script from elsewhere.",
        ],
        [Threat.ActivitySpike] =
        [
            "Fees and queues that keep the contract usable when somebody floods it.",
            "Keepers that can pay more for their transactions when it matters.",
        ],
        [Threat.UserReports] =
        [
            "A way for users to reach the people on duty, shown where users look.",
        ],
    };

    /// <summary>What would have prevented an attack of this kind, or softened it.</summary>
    public static ValueList<string> Prevention(Threat threat) =>
        OfAttacks.GetValueOrDefault(threat) ?? OfMarkets.GetValueOrDefault(threat) ?? OfOperations[threat];
}
