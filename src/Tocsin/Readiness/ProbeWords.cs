using Tocsin.Chain;
using Tocsin.Chains;
using Tocsin.Evm;
using Tocsin.Evm.Abi;
using Tocsin.Plans;

namespace Tocsin.Readiness;

/// <summary>The judgements of a probe: what each answer of the chain says against an action, in words.</summary>
internal static class ProbeWords
{
    private static readonly AbiError[] RoleErrors =
    [
        AbiError.Parse("AccessControlUnauthorizedAccount(address account,bytes32 neededRole)"),
        AbiError.Parse("AccessManagedUnauthorized(address caller)"),
        AbiError.Parse("OwnableUnauthorizedAccount(address account)"),
        AbiError.Parse("NotInRole(address account,uint8 needed)"),
        AbiError.Parse("Unauthorized()"),
        AbiError.Parse("NotAuthorized()"),
    ];

    private static readonly string[] RoleTexts =
        ["AccessControl", "Ownable: caller is not", "is missing role", "not authorized", "unauthorized", "not owner"];

    private static readonly AbiError[] OtherErrors =
    [
        AbiError.Parse("DurationOutOfBounds(uint64 durationSeconds,uint64 minPauseSeconds,uint64 maxPauseSeconds)"),
        AbiError.Parse("CoolingDown(bytes32 module,uint64 armedAt)"),
        AbiError.Parse("BudgetExceeded(address pauser,uint64 neededSeconds,uint64 leftSeconds)"),
        AbiError.Parse("NoScope(uint256 scopes)"),
        AbiError.Parse("PauserIsDead(address pauser,uint64 aliveUntil)"),
        AbiError.Parse("NotInEpisode(bytes32 module)"),
        AbiError.Parse("TooEarly(bytes32 module,uint64 liftableAt)"),
        AbiError.Parse("SamePerson(address account,bytes32 deed)"),
        AbiError.Parse("EnforcedPause()"),
        AbiError.Parse("ExpectedPause()"),
    ];

    /// <summary>Why a call that was tried would fail.</summary>
    /// <param name="by">Who tried it.</param>
    public static string Refused(PlannedCall planned, Address by, NodeException e) => Refusal(planned, by, e).Words;

    /// <inheritdoc cref="Refused"/>
    public static (string Words, bool LacksRole) Refusal(PlannedCall planned, Address by, NodeException e)
    {
        var data = e.Error?.Data ?? [];
        var said = data.Length > 0
            ? RevertReason.Describe(data, [.. RoleErrors, .. OtherErrors])
            : e.Error?.Message ?? e.Message;
        return IsAboutRole(data, said)
            ? ($"{planned.InWords}: {ChecksumAddress.Format(by)} does not hold the role that it needs ({said})", true)
            : ($"{planned.InWords} would fail now: {said}", false);
    }

    /// <summary>Null where the account can pay.</summary>
    public static string? Funds(Address account, string chain, UInt256 balanceWei, UInt256 neededWei) =>
        balanceWei >= neededWei
            ? null
            : $"{ChecksumAddress.Format(account)} has {Ether(balanceWei)} on {chain}, and the calls may cost "
                + $"{Ether(neededWei)} at the highest fee: fund it";

    /// <summary>What a Safe says of itself, against what the plan expects.</summary>
    public static IEnumerable<string> Safe(
        PlannedSafe planned, IReadOnlyCollection<Address> owners, UInt256 threshold, UInt256 nonce)
    {
        foreach (var gone in planned.Owners.Except(owners))
            yield return $"{ChecksumAddress.Format(gone)} is no owner of Safe '{planned.Name}' any more";
        foreach (var stranger in owners.Except(planned.Owners))
            yield return $"{ChecksumAddress.Format(stranger)} owns Safe '{planned.Name}', and the plan does not say so";
        if (threshold != (UInt256)(ulong)planned.Threshold)
            yield return $"Safe '{planned.Name}' needs {threshold} signatures, and the plan says {planned.Threshold}";
        if (planned.Nonce is { } expected && nonce != expected)
            yield return $"the nonce of Safe '{planned.Name}' is {nonce}, and signatures were collected for "
                + $"{expected}: they are void, collect new ones";
    }

    private static bool IsAboutRole(byte[] data, string said) =>
        RoleErrors.Any(error => error.TryDecode(data, out _))
        || RoleTexts.Any(text => said.Contains(text, StringComparison.OrdinalIgnoreCase));

    private static string Ether(UInt256 wei)
    {
        UInt256 unit = 1_000_000_000_000;
        var micros = wei / unit;
        return micros > long.MaxValue ? "more than enough" : $"{micros.ToUInt64() / 1_000_000m:0.######} ETH";
    }
}
