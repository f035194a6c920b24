using Tocsin.BreakGlass;
using Tocsin.Incidents;
using Tocsin.Tests.Plans;
using static Tocsin.Tests.Incidents.Story;

namespace Tocsin.Tests.BreakGlass;

public sealed class DecisionSheetTests
{
    [Fact]
    public void Nobody_waits_for_a_wallet_that_was_revoked()
    {
        var asked = Asked();

        Assert.StartsWith(
            "commander: WAITING for Cem Deputy (",
            DecisionSheet.Places(MinimalPlan.Plan, asked, [MinimalPlan.Commander.Address]).First(),
            StringComparison.Ordinal);
        Assert.Contains(
            "WAITING for nobody",
            DecisionSheet.Places(
                MinimalPlan.Plan, asked, [MinimalPlan.Commander.Address, MinimalPlan.Deputy.Address]).First(),
            StringComparison.Ordinal);
    }

    [Fact]
    public void An_approval_of_a_wallet_that_was_revoked_since_is_said_not_to_count()
    {
        var approved = Asked(MinimalPlan.Commander);

        var places = DecisionSheet.Places(MinimalPlan.Plan, approved, [MinimalPlan.Commander.Address]).ToList();

        Assert.Contains("Ada Commander", places[0], StringComparison.Ordinal);
        Assert.Contains("REVOKED", places[0], StringComparison.Ordinal);
    }

    [Fact]
    public void Approvers_see_before_they_sign_what_is_paused_already_and_when_it_is_taken_by_itself()
    {
        var plan = Autonomy.Scene.Plan("narrow");
        var standing = new Dictionary<int, DateTimeOffset> { [0] = At(3_600) };

        var lines = DecisionSheet.Lines(plan.Action("pause-all")!, plan, Asked(), [], standing).ToList();

        Assert.Contains("    market is PAUSED ALREADY, until 2026-03-01 13:00:00 UTC", lines);
        Assert.Contains(lines, line => line.StartsWith("  MAY BE TAKEN BY ITSELF", StringComparison.Ordinal));
        Assert.DoesNotContain(
            DecisionSheet.Lines(plan.Action("pause-all")!, plan, Asked(), []),
            line => line.Contains("ALREADY", StringComparison.Ordinal));
    }

    private static DecisionProgress Asked(params Tocsin.Evm.PrivateKey[] approvers)
    {
        var book = Whole.Take(3).Aggregate(
            IncidentBook.Empty, (known, happened) => known.Apply(happened.Event, At(happened.At)));
        book = book.Apply(Proposed(), At(60));
        foreach (var approver in approvers)
            book = book.Apply(WrittenJournal.Approved(approver), At(60));
        return book[First]!.Decision!;
    }
}
