using System.Text.Json;
using Tocsin.Autonomy;
using Tocsin.Decisions;
using Tocsin.Demo.Scenarios;
using Tocsin.Findings;
using Tocsin.Plans;
using Tocsin.Recording;
using Tocsin.Signing;
using Tocsin.Texts;

namespace Tocsin.Demo;

/// <summary>What the people of the demo do before anything happens, so that the pause needs nobody on the night: a plan
/// that lets one scope be paused by itself, and approvals of that.</summary>
internal static class Ahead
{
    private const string Action = "pause-protocol";
    private const int Alarms = 200;

    private static readonly string[] Scopes = ["market", "vault"];

    /// <summary>
    /// Narrows the pause to the scope of what is attacked. That its detectors are precise enough is taken for granted
    /// here; an installation has it measured by <c>evaluate</c>.
    /// </summary>
    public static void Change(DemoFolder folder, Scenario scenario, Additions additions)
    {
        var attacked = additions.Contracts.Count > 0 ? additions.Contracts[0].Scope : Scopes[0];
        var path = Path.Combine(folder.Root, "plan", PlanReader.MainFile);
        var plan = Scopes.Where(scope => scope != attacked)
            .Aggregate(File.ReadAllText(path), (text, scope) => Apart(text, $"      - scope: {scope}"));
        var threats = scenario.Expected.Threats.Concat(scenario.Expected.Besides).Distinct().ToList();
        File.WriteAllText(path, $"{plan}\n{Automation(threats)}\n");
        var measured = new PrecisionDocument(threats
            .SelectMany(threat => Evidence.Sources.Keys.Select(detector => new PrecisionRow(
                detector, threat, Alarms, 0, 0.98m, "taken for granted in the demo")))
            .ToValueList());
        File.WriteAllText(
            Path.Combine(folder.Root, "plan", PlanReader.PrecisionFile),
            JsonSerializer.Serialize(measured, EventJson.Options));
    }

    /// <summary>Both officers approve one use of the pause.</summary>
    public static async Task AuthoriseAsync(Installation installation, CancellationToken cancellationToken)
    {
        var plan = installation.Plan;
        var asked = new SignerRequest(Use: new UseRequest(plan.DecisionsHash, Action));
        var use = (await installation.Signer.AskAsync(asked, cancellationToken)).Use
            ?? throw new InputException("the signer did not name the open use of the pause");
        var expires = DateTimeOffset.FromUnixTimeSeconds(TimeProvider.System.GetUtcNow().ToUnixTimeSeconds() + 86_400);
        var decision = new EmergencyDecision(
            use.Decision, Exercise: false, plan.DecisionsHash,
            plan.Action(Action)!.Calls.Select(call => call.Call).ToValueList(), expires);
        using var typedData = JsonDocument.Parse(DecisionTypedData.Of(decision).ToJson());
        var digest = DecisionTypedData.Of(decision).Digest();
        foreach (var officer in (Tocsin.Evm.PrivateKey[])[Officers.Chief, Officers.Security])
        {
            using var answer = await installation.Outside.Server.PostAsJsonAsync(
                new Uri("/api/authorisations", UriKind.Relative),
                new { action = Action, signature = officer.Sign(digest).ToHex(), typedData = typedData.RootElement },
                cancellationToken);
            if (!answer.IsSuccessStatusCode)
                throw new InputException(
                    $"an approval ahead was refused: {await answer.Content.ReadAsStringAsync(cancellationToken)}");
        }
    }

    private static string Automation(IEnumerable<Threat> threats) => $$"""
        automation:
          measured: precision.json
          ladder:
            - action: {{Action}}
              severity: 2
              stage: narrow
              from: [{{string.Join(", ", threats.Select(threat => threat.ToName()))}}]
        """;

    // The call gets an action of its own: everything protected must have something that pauses it.
    private static string Apart(string text, string head)
    {
        var lines = text.Split('\n').ToList();
        var at = lines.IndexOf(head);
        var end = lines.FindIndex(at + 1, line => !line.StartsWith("        ", StringComparison.Ordinal));
        var call = lines[at..end];
        lines.RemoveRange(at, end - at);
        lines.InsertRange(
            lines.IndexOf("actions:") + 1,
            ["  - id: pause-the-rest", "    what: Pause what is not attacked.", "    calls:", .. call]);
        return string.Join('\n', lines);
    }
}
