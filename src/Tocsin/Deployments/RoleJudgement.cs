using Tocsin.Chains;
using Tocsin.Findings;

namespace Tocsin.Deployments;

/// <summary>Who holds which role, and who could act in two.</summary>
internal static class RoleJudgement
{
    public static IEnumerable<Weakness> Of(DeploymentState state) =>
        state.Bounds is null ? [] : [.. Counts(state), .. Governance(state), .. Safes(state), .. Overlaps(state)];

    private static IEnumerable<Weakness> Counts(DeploymentState state)
    {
        if (Count(state, Role.Pauser) < 2)
            yield return Thin(Role.Pauser, Severity.Elevated,
                "One pauser alone: if its machine is down, nobody pauses.",
                "Have governance offer the role to a second one, on another machine (offerRole, acceptRole).");
        if (Count(state, Role.Recoverer) < 3)
            yield return Thin(Role.Recoverer, Severity.Elevated,
                "It takes two recoverers, and there is none to spare: one lost key, and no pause is lifted early.",
                "Have governance offer the role to a third.");
        if (Count(state, Role.Risk) == 0)
            yield return Thin(Role.Risk, Severity.Minor, "Nobody but governance can tighten a limit at once.",
                "Have governance offer the role to who watches the limits.");
        if (state.RegistryQuorum is { } quorum && (UInt256)(ulong)Count(state, Role.Responder) < quorum)
            yield return Thin(Role.Responder, Severity.Elevated,
                $"The registry needs {quorum} responders, and there are {Count(state, Role.Responder)}.",
                "Have governance offer the role to more.");
    }

    private static IEnumerable<Weakness> Governance(DeploymentState state)
    {
        foreach (var member in state.Members.Where(member => member.Role == Role.Governance))
        {
            if (!member.HasCode)
                yield return new Weakness(
                    Severity.Critical, "governance-key", member.Address.ToString(),
                    "Governance is a single key, which gives every role at once.",
                    "Put a timelock in its place: offer it the role, accept, and remove the key (removeFromRole).");
            else if (member.MinDelaySeconds is not { } delay)
                yield return new Weakness(
                    Severity.Elevated, "governance-no-timelock", member.Address.ToString(),
                    "Governance does not answer as a timelock (getMinDelay): roles may be given without notice.",
                    "Put a TimelockController between it and the role.");
            else if (state.LooseningDelaySeconds is { } loosening && delay < loosening)
                yield return new Weakness(
                    Severity.High, "timelock-short", member.Address.ToString(),
                    $"The timelock waits {delay} s, and limits loosen after {loosening} s: roles change faster.",
                    "Raise the timelock's delay (updateDelay) to that of the limits at least.");
        }
    }

    private static IEnumerable<Weakness> Safes(DeploymentState state) =>
        from member in state.Members
        where member is { Role: Role.Governance or Role.Recoverer, Threshold: 1, Owners.Count: > 0 }
        select new Weakness(
            Severity.High, "safe-threshold", member.Address.ToString(),
            $"One of its {member.Owners.Count} owners alone acts as {member.Role}.", "Raise the Safe's threshold.");

    /// <summary>The contract keeps an address from two roles; it does not see who owns a Safe.</summary>
    private static IEnumerable<Weakness> Overlaps(DeploymentState state)
    {
        var hands = state.Members
            .SelectMany(member => Hands(member).Select(hand => (Hand: hand, Member: member)))
            .GroupBy(pair => pair.Hand, pair => pair.Member);
        foreach (var held in hands.OrderBy(group => group.Key))
        {
            var roles = held.Select(member => member.Role).Distinct().ToList();
            if (roles.Count > 1)
                yield return new Weakness(
                    Severity.High, "role-overlap", held.Key.ToString(),
                    "The same key acts in several roles: "
                    + string.Join(", ", held.Select(member => $"{member.Role} ({member.Address})")) + ".",
                    "Let another person take its place in one of them.");
        }
    }

    private static IEnumerable<Address> Hands(Member member) =>
        member.Owners.Count > 0 ? member.Owners.Distinct() : [member.Address];

    private static int Count(DeploymentState state, Role role) => state.Members.Count(member => member.Role == role);

    private static Weakness Thin(Role role, Severity severity, string what, string remedy) =>
        new(severity, "role-thin", role.ToString(), what, remedy);
}
