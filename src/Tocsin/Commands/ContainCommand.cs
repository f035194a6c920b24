using System.Text.Json;
using Tocsin.BreakGlass;
using Tocsin.Hosting;
using Tocsin.Readiness;
using Tocsin.Recording;
using Tocsin.Response;
using Tocsin.Texts;

namespace Tocsin.Commands;

/// <summary>
/// <c>tocsin contain</c>: the prepared actions with nothing but a node and a signer, no server and no database.
/// </summary>
internal static class ContainCommand
{
    /// <summary>Probes every action now and lists it. 0: all are ready; 1: one is not, is not known to be,
    /// or is decided by nobody.</summary>
    /// <exception cref="InputException">The configuration or the plan has an error.</exception>
    public static async Task<int> ListAsync(
        ContainOptions options, TextWriter output, CancellationToken cancellationToken)
    {
        var (configuration, plan, _) = BreakGlassCommand.Load(options);
        var nodes = Installation.CreateNodes(configuration, TimeProvider.System);
        var chains = ActingChains.Create(configuration, nodes, TimeProvider.System);
        var probe = Probing.Create(configuration, chains, TimeProvider.System);
        // What a contract ran yesterday is known to the server alone, so an upgrade does not show here.
        var (results, _) = await probe.ProbeAsync(plan.Plan, KnownCode.None, cancellationToken);
        var rows = ActionRow.Of(plan.Plan, results);
        var now = TimeProvider.System.GetUtcNow();
        await output.WriteAsync(options.Json ? Json(rows) + Environment.NewLine : Words(rows, now));
        return rows.All(row => row.IsReady) ? ExitCode.Done : ExitCode.FoundWrong;
    }

    public static string Words(IReadOnlyList<ActionRow> rows, DateTimeOffset now) =>
        string.Concat(rows.Select(row => string.Concat(Lines(row, now).Select(line => line + "\n"))));

    public static string Json(IReadOnlyList<ActionRow> rows) => JsonSerializer.Serialize(
        rows.Select(row => new
        {
            row.Action.Id,
            row.Kind,
            row.Action.What,
            Chains = row.Chains.ToArray(),
            row.State,
            Reasons = row.Result?.Reasons.ToArray() ?? [],
            ProbedAt = row.Result?.At,
            Approvals = row.Approvals.ToArray(),
            row.Action.Alternative,
            Changes = row.Changes.ToArray(),
            Harm = row.Harm.ToArray(),
            SideEffects = row.Action.SideEffects.ToArray(),
            row.Action.Reversal,
        }),
        EventJson.Printed);

    private static IEnumerable<string> Lines(ActionRow row, DateTimeOffset now)
    {
        var age = row.Result is { } result ? $", probed {ActionRow.Age(now - result.At)}" : "";
        yield return $"{row.Action.Id}: {row.State.ToUpperInvariant()}{age}";
        foreach (var reason in row.Result?.Reasons ?? [])
            yield return $"    {reason}";
        yield return $"  {row.Action.What}";
        var where = row.Chains.Count > 0 ? $" on {string.Join(", ", row.Chains)}" : "";
        yield return $"  by {row.Kind}{where}; approvals: {row.Deciders}";
        if (row.Changes.Count > 0)
            yield return $"  may change besides: {string.Join(", ", row.Changes)}";
        foreach (var harm in row.Harm)
            yield return $"  harm: {harm}";
        foreach (var effect in row.Action.SideEffects)
            yield return $"  also: {effect}";
        if (row.Action.Reversal is { } reversal)
            yield return $"  taken back by people: {reversal}";
        if (row.Action.Alternative is { } alternative)
            yield return $"  where it cannot be done: {alternative}";
    }
}
