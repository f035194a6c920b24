using Tocsin.Communications;
using Tocsin.Incidents;
using static Tocsin.Tests.Incidents.Story;

namespace Tocsin.Tests.Communications;

public sealed class ClaimsTests
{
    private static readonly Incident Contained =
        Fold(Until<IncidentEvent.ImpactAssessed>())[First]! with { Outflows = [] };

    [Theory]
    [InlineData("All user funds are safe.")]
    [InlineData("Funds are SAFU")]
    [InlineData("FUNDS ARE\u00a0SAFE")]
    [InlineData("Your fund\u00ads are safe")]
    [InlineData("We confirm that deposits remain completely secure.")]
    [InlineData("\uff26unds are \uff53\uff41\uff46\uff45")]
    [InlineData("Funds are \ufb01ne")]
    [InlineData("No user funds were lost")]
    [InlineData("no funds at risk")]
    [InlineData("There were no losses.")]
    [InlineData("Nothing has been stolen")]
    [InlineData("The protocol was not hacked")]
    [InlineData("Our vaults weren't compromised.")]
    [InlineData("dUSD stays fully backed")]
    [InlineData("nobody lost money")]
    public void A_claim_that_nothing_is_lost_is_refused_before_it_is_known(string text) =>
        Assert.Contains("the incident is not contained", Claims.WhyNot(text, Fold())!, StringComparison.Ordinal);

    [Theory]
    [InlineData("We are looking into it. The next word comes at 14:00 UTC.")]
    [InlineData("Deposits are paused; repayments are open.")]
    [InlineData("The casino funds at risk are counted.")]
    [InlineData("Do not use any page but our own: safe links are on our status page.")]
    [InlineData("About 125,000 USD were taken.")]
    [InlineData("We do not know yet what was lost.")]
    public void What_claims_nothing_goes_out(string text) => Assert.Null(Claims.WhyNot(text, Fold()));

    [Fact]
    public void A_claim_needs_an_assessed_impact_beside_the_containment()
    {
        Assert.NotNull(Contained.Contained);
        Assert.Contains("not assessed", Claims.WhyNot("funds are safe", Contained)!, StringComparison.Ordinal);
        Assert.Null(Claims.WhyNot("funds are safe", With(taken: 0)));
        Assert.Contains("7 USD were taken", Claims.WhyNot("funds are safe", With(taken: 7))!, StringComparison.Ordinal);
    }

    [Fact]
    public void What_left_after_the_assessment_ends_the_claim()
    {
        var leaving = With(taken: 0).Apply(
            new IncidentEvent.OutflowSeen(First, Block(200), Hash(9), "vault", "dUSD", 5m), At(3000));

        Assert.NotNull(Claims.WhyNot("funds are safe", leaving));
    }

    private static Incident With(decimal taken) => Contained.Apply(
        new IncidentEvent.ImpactAssessed(First, new Impact(taken, 100, 0, 0, Block(200), "balances")), At(2000))
    with
    {
        Outflows = [],
    };
}
