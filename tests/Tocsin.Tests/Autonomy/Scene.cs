using Tocsin.Autonomy;
using Tocsin.Chains;
using Tocsin.Decisions;
using Tocsin.Findings;
using Tocsin.Incidents;
using Tocsin.Plans;
using Tocsin.Tests.Incidents;
using Tocsin.Tests.Plans;

namespace Tocsin.Tests.Autonomy;

/// <summary>A plan that lets something be done by itself, an incident, and approvals that were given ahead.</summary>
internal static class Scene
{
    public const string Measured = """
        {"measured":[{"detector":"flash-loan pattern","threat":"flash-loan-attack","trueAlarms":200,"falseAlarms":0,
        "lowerBound":0.98,"data":"a test"},{"detector":"conduct","threat":"oracle-manipulation","trueAlarms":5,
        "falseAlarms":1,"lowerBound":0.4,"data":"a test"},{"detector":"conduct","threat":"contract-anomaly",
        "trueAlarms":65,"falseAlarms":1,"lowerBound":0.919,"data":"a test"}]}
        """;

    /// <summary>The pause of one scope alone.</summary>
    public static string OneScope { get; } = WithoutVault(MinimalPlan.Main);

    public static string Ladder(string stage, string more = "") => $$"""

        automation:
          measured: precision.json
          revoke: open-again
          ladder:
            - { action: pause-all, severity: 1, stage: {{stage}}, from: [flash-loan-attack]{{more}} }
        """;

    public static ReadPlan Read(string automation, string? main = null, string? precision = Measured) =>
        PlanReader.Read(
        [
            new PlanFile("plan.yaml", (main ?? OneScope) + automation),
            new PlanFile("procedures/pause-markets.md", MinimalPlan.Procedure),
            .. precision is null ? Array.Empty<PlanFile>() : [new PlanFile("precision.json", precision)],
        ]);

    public static Plan Plan(string stage, string more = "", string? main = null) =>
        Read(Ladder(stage, more), main).Plan;

    public static Finding Finding(
        string id = "attack", string detector = "flash-loan pattern", Threat threat = Threat.FlashLoanAttack,
        decimal confidence = 0.95m, FindingStatus status = FindingStatus.Seen, Severity severity = Severity.Critical) =>
        Story.Finding(id, confidence: confidence, status: status, threat: threat, severity: severity)
            with
        { Detector = detector };

    public static Incident Incident(params Finding[] findings) => Story.Fold(
        [.. (findings.Length == 0 ? [Finding()] : findings)
            .Select(one => (15.0, (LogEvent)Story.Recorded(one, Story.First)))]);

    public static EmergencyDecision Decision(Plan plan, byte use = 0xd1, double until = 86_400) => new(
        Story.Hash(use), false, plan.DecisionsHash,
        plan.Action("pause-all")!.Calls.Select(call => call.Call).ToValueList(), Story.At(until));

    public static Mandate Mandate(EmergencyDecision decision, params Address[] wallets) => wallets.Aggregate(
        Tocsin.Autonomy.Mandate.None,
        (mandate, wallet) => mandate.Apply(new ActionAuthorised(
            "pause-all", decision, new Approval(decision.Id, wallet, "0x11", Story.At(-3600)),
            wallet == MinimalPlan.Engineer.Address ? "Ben Engineer" : "Ada Commander")));

    public static Mandate Mandate(Plan plan) =>
        Mandate(Decision(plan), MinimalPlan.Commander.Address, MinimalPlan.Engineer.Address);

    private static string WithoutVault(string main)
    {
        var from = main.IndexOf("      - scope: vault\n        target", StringComparison.Ordinal);
        var to = main.IndexOf("  - id: open-again", StringComparison.Ordinal);
        return main.Remove(from, to - from).Replace("      scope: vault\n", "", StringComparison.Ordinal);
    }
}
