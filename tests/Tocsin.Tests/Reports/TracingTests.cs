using Tocsin.Chains;
using Tocsin.Incidents;
using Tocsin.Reports;
using static Tocsin.Tests.Incidents.Story;

namespace Tocsin.Tests.Reports;

public sealed class TracingTests
{
    private static readonly ChainId Chain = new(31337);

    [Fact]
    public void The_last_word_on_an_address_counts_and_each_stands_in_the_log()
    {
        var incident = Fold();
        incident = Done(incident, Marked(AddressStatus.Attacker, "it took the loan"));
        incident = Done(incident, Marked(AddressStatus.Attacker, "elsewhere") with { Chain = new ChainId(1) });
        incident = Done(incident, Marked(AddressStatus.Cleared, "it is an exchange"));

        Assert.Equal(
            [(Chain, AddressStatus.Cleared), (new ChainId(1), AddressStatus.Attacker)],
            incident.Records.Addresses.Select(one => (one.Chain, one.Status)));
        Assert.Equal("Ben Engineer", incident.Records.Addresses[0].By);
    }

    [Fact]
    public void Records_go_on_after_the_end_and_move_no_incident()
    {
        var resolved = Fold((60, new IncidentEvent.Resolved(First, "ada", "over")));

        var after = Done(resolved, Moved);

        Assert.Equal(500.25m, Assert.Single(after.Records.Funds).Units);
        Assert.Equal(resolved.Phase, after.Phase);
        Assert.Equal(resolved.Attackers, after.Attackers);
    }

    [Theory]
    [InlineData("eve", "DEMO", 1, "why", "no person 'eve'")]
    [InlineData("ben", " ", 1, "why", "name the asset")]
    [InlineData("ben", "  a name that begins beyond all of the characters it may have", 1, "why", "name the asset")]
    [InlineData("ben", "DEMO", 0, "why", "above zero")]
    [InlineData("ben", "DEMO", -1, "why", "above zero")]
    public void What_cannot_be_recorded_is_refused_in_words(
        string by, string asset, int units, string words, string refusal) => Assert.Contains(
            refusal,
            Tracing.Record(Fold(), Plan, Moved with { By = by, Asset = asset, Units = units, Words = words }).Refusal,
            StringComparison.Ordinal);

    [Fact]
    public void A_status_that_is_none_is_refused() => Assert.Contains(
        "no such status", Tracing.Record(Fold(), Plan, Marked((AddressStatus)99, "?")).Refusal,
        StringComparison.Ordinal);

    [Fact]
    public void To_mark_an_address_anew_for_ever_is_refused()
    {
        var full = Fold();
        full = full with { Records = full.Records with { Made = Tracing.MaximumRecords - 1 } };

        var after = Done(full, Marked(AddressStatus.Attacker, "once more"));

        Assert.Contains(
            "takes no more", Tracing.Record(after, Plan, Marked(AddressStatus.Cleared, "again")).Refusal,
            StringComparison.Ordinal);
    }

    [Fact]
    public void What_is_merged_takes_no_records()
    {
        var merged = Fold((60, new CommandEvent.MergedInto(First, new IncidentId(2), "Ada Commander", "one")));

        Assert.Equal("INC-1 goes on in INC-2", Tracing.Record(merged, Plan, Moved).Refusal);
    }

    private static RecordEvent.AddressMarked Marked(AddressStatus status, string words) =>
        new(First, Chain, Attacker, status, words, "ben");

    private static RecordEvent.FundsMoved Moved { get; } = new(
        First, Chain, Attacker, OtherAttacker, Hash(9), "DEMO", 500.25m, FundsKind.Passed, FundsRecovery.Open, "",
        "ben");

    private static Incident Done(Incident incident, RecordEvent record)
    {
        var ruling = Tracing.Record(incident, Plan, record);
        Assert.Null(ruling.Refusal);
        return ruling.Events.Aggregate(incident, (folded, happened) => folded.Apply(happened, At(100)));
    }
}
