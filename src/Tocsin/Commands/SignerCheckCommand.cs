using System.Text.Json;
using Tocsin.Recording;
using Tocsin.Signing;

namespace Tocsin.Commands;

/// <summary><c>tocsin signer check</c>: what a policy allows, in words, and the worst that it allows.</summary>
internal static class SignerCheckCommand
{
    /// <returns>1 where something in it must not be so; warnings alone are 0.</returns>
    public static int Run(string path, bool json) => Run(path, json, Console.Out, Console.Error);

    /// <inheritdoc cref="Run(string, bool)"/>
    public static int Run(string path, bool json, TextWriter output, TextWriter forPeople)
    {
        var policy = SignerPolicy.Load(path);
        var report = PolicyReview.Of(policy, PolicySurroundings.Look(path, policy));
        Print(report, json ? forPeople : output);
        if (json)
            output.WriteLine(JsonSerializer.Serialize(report, EventJson.Printed));
        return report.Errors > 0 ? ExitCode.FoundWrong : ExitCode.Done;
    }

    private static void Print(PolicyReport report, TextWriter writer)
    {
        writer.WriteLine($"the key: {report.Key}{(report.Exercise ? " (for exercises alone)" : "")}");
        foreach (var call in report.Allowed)
        {
            writer.WriteLine($"allowed: {call.Function} on {call.Target}, chain {call.Chain}");
            if (call.Through is { } safe)
                writer.WriteLine($"  made by the Safe {safe} as a plain CALL without refund, where its owners sign it");
            foreach (var argument in call.Arguments)
                writer.WriteLine($"  {argument}");
            writer.WriteLine(call.Approvals is { } needed
                ? $"  approved by {Quantities.Counted((ulong)needed, "different wallet")}:"
                : "  approved by nobody: no choice of these wallets is enough");
            foreach (var place in call.Places)
                writer.WriteLine($"    {place}");
        }
        foreach (var beat in report.Heartbeats)
        {
            writer.WriteLine($"heartbeats without approvals: {beat.Brake}, chain {beat.Chain}");
            writer.WriteLine($"  relayed by {beat.Relayer}, {beat.PerDay} a day at most, which cost "
                + $"{Quantities.Ether(beat.MostFeesPerDayWei)} of fees at most");
        }
        writer.WriteLine($"{Quantities.Counted((ulong)report.SignaturesPerDay, "signature")} a day, "
            + $"{Quantities.Ether(report.MostFeesPerDayWei)} of fees at most");
        foreach (var worst in report.Worst)
            writer.WriteLine($"with {worst.With} stolen: {worst.Outcome}");
        foreach (var weakness in report.Weaknesses)
            writer.WriteLine($"{weakness.Level.ToString().ToLowerInvariant()}: {weakness.What}");
        var warnings = report.Weaknesses.Count - report.Errors;
        writer.WriteLine(report.Weaknesses.Count == 0
            ? "the policy is in order"
            : $"{Quantities.Counted((ulong)report.Errors, "error")}, {Quantities.Counted((ulong)warnings, "warning")}");
    }
}
