using System.Text.RegularExpressions;
using Tocsin.Evm.Abi;

namespace Tocsin.Signing;

/// <summary>What a function does to a protocol, as far as its name and arguments tell.</summary>
internal enum FunctionNature
{
    /// <summary>It stops something: what the signer is for.</summary>
    Tightens,

    /// <summary>The name does not say.</summary>
    Unknown,

    /// <summary>It loosens, upgrades, gives power, moves funds, or calls anything whatever.</summary>
    Privileged,
}

/// <summary>Judges functions by the words of their names; a contract can of course call anything as it likes.</summary>
internal static partial class FunctionNatures
{
    private static readonly HashSet<string> Powers =
    [
        "unpause", "unfreeze", "unlock", "unblock", "resume", "reopen", "restart", "recover", "lift", "enable",
        "loosen",
        "upgrade", "implementation", "proxy", "initialize", "reinitialize", "destroy", "selfdestruct", "kill",
        "transfer", "approve", "allowance", "permit", "withdraw", "sweep", "rescue", "redeem", "migrate", "skim",
        "mint", "burn", "minter", "issue", "claim", "pay", "send", "borrow", "liquidate",
        "grant", "revoke", "renounce", "role", "roles", "owner", "owners", "ownership", "admin", "governor",
        "governance", "authority", "rely", "deny", "threshold", "delay", "module", "modules",
        "execute", "exec", "call", "multicall", "aggregate", "forward", "delegate", "delegatecall", "schedule",
    ];

    private static readonly string[] PowersInside =
        ["unpause", "unfreeze", "unlock", "reopen", "upgrade", "transferfrom", "delegatecall", "multicall"];

    private static readonly HashSet<string> Brakes =
        ["pause", "paused", "halt", "freeze", "frozen", "stop", "lock", "block", "seal", "cancel", "veto", "disable",
            "tighten", "trip", "guard", "shutdown"];

    public static FunctionNature Of(AbiFunction function)
    {
        var words = Words().Matches(function.Name).Select(match => match.Value.ToLowerInvariant()).ToList();
        var name = function.Name.ToLowerInvariant();
        var stops = words.Exists(Brakes.Contains);
        // 'pauseModule' stops a module; 'enableModule' gives it power.
        var powers = words.Where(word => Powers.Contains(word) && !(stops && word is "module" or "modules"));
        if (powers.Any() || PowersInside.Any(power => name.Contains(power, StringComparison.Ordinal)))
            return FunctionNature.Privileged;
        if (!stops)
            return FunctionNature.Unknown;
        // setPaused(bool) is unpause by another name: no bound of a policy holds a flag.
        return function.Inputs.Any(input => input.Type is AbiType.Flag)
            ? FunctionNature.Privileged : FunctionNature.Tightens;
    }

    [GeneratedRegex("[A-Z]?[a-z]+|[A-Z]+(?![a-z])")]
    private static partial Regex Words();
}
