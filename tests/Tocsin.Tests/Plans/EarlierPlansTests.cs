using System.Globalization;
using System.Text.RegularExpressions;
using Tocsin.Chains;
using Tocsin.Evm;
using Tocsin.Plans;
using Tocsin.Tests.Tidy;
using Tocsin.Texts;

namespace Tocsin.Tests.Plans;

/// <summary>Plans that were written for an earlier version: they mean what they meant.</summary>
public sealed partial class EarlierPlansTests
{
    private const string Startup = "tests/Tocsin.Tests/Plans/Earlier/startup.yaml";

    /// <summary>Computed by the version that knew calls alone: approvals that were given then stay valid.</summary>
    [Fact]
    public void A_plan_of_calls_alone_is_hashed_as_it_always_was() => Assert.All(
        [MinimalPlan.Plan, Read(Repository.Text(Startup)), Read(Filled(Templates.Text("demo/plan/plan.yaml")))],
        plan =>
        {
            Assert.NotEmpty(plan.Decisions);
            Assert.NotEmpty(plan.Actions.SelectMany(action => action.Calls));
            Assert.Equal(OldHash(plan), plan.DecisionsHash);
        });

    [Fact]
    public void The_start_up_plan_of_an_earlier_version_reads_without_a_complaint() => Assert.Empty(
        PlanReader.Read([new(PlanReader.MainFile, Repository.Text(Startup))]).Complaints);

    private static Plan Read(string main) => PlanReader.Read([new(PlanReader.MainFile, main)]).Plan;

    // Addresses that differ, and nothing where more may stand.
    private static string Filled(string template)
    {
        var number = 0x1000;
        return Lists().Replace(Quoted().Replace(template, _ => string.Create(
            CultureInfo.InvariantCulture, $"\"0x{number++:x40}\"")), "");
    }

    private static Hash32 OldHash(Plan plan)
    {
        static string Counted(string text) => $"{text.Length}:{text}";
        var text = "tocsin-decisions-1\n";
        foreach (var rule in plan.Decisions)
        {
            text += $"decision {Counted(rule.Id)} action {Counted(rule.Action)} valid {rule.ValidFor.TotalSeconds:0}\n";
            foreach (var role in rule.Required)
                text += $"required {Counted(role.Role)} or {string.Join(',', role.Substitutes.Select(Counted))}\n";
            foreach (var group in rule.Additional)
                text += $"additional {Counted(group.Group)} at least {group.AtLeast}\n";
            foreach (var place in plan.ApprovalRule(rule).Places)
                text += $"place {string.Join(',', place.Wallets.Order())}\n";
        }
        foreach (var action in plan.Actions.Where(action => action.By is null))
        {
            text += $"action {Counted(action.Id)}\n";
            foreach (var call in action.Calls.Select(planned => planned.Call))
                text += $"call {call.Chain} {call.Target} {call.ValueWei} {Hex.Format(call.Data.AsSpan())}\n";
        }
        return Keccak256.Hash(text);
    }

    [GeneratedRegex("\"\\{\\{[a-z_]+\\}\\}\"")]
    private static partial Regex Quoted();

    [GeneratedRegex("\\{\\{[a-z_]+\\}\\}")]
    private static partial Regex Lists();
}
