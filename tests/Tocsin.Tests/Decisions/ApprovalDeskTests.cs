using Tocsin.Communications;
using Tocsin.Decisions;
using Tocsin.Evm;
using Tocsin.Incidents;
using Tocsin.Recording;
using Tocsin.Tests.Plans;
using Tocsin.Tests.Signing;
using Tocsin.Tests.Storage;
using static Tocsin.Tests.Incidents.Story;

namespace Tocsin.Tests.Decisions;

public sealed class ApprovalDeskTests : IDisposable
{
    private readonly StoreFolder folder = new();
    private readonly Logbook logbook;

    public ApprovalDeskTests()
    {
        var page = new Uri("https://tocsin.example/");
        var links = new Links(_ => page, (_, _, _) => page, page);
        logbook = new Logbook(folder.Open(), links, new FixedTime(At(30)));
        logbook.Adopt(MinimalPlan.Read());
        logbook.Record((_, _) => [Whole[1].Event, Whole[2].Event]);
        logbook.Record((_, _) => [Proposed()]);
    }

    private DecisionProgress Progress => logbook.Book[First]!.Decision!;

    public void Dispose()
    {
        logbook.Dispose();
        folder.Dispose();
    }

    [Fact]
    public void The_last_place_that_is_filled_takes_the_decision()
    {
        Assert.Null(Submit(MinimalPlan.Commander).Refusal);
        Assert.Null(Progress.TakenAt);
        Assert.Null(Submit(MinimalPlan.Engineer).Refusal);

        Assert.Equal(At(30), Progress.TakenAt);
    }

    [Fact]
    public void A_hundred_refusals_are_kept_and_the_next_is_refused_without_a_trace()
    {
        for (var i = 0; i < 100; i++)
            Assert.Equal(ApprovalRefusal.NotAnApprover, Submit(MinimalPlan.Stranger).Refusal);
        Assert.Equal(100, Progress.Refused.Count);
        var head = logbook.Head;

        Assert.Equal(ApprovalRefusal.NotAnApprover, Submit(MinimalPlan.Stranger).Refusal);
        Assert.Equal(head, logbook.Head);

        Assert.Null(Submit(MinimalPlan.Commander).Refusal);
        Assert.Equal([MinimalPlan.Commander.Address], Progress.Approvers);
    }

    [Fact]
    public void A_new_decision_keeps_its_own_refusals()
    {
        for (var i = 0; i < 101; i++)
            Submit(MinimalPlan.Stranger);

        logbook.Record((_, _) => [Proposed(Decision with { ExpiresAt = At(3600) })]);
        Submit(MinimalPlan.Stranger);

        Assert.Single(Progress.Refused);
    }

    private ApprovalOutcome Submit(PrivateKey approver) => new ApprovalDesk(logbook).Submit(First,
        new SubmittedApproval(approver.Sign(DecisionTypedData.Of(Progress.Decision).Digest()).ToHex()));
}
