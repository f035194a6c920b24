using System.Collections.Frozen;
using Tocsin.Chains;
using Tocsin.Evm;
using Tocsin.Evm.Blocks;

namespace Tocsin.Detection.Money;

/// <summary>What an issuer did with its token.</summary>
internal enum IssuerAct
{
    /// <summary>Nobody can move the token.</summary>
    Stopped,

    /// <summary>The token can be moved again.</summary>
    Resumed,

    /// <summary>Another contract is to take the token's place.</summary>
    Replaced,

    /// <summary>One account can move its units no more.</summary>
    Froze,

    /// <summary>The units of a frozen account were destroyed.</summary>
    Destroyed,

    Unfroze,

    /// <summary>Who may mint, or how much, is different.</summary>
    MintersChanged,

    /// <summary>Who has the powers, or what code they act by, is different.</summary>
    ControlChanged,

    /// <summary>What each transfer costs is different.</summary>
    FeesChanged,
}

/// <summary>One event of an issuer's powers.</summary>
/// <param name="Signature">As its topic is made of.</param>
/// <param name="Name">What it does, as a part of a sentence.</param>
internal sealed record IssuerPower(string Signature, IssuerAct Act, string Name)
{
    public bool IsAboutAccount => Signature.Contains("(address", StringComparison.Ordinal);

    /// <summary>Which of its values is the account: of what changes hands, who has it now and not who had it.</summary>
    public int AccountPlace => Signature.EndsWith("(address,address)", StringComparison.Ordinal) ? 1 : 0;
}

/// <summary>The events of tokens whose issuer has powers over them: Circle's FiatToken, TetherToken, OpenZeppelin's
/// Pausable and Ownable, and the proxies of EIP-1967.</summary>
internal static class IssuerPowers
{
    public static readonly ValueList<IssuerPower> All =
    [
        new("Pause()", IssuerAct.Stopped, "paused the token"),
        new("Paused(address)", IssuerAct.Stopped, "paused the token"),
        new("Unpause()", IssuerAct.Resumed, "let the token be moved again"),
        new("Unpaused(address)", IssuerAct.Resumed, "let the token be moved again"),
        new("Deprecate(address)", IssuerAct.Replaced, "gave the token up for another contract"),
        new("Blacklisted(address)", IssuerAct.Froze, "froze an account"),
        new("AddedBlackList(address)", IssuerAct.Froze, "froze an account"),
        new("DestroyedBlackFunds(address,uint256)", IssuerAct.Destroyed, "destroyed the units of a frozen account"),
        new("UnBlacklisted(address)", IssuerAct.Unfroze, "released a frozen account"),
        new("RemovedBlackList(address)", IssuerAct.Unfroze, "released a frozen account"),
        new("MinterConfigured(address,uint256)", IssuerAct.MintersChanged, "gave a minter its allowance"),
        new("MinterRemoved(address)", IssuerAct.MintersChanged, "removed a minter"),
        new("MasterMinterChanged(address)", IssuerAct.ControlChanged, "changed who appoints minters"),
        new("OwnershipTransferred(address,address)", IssuerAct.ControlChanged, "has a new owner"),
        new("BlacklisterChanged(address)", IssuerAct.ControlChanged, "changed who freezes accounts"),
        new("PauserChanged(address)", IssuerAct.ControlChanged, "changed who pauses"),
        new("RescuerChanged(address)", IssuerAct.ControlChanged, "changed who rescues what was sent to the token"),
        new("Upgraded(address)", IssuerAct.ControlChanged, "changed the token's code"),
        new("AdminChanged(address,address)", IssuerAct.ControlChanged, "changed who may change the token's code"),
        new("Params(uint256,uint256)", IssuerAct.FeesChanged, "changed the fee of transfers"),
    ];

    private static readonly FrozenDictionary<Hash32, IssuerPower> ByTopic =
        All.ToFrozenDictionary(power => Keccak256.Hash(power.Signature));

    public static IEnumerable<Hash32> Topics => ByTopic.Keys.Order();

    public static IssuerPower? Of(in Log log) =>
        log.Topics.Count > 0 ? ByTopic.GetValueOrDefault(log.Topics[0]) : null;

    /// <summary>The account that the event is about: indexed with some issuers, in the data with others; null where it
    /// is about none.</summary>
    public static Address? AccountOf(IssuerPower power, in Log log)
    {
        if (log.Topics.Count > 1 + power.AccountPlace)
            return LogWords.AddressOf(log.Topics[1 + power.AccountPlace]);
        return LogWords.TryReadAddress(log.Data.Span, power.AccountPlace, out var account) ? account : null;
    }
}
