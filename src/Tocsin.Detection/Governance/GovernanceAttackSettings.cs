using Tocsin.Detection.Detectors;
using Tocsin.Findings;

namespace Tocsin.Detection.Governance;

/// <summary>How the proposals and votes of one governor are watched.</summary>
/// <param name="Governor">The contract that is voted in: a name of the plan or an address.</param>
public sealed record GovernanceAttackSettings(string Governor) : DetectorSettings
{
    public const string CardName = "governance-attack";

    /// <summary>The token that gives the votes; null where it is not followed.</summary>
    public string? Token { get; init; }

    /// <summary>So many votes, in whole tokens, pass a proposal. Needed where there is a token.</summary>
    public decimal? Quorum { get; init; }

    /// <summary>Decimal places of the token; those of the plan where the token is an asset of it.</summary>
    public int TokenDecimals { get; init; } = 18;

    /// <summary>Fresh votes from this fraction of the quorum on can decide.</summary>
    public decimal LargeShare { get; init; } = 0.25m;

    /// <summary>Votes are fresh where their tokens came within this time before the vote, or before the
    /// proposal.</summary>
    public TimeSpan Window { get; init; } = TimeSpan.FromHours(1);

    /// <summary>The contract through which decisions wait; null where there is none.</summary>
    public string? Timelock { get; init; }

    /// <summary>An execution sooner after the proposal than this is early; null to learn it.</summary>
    public TimeSpan? MinimumDelay { get; init; }

    public static DetectorCard TheCard { get; } = new(
        CardName, Threat.GovernanceAttack,
        "Taking a protocol through its own votes. It reads what a proposal would do (code, owners, roles, delays, "
            + "mints, payments, code from elsewhere) and holds that against how the votes came about: tokens that came "
            + "to the voter within the hour, an execution in the block of the proposal or far sooner than ever, delays "
            + "cut shortly before, and an execution that replaces code or hands out powers though the proposal did not "
            + "say so. When it is made, and again when a timelock takes it up, its actions are simulated in the name "
            + "of whoever executes them: which of them fail, what value of ours goes to whom, which code, owners, "
            + "roles and allowances change. Value or power that goes where the calls do not say is severity 2 at "
            + "once; a simulation that shows no harm lowers nothing. Otherwise a proposal alone pages nobody, "
            + "whatever it pays out: dangerous calls of a proposer never seen before are recorded at severity 3. "
            + "Dangerous calls with votes, an execution or delays of that kind are severity 1.",
        "Blocks with receipts. Governors of OpenZeppelin, Compound (Alpha, Bravo) and Aragon. Simulations "
            + "(eth_simulateV1, otherwise debug_traceCall for each action by itself; where a node knows both, calls "
            + "within calls are seen too); where no node can, findings say so.",
        [
            "governor: no default; the contract that is voted in, by its name in the plan or by address",
            "token: none; the token that gives the votes. Without it fresh votes are not seen",
            "token_decimals: 18; not needed where the token is an asset of the plan",
            "quorum: none; votes in whole tokens that pass a proposal, needed with a token",
            "large_share: 0.25; fresh votes from this fraction of the quorum on count",
            "window: 1h; how recently tokens must have come to be fresh",
            "timelock: none; the contract through which decisions wait. Where it is not given, simulations run in "
                + "the name of what the governor's timelock() names, otherwise of the governor",
            "minimum_delay: learnt (half of the shortest after three executions, 6 h until then); an execution sooner "
                + "than this after its proposal is early",
        ],
        [
            "A simulation tells what would happen now. Code that knows when it is simulated, that waits for an "
                + "instant, or that is replaced after the timelock took the proposal up does something else when it "
                + "runs. More than 32 actions or 64 KB of data are not simulated, which is recorded at severity 3.",
            "A token that is in no plan has no price: that it leaves where the calls do not say is severity 3 only. "
                + "Roles that are stored without an event are seen only where the node traces.",
            "Aragon votes do not tell their script before they are executed, so they are not simulated.",
            "Votes without a token that moves (locked, delegated long before, bought and kept for weeks) are not "
                + "fresh, and a majority that was bought patiently looks like any other.",
            "A large holder who moves tokens between own accounts within the hour before voting for dangerous calls "
                + "looks like a borrower.",
            "Protocols whose proposals always run code from elsewhere are told at severity 2 when that replaces code, "
                + "hands out powers or pays, at the proposal by its simulation and when it runs, unless the "
                + "transaction is announced under 'planned'.",
        ]);

    /// <inheritdoc/>
    public override DetectorCard Card => TheCard;

    public override string Subject => Governor;

    /// <summary>In whole tokens; null where fresh votes are not judged.</summary>
    internal decimal? LargeVotes => Quorum * LargeShare;

    public override IEnumerable<string> Problems(Watch watch)
    {
        (string, string?)[] named = [("governor", Governor), ("token", Token), ("timelock", Timelock)];
        foreach (var (key, name) in named)
            if (name is not null && watch.AddressOf(name) is null)
                yield return $"{Name}: '{name}' ({key}) is neither in the plan nor an address";
        if (Token is not null && Quorum is null)
            yield return $"{Name}: with a token, 'quorum' must say how many votes pass a proposal";
        if (Quorum is <= 0 or > Amounts.UnitsMax || LargeShare is <= 0 or > 1)
            yield return $"{Name}: the quorum is above 0, and 'large_share' a fraction of 1 above 0";
        if (TokenDecimals is < 0 or > 36)
            yield return $"{Name}: 'token_decimals' is 0 to 36";
        if (Window <= TimeSpan.Zero || MinimumDelay <= TimeSpan.Zero)
            yield return $"{Name}: times are longer than nothing";
    }

    internal override Detector Create(Watch watch) => new GovernanceAttack(this, watch);
}
