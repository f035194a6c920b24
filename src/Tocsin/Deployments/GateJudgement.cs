using Tocsin.Findings;

namespace Tocsin.Deployments;

/// <summary>Whether what moves value asks first, and whether what must stay open does.</summary>
internal static class GateJudgement
{
    public static IEnumerable<Weakness> Of(DeploymentState state) =>
    [
        .. state.Gates.Select(Judge).OfType<Weakness>(),
        .. state.Bare.Select(what => new Weakness(
            Severity.High, "nothing-gated", what, "It names no function that moves value, so none was tried.",
            "List holders, and under 'gated' each function that moves value with a sample call.")),
        .. state.Unlisted.Select(function => new Weakness(
            Severity.Elevated, "not-listed", $"{function.Holder}.{function.Signature}",
            "It changes state, and the file does not say whether it moves value.",
            "List it under 'gated' with a sample call, or under 'exempt'.")),
    ];

    private static Weakness? Judge(GateProbe probe)
    {
        var subject = $"{probe.Holder}.{probe.Signature}";
        if (probe.Direction.IsExit())
            return probe.Paused.PausedModule is null ? null : new Weakness(
                Severity.Critical, "exit-paused", subject,
                $"A pause stops it, and {probe.Direction} is what users need to get out of danger.",
                "Name the true direction in the call of the gate.");
        if (probe.Paused.PausedModule == probe.Module)
            return null;
        var module = ModuleName.Format(probe.Module);
        if (probe.Paused.PausedModule is { } other)
            return new Weakness(
                Severity.Critical, "no-gate", subject,
                $"It is stopped by module '{ModuleName.Format(other)}', not by '{module}'.",
                "Correct the module in the file, or the call of the gate.");
        // The same end with and without the pause: the sample proves nothing, and neither does it excuse.
        return !probe.Open.Succeeded && probe.Open.Words == probe.Paused.Words
            ? new Weakness(
                Severity.High, "gate-unproven", subject,
                $"The sample call {probe.Open.Words}, paused or not: nothing shows that it asks the gate.",
                "Give a 'from' that can make the call, or the 'state' that it needs.")
            : new Weakness(
                Severity.Critical, "no-gate", subject,
                $"It moves value without the gate: with '{module}' paused it "
                + (probe.Paused.Words is { } words ? $"{words}." : "succeeds."),
                "Let it pass _take, _pay or _gate before anything moves.");
    }
}
