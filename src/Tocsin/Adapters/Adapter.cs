using Tocsin.Evm.Abi;
using Tocsin.Plans;

namespace Tocsin.Adapters;

/// <summary>
/// What is known of the emergency controls of a protocol that exists already: how to call them, who may, what holds
/// afterwards, and when they are of no use. Data from <c>contracts/adapters</c>; each fact has its source.
/// </summary>
/// <param name="Source">Repository, files and version that the facts were read in.</param>
/// <param name="TestedAgainst">
/// The published bytecode against which our end-to-end tests run it; null where nobody publishes any.
/// </param>
/// <param name="Contracts">The contracts it speaks to, by names that calls use.</param>
/// <param name="Values">What else a caller chooses, by names that arguments use as <c>$name</c>.</param>
internal sealed record Adapter(
    string Name,
    string Title,
    string For,
    string Source,
    string? TestedAgainst,
    ValueList<AdapterName> Contracts,
    ValueList<AdapterName> Values,
    ValueList<AdapterAction> Actions,
    ValueList<AdapterLimit> Limits,
    ValueList<AdapterEvent> Events,
    SourceLine At)
{
    /// <summary>Names that every adapter knows: who is to act, and the time of the block that is read.</summary>
    public const string Account = "account", Now = "now";

    /// <summary>What an action needs to be of use: the limits that can be read and that bear on it.</summary>
    public IEnumerable<AdapterCheck> ReadyFor(AdapterAction action) => Limits
        .Where(limit => limit.Actions.Count == 0 || limit.Actions.Contains(action.Name))
        .SelectMany(limit => limit.Ready);
}

/// <summary>A name that stands for what a caller gives, and what it means.</summary>
internal sealed record AdapterName(string Name, string Meaning);

/// <summary>An emergency action.</summary>
/// <param name="Scope">What it stops, in words.</param>
/// <param name="By">Who may.</param>
/// <param name="ReversedBy">Who may take it back, and how.</param>
/// <param name="Expires">How it ends by itself; null where it never does.</param>
/// <param name="RoleProbe">Reads that tell whether <c>$account</c> may act now.</param>
/// <param name="Verify">Reads that must hold once it was done.</param>
internal sealed record AdapterAction(
    string Name,
    AdapterCall Call,
    string Scope,
    string By,
    string ReversedBy,
    string? Expires,
    ValueList<string> Risks,
    ValueList<AdapterCheck> RoleProbe,
    ValueList<AdapterCheck> Verify);

/// <summary>A reason why an action may be of no use.</summary>
/// <param name="Actions">The actions that it bears on; empty for all.</param>
/// <param name="Ready">Reads that hold as long as it does not bite; empty where no read tells.</param>
internal sealed record AdapterLimit(string Says, ValueList<string> Actions, ValueList<AdapterCheck> Ready);

/// <param name="On">The contract that emits it.</param>
internal sealed record AdapterEvent(string On, AbiEvent Event, string Means);
