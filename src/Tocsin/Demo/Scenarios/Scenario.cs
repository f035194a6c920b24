using Tocsin.Chains;
using Tocsin.Findings;

namespace Tocsin.Demo.Scenarios;

/// <summary>
/// One kind of attack as the demo plays it: what is deployed beside the protocol, the innocent who look like it, the
/// attack itself, and what must follow from it. An instance is played once.
/// </summary>
internal abstract class Scenario
{
    /// <summary>As <c>--scenario</c> names it.</summary>
    public abstract string Name { get; }

    /// <summary>What happens, in a line.</summary>
    public abstract string Shows { get; }

    /// <summary>What must follow, judged from outside.</summary>
    public abstract Expectation Expected { get; }

    /// <summary>How often the chain makes a block.</summary>
    public virtual TimeSpan BlockTime => TimeSpan.FromSeconds(1);

    /// <summary>Whether the contracts know the dollar's price by themselves.</summary>
    public virtual bool HasPeg => false;

    /// <summary>Deploys what the protocol lacks for it. The chain mines at once meanwhile.</summary>
    public virtual Task<Additions> DeployAsync(
        Deployment deployment, Protocol protocol, Cast cast, CancellationToken cancellationToken) =>
        Task.FromResult(Additions.None);

    /// <summary>What looks like the attack and is none: it must wake nobody.</summary>
    /// <returns>What was done, for the story.</returns>
    public abstract Task<string> LookAlikesAsync(DemoWorld world, CancellationToken cancellationToken);

    /// <summary>The attack until its first harm is there to be seen.</summary>
    /// <returns>What was done, for the story.</returns>
    public abstract Task<string> AttackAsync(DemoWorld world, CancellationToken cancellationToken);

    /// <summary>What the attack is after, and why limits on chain bound it or do not.</summary>
    public abstract Target TargetOf(Protocol protocol, Cast cast);

    /// <summary>The attack once more, whole, on a chain that nobody watches and that mines at once.</summary>
    /// <param name="round">0 for the first.</param>
    public virtual Task StrikeAloneAsync(DemoWorld world, int round, CancellationToken cancellationToken) =>
        Task.CompletedTask;

    /// <summary>What of the scenario's own did not come about on chain, once the story is over.</summary>
    public virtual Task<IReadOnlyList<string>> FaultsAsync(DemoWorld world, CancellationToken cancellationToken) =>
        Task.FromResult<IReadOnlyList<string>>([]);

    /// <summary>Goes on until somebody stops it.</summary>
    public virtual Task GoOnAsync(DemoWorld world, CancellationToken cancellationToken) => Task.CompletedTask;
}

/// <summary>What an attack is after.</summary>
/// <param name="Purses">Whose balances it is after; the zero address where the coin is made.</param>
/// <param name="Holder">The contract whose limit bounds it; null where none does.</param>
/// <param name="Reason">Why the limit bounds it, or why none does.</param>
internal sealed record Target(Coin Coin, IReadOnlyList<Address> Purses, Address? Holder, string Reason)
{
    /// <summary>What it asks for in all, where that is not what the purses hold.</summary>
    public decimal? AskedUsd { get; init; }

    /// <summary>The dollars that a contract behind the gate holds.</summary>
    public static Target DollarsOf(Protocol protocol, Deployed holder, string reason) =>
        new(protocol.DollarCoin, [holder.Address], holder.Address, reason);
}

/// <summary>How much of an attack's transactions its findings name.</summary>
internal enum Naming
{
    /// <summary>None: what is told of a price or of a contract's code is of no transaction.</summary>
    None,

    /// <summary>Some, among others of the same kind: what leaves in many small parts is told as a whole, and whose
    /// hands they were cannot be told.</summary>
    Among,

    /// <summary>Some, and none that is no part of the attack.</summary>
    Some,

    /// <summary>Every one that took something, and none that is no part of the attack.</summary>
    Every,
}

/// <summary>What must follow from an attack.</summary>
/// <param name="Threats">The one incident that is responded to is of one of these.</param>
internal sealed record Expectation(params IReadOnlyList<Threat> Threats)
{
    /// <summary>These may be incidents of their own beside it; nothing else may.</summary>
    public IReadOnlyList<Threat> Besides { get; init; } = [];

    public Naming Names { get; init; } = Naming.Every;

    /// <summary>False where a pause is no answer.</summary>
    public bool Pauses { get; init; } = true;

    /// <summary>False where nothing leaves what is protected.</summary>
    public bool Takes { get; init; } = true;

    /// <summary>False where nothing is left that a pause could keep.</summary>
    public bool Keeps { get; init; } = true;

    /// <summary>True where the incident must be open before the attack is in a block.</summary>
    public bool IsForeseen { get; init; }
}

/// <summary>What a scenario adds to the protocol.</summary>
/// <param name="Contracts">Protected contracts.</param>
/// <param name="Coins">Tokens that are watched.</param>
/// <param name="Innocent">Accounts and contracts that must never be accused, beside the users.</param>
internal sealed record Additions(
    IReadOnlyList<Guarded> Contracts, IReadOnlyList<Coin> Coins, IReadOnlyList<Address> Innocent)
{
    public static Additions None { get; } = new([], [], []);

    /// <summary>Sections for <c>tocsin.yaml</c>.</summary>
    public string Settings { get; init; } = "";

    /// <summary>Lines for the section <c>chain</c> of <c>tocsin.yaml</c>, each with its indentation.</summary>
    public string ChainSettings { get; init; } = "";

    /// <summary>More of dUSD's entry in the plan, for example its peg.</summary>
    public string OfDollar { get; init; } = "";
}

/// <summary>A protected contract.</summary>
/// <param name="Scope">What it is paused with: <c>market</c> or <c>vault</c>.</param>
/// <param name="Exits">Signatures of what stays open in a pause.</param>
internal sealed record Guarded(string Name, Deployed Contract, string Scope, params IReadOnlyList<string> Exits);

/// <summary>A token that is watched.</summary>
/// <param name="Issuer">The protected contract that answers for it; null for none.</param>
internal sealed record Coin(string Name, Deployed Contract, int Decimals, decimal Usd, string? Issuer);
