using System.Net;
using System.Text.Json;
using Tocsin.Demo.Scenarios;
using Tocsin.Evm;
using Tocsin.Findings;
using Tocsin.Plans;

namespace Tocsin.Demo;

/// <summary>What the people of the demo do once Tocsin has woken them, each stage until it has come about.</summary>
/// <param name="faults">Takes what could not be verified.</param>
internal sealed class Response(
    Expectation expected, Outside outside, Plan plan, StoryTeller teller, List<string> faults)
{
    private static readonly TimeSpan LongestWait = TimeSpan.FromSeconds(60);

    // People look before they sign. The attack goes on meanwhile, as it would.
    private static readonly TimeSpan OfficerReads = TimeSpan.FromSeconds(2);

    public async Task<string> DetectAsync(CancellationToken cancellationToken)
    {
        string? incident = null;
        await WaitAsync(
            $"an incident of {string.Join(" or ", expected.Threats.Select(threat => threat.ToName()))} is open",
            async () =>
            {
                incident = (await outside.ThreatsAsync(cancellationToken))
                    .Where(open => expected.Threats.Contains(open.Threat))
                    .Select(open => open.Id).FirstOrDefault();
                return incident is not null;
            }, cancellationToken);
        teller.Good($"{incident} opened: {await outside.MainReasonAsync(incident!, cancellationToken)}");
        return incident!;
    }

    public async Task AlertAsync(string incident, CancellationToken cancellationToken)
    {
        await WaitAsync(
            "both channels have the alert", () =>
                Task.FromResult(outside.Alerts(incident, "opened").Count == 2), cancellationToken);
        foreach (var alert in outside.Alerts(incident, "opened"))
            teller.Good($"alert accepted by {alert.Channel}");
    }

    public async Task AcknowledgeAsync(string incident, CancellationToken cancellationToken)
    {
        var answered = await outside.PressInSlackAsync(incident);
        Check(answered == HttpStatusCode.OK, "what Slack says of the button that was pressed is taken");
        await WaitAsync(
            "the acknowledgement is recorded", () =>
                outside.IsAcknowledgedAsync(incident, cancellationToken), cancellationToken);
        teller.Good("acknowledged by Demo Chief, by the button in Slack");
    }

    public async Task DecideAsync(string incident, CancellationToken cancellationToken)
    {
        if (SeverityOf(await outside.IncidentAsync(incident, cancellationToken)) != Severity.Critical)
        {
            var isAsked = await outside.RequestDecisionAsync(incident, "security", cancellationToken);
            Check(isAsked, "the decision can be asked for");
            teller.Tell("below severity 1 nobody is asked by itself: Demo Security Officer asks for the pause");
        }
        await WaitAsync(
            "the decision is proposed", () => outside.HasDecisionAsync(incident, cancellationToken), cancellationToken);
        var refused = await Officers.ApproveAsync(outside.Server, incident, PrivateKey.Generate(), cancellationToken);
        teller.Tell($"a stranger tries to approve the pause: {refused}");
        await Task.Delay(OfficerReads, cancellationToken);
        await Officers.ApproveAsync(outside.Server, incident, Officers.Chief, cancellationToken);
        teller.Good("the demo officer 'Demo Chief' signs the pause (development key)");
        await Task.Delay(OfficerReads, cancellationToken);
        await Officers.ApproveAsync(outside.Server, incident, Officers.Security, cancellationToken);
        teller.Good("the demo officer 'Demo Security Officer' signs the pause (development key)");
    }

    public async Task PauseAsync(string incident, CancellationToken cancellationToken)
    {
        await WaitAsync(
            "the protocol is paused", () => outside.IsPausedAsync(incident, cancellationToken), cancellationToken);
        teller.Good("market and vault are paused on the chain — paused, not yet contained");
    }

    public async Task ContainAsync(string incident, CancellationToken cancellationToken)
    {
        await WaitAsync(
            "the incident is contained", () =>
                outside.IsContainedAsync(incident, cancellationToken), cancellationToken);
        teller.Good("contained: nothing unexplained left for three blocks; everyone who was alerted is told");
    }

    public Task AssessAsync(string incident, CancellationToken cancellationToken) => WaitAsync(
        "the impact is assessed", async () =>
            (await outside.ImpactAsync(incident, cancellationToken)) is not null, cancellationToken);

    /// <summary>Does every step of the incident's procedure, each by who holds its role, and resolves.</summary>
    public async Task ResolveAsync(string incident, CancellationToken cancellationToken)
    {
        var procedure =
            (await outside.IncidentAsync(incident, cancellationToken)).GetProperty("procedure").GetString()!;
        foreach (var step in plan.Procedure(procedure)!.Steps)
        {
            var isDone = await outside.FinishStepAsync(
                incident, step.Id, plan.Holders(step.Role).First().Id, cancellationToken);
            Check(isDone, $"step '{step.Id}' can be finished");
        }
        const string Summary = "What was attacked stays closed until its mistake is repaired.";
        var isResolved = await outside.ResolveAsync(incident, "chief", Summary, cancellationToken);
        Check(isResolved, "the incident can be resolved");
        await WaitAsync(
            "both channels hear of the end", () =>
                Task.FromResult(outside.Alerts(incident, "resolved").Count == 2), cancellationToken);
        teller.Good($"the steps of the procedure '{procedure}' are done and the incident is resolved");
    }

    public async Task<string> ReportAsync(string incident, string directory, CancellationToken cancellationToken)
    {
        // It says what each named transaction called, and has that from the assessment.
        if (expected.Names != Naming.None)
            await AssessAsync(incident, cancellationToken);
        var path = Path.Combine(directory, $"{incident}.md");
        await File.WriteAllTextAsync(
            path, await outside.ReportAsync(incident, "report.md", cancellationToken), cancellationToken);
        await File.WriteAllTextAsync(
            Path.ChangeExtension(path, ".html"), await outside.ReportAsync(incident, "report", cancellationToken),
            cancellationToken);
        teller.Good($"post-mortem written to {path}");
        return path;
    }

    public static Severity SeverityOf(JsonElement incident) =>
        Enum.Parse<Severity>(incident.GetProperty("severity").GetString()!, ignoreCase: true);

    private static async Task WaitAsync(string what, Func<Task<bool>> isTrue, CancellationToken cancellationToken)
    {
        var began = TimeProvider.System.GetTimestamp();
        while (!await isTrue())
        {
            if (TimeProvider.System.GetElapsedTime(began) > LongestWait)
                throw new StageMissedException($"within a minute, {what}");
            await Task.Delay(TimeSpan.FromMilliseconds(20), cancellationToken);
        }
    }

    private void Check(bool isTrue, string what)
    {
        if (!isTrue)
            faults.Add(what);
    }
}
