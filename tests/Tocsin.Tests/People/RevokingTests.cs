using System.Text.Json;
using Tocsin.Api;
using Tocsin.Communications;
using Tocsin.Decisions;
using Tocsin.Evm;
using Tocsin.Incidents;
using Tocsin.Paging;
using Tocsin.People;
using Tocsin.Plans;
using Tocsin.Recording;
using Tocsin.Tests.Configuration;
using Tocsin.Tests.Plans;
using Tocsin.Tests.Signing;
using Tocsin.Tests.Storage;
using static Tocsin.Tests.Incidents.Story;

namespace Tocsin.Tests.People;

public sealed class RevokingTests : IDisposable
{
    private readonly StoreFolder folder = new();
    private readonly FixedTime time = new(At(30));
    private Logbook logbook;

    public RevokingTests() => logbook = Open();

    private Incident Incident => logbook.Book[First]!;

    private PeopleDesk Desk => new(logbook, exercise: false);

    public void Dispose()
    {
        logbook.Dispose();
        folder.Dispose();
    }

    [Fact]
    public void A_pending_approval_is_withdrawn_and_a_new_one_refused_also_after_a_restart()
    {
        Begin();
        Assert.Null(Approve(MinimalPlan.Commander));
        Assert.Null(Revoke("ada").Error);

        Assert.Empty(Incident.Decision!.Approvers);
        Assert.Equal(MinimalPlan.Commander.Address, Assert.Single(Incident.Decision!.Withdrawn).Signer);
        Assert.Equal(ApprovalRefusal.Revoked, Approve(MinimalPlan.Commander));
        Assert.Null(Approve(MinimalPlan.Engineer));
        Assert.Null(Incident.Decision!.TakenAt);

        Restart();
        Assert.Equal(ApprovalRefusal.Revoked, Approve(MinimalPlan.Commander));
        Assert.Null(Incident.Decision!.TakenAt);
        Assert.Null(Approve(MinimalPlan.Deputy));
        Assert.NotNull(Incident.Decision!.TakenAt);
    }

    [Fact]
    public void Nobody_is_restored_while_the_server_still_knows_their_old_token()
    {
        using var config = new ConfigurationFolder();
        using var installed = new Installed(
            config.Load("tokens: { ben-laptop: { person: ben, role: responder, token: env:BEN } }"));

        Assert.Contains(
            "still has the token 'ben-laptop'", installed.Restore(MinimalPlan.Read(), "ben", "ada", "new phone"),
            StringComparison.Ordinal);
    }

    [Fact]
    public void A_decision_that_was_taken_stays_taken_and_shows_by_whom()
    {
        Begin();
        Approve(MinimalPlan.Commander);
        Approve(MinimalPlan.Engineer);
        Revoke("ada");

        Assert.NotNull(Incident.Decision!.TakenAt);
        Assert.Equal(2, Incident.Decision!.Approvals.Count);
        var plan = logbook.PlanOf(Incident);
        Assert.DoesNotContain(null, plan.ApprovalRuleWithStruck(plan.Decisions[0]).Seat(Incident.Decision!.Approvers));
    }

    [Fact]
    public void A_word_that_is_to_ratify_after_the_end_goes_with_whoever_said_or_heard_it()
    {
        Begin();
        logbook.Record((_, _) =>
        [
            new LedgerEvent.ActedFirst(First, "1", "call-the-exchange", "Ben Engineer", "no time", At(14_500)),
            new LedgerEvent.ApprovalGiven(First, "1", "Cem Deputy", ["Ada Commander", "Ben Engineer"]),
            new IncidentEvent.Resolved(First, "Ben Engineer", "over"),
        ]);
        Assert.Single(Incident.Ledger.Entries[0].Approvals);

        Assert.Null(Revoke("ada").Error);

        Assert.Empty(Incident.Ledger.Entries[0].Approvals);
    }

    [Fact]
    public void Whoever_is_revoked_does_nothing_in_an_incident_and_leads_none()
    {
        Begin();
        Assert.Equal("Ada Commander (commander)", logbook.PlanOf(Incident).Lead());
        Revoke("ada");

        Assert.Equal("nobody named", logbook.PlanOf(Incident).Lead());
        Assert.NotNull(IncidentCommands.Answer(logbook, First, "ada", PageAnswer.Informed, "personal link"));
        Assert.NotNull(IncidentCommands.FinishStep(logbook, First, "look", "ada", "done"));
        Assert.NotNull(IncidentCommands.Resolve(logbook, First, "ada", "all is well"));
        Assert.Empty(Incident.Acknowledgements);
        Assert.Null(IncidentCommands.Answer(logbook, First, "ben", PageAnswer.Informed, "personal link"));
    }

    [Fact]
    public void The_others_are_told_and_nothing_more_goes_to_the_persons_own_way()
    {
        Begin();
        var told = Revoke("ada").Told;

        Assert.Equal([new Told("INC-1", "war-room", null), new Told("INC-1", "ben-pager", "ben")], told);
        var alerts = Alerts().Where(alert => alert.Reason == AlertReason.Revoked).ToList();
        Assert.Equal(2, alerts.Count);
        Assert.All(alerts, alert => Assert.Contains("Ada Commander IS REVOKED", alert.Title, StringComparison.Ordinal));
        Assert.True(logbook.InForce!.IsHeardByStruckAlone("ada-pager"));
        Assert.False(logbook.InForce!.IsHeardByStruckAlone("ben-pager"));
        Assert.False(logbook.InForce!.IsHeardByStruckAlone("war-room"));

        logbook.Record((_, _) => [new IncidentEvent.Resolved(First, "ben", "over")]);
        Assert.DoesNotContain("ada-pager", Items("resolved"));
        Assert.Contains("ben-pager", Items("resolved"));
    }

    [Fact]
    public void A_channel_that_the_person_shares_becomes_nobodys_own()
    {
        logbook.Adopt(MinimalPlan.With("ways: [ben-pager]", "ways: [ada-pager]"));
        Begin(logbook.InForce!);
        var report = Revoke("ada");

        Assert.Equal(["ada-pager"], report.SharedWays);
        Assert.Contains(new Told("INC-1", "ada-pager", null), report.Told);
    }

    [Fact]
    public void What_would_leave_a_decision_to_nobody_is_said_and_only_done_on_purpose()
    {
        Begin();
        var refused = Revoke("ben", by: "ada");

        Assert.True(refused.IsUnfillable);
        Assert.False(logbook.Book.Revocations.IsRevoked("ben"));
        Assert.All(refused.Decisions, decision => Assert.True(decision.BecameUnfillable));
        Assert.Equal([null, "INC-1"], refused.Decisions.Select(decision => decision.Incident));
        Assert.Equal(
            ["commander: Ada Commander or Cem Deputy", "engineer: nobody"], refused.Decisions[0].Places);

        Assert.Null(Revoke("ben", by: "ada", even: true).Error);
        Assert.True(logbook.Book.Revocations.IsRevoked("ben"));
        Assert.False(logbook.InForce!.ApprovalRule(logbook.InForce.Decisions[0]).IsMetBy(
            [MinimalPlan.Commander.Address, MinimalPlan.Deputy.Address, MinimalPlan.Engineer.Address]));
    }

    [Fact]
    public void What_remains_is_named_with_those_on_whom_it_hangs()
    {
        var decision = Assert.Single(Revoke("ada").Decisions);

        Assert.True(decision.CanBeTaken);
        Assert.Equal(["Cem Deputy", "Ben Engineer"], decision.Indispensable);
    }

    [Fact]
    public void Without_an_open_incident_one_of_severity_2_is_opened_where_the_plan_knows_of_it()
    {
        Assert.Empty(Revoke("ada").Told);
        Assert.Empty(logbook.Book.Incidents);

        logbook.Adopt(MinimalPlan.With("oracle-manipulation]", "oracle-manipulation, monitoring-impaired]"));
        Assert.Equal([new Told("INC-1", "war-room", null), new Told("INC-1", "ben-pager", "ben")], Revoke("dee").Told);
        Assert.Equal(Findings.Severity.High, Incident.Severity);
        Assert.Equal("Dee Auditor", Assert.Single(Incident.Struck).Name);
    }

    [Theory]
    [InlineData("eve", "ben", "why", "names no person 'eve'")]
    [InlineData("ada", "eve", "why", "names no person 'eve'")]
    [InlineData("ada", "ben", "", "a reason is needed")]
    [InlineData("dee", "ben", "why", "was revoked by Ben Engineer")]
    [InlineData("ada", "dee", "why", "'dee' is revoked")]
    public void A_revocation_is_refused_by_name(string person, string by, string reason, string refusal)
    {
        Assert.Null(Revoke("dee").Error);
        var head = logbook.Head;

        var error = Desk.Revoke(person, new SubmittedRevocation(by, reason)).Error;
        Assert.Contains(refusal, error, StringComparison.Ordinal);
        Assert.Equal(head, logbook.Head);
    }

    [Fact]
    public void Anyone_may_say_it_of_themselves() => Assert.Null(Revoke("ada", by: "ada").Error);

    [Fact]
    public void It_lists_what_the_person_had_done_with_the_calls_in_words()
    {
        Begin();
        IncidentCommands.Answer(logbook, First, "ada", PageAnswer.Informed, "personal link");
        IncidentCommands.FinishStep(logbook, First, "look", "ada", "seen");
        IncidentCommands.FinishStep(logbook, First, "decide", "ben", "asked");
        Approve(MinimalPlan.Commander);
        Approve(MinimalPlan.Engineer);
        logbook.Record((_, _) => [new IncidentEvent.CallSigned(First, Decision.Id, 0, 7, Hash(0x71), "0x02")]);

        var deeds = Revoke("ada").Deeds;

        Assert.Equal(3, deeds.Count);
        Assert.All(deeds, deed => Assert.Equal("INC-1", deed.Incident));
        var approval = Assert.Single(deeds, deed => deed.Decision is not null);
        Assert.Equal(Decision.Id, approval.Decision);
        Assert.Contains("which was taken", approval.What, StringComparison.Ordinal);
        Assert.Equal(2, approval.Calls.Count);
        Assert.Contains("pause", approval.Calls[0], StringComparison.Ordinal);
        Assert.StartsWith(Hash(0x71).ToString(), Assert.Single(approval.Transactions), StringComparison.Ordinal);
        Assert.Null(Desk.Review("eve"));
    }

    [Fact]
    public void Whoever_comes_back_has_another_wallet_and_the_old_one_and_its_links_stay_void()
    {
        Begin();
        Revoke("ada");
        time.Now = At(60);
        Assert.Contains("stays revoked", Desk.Restore("ada", "ben", "new phone"), StringComparison.Ordinal);
        Assert.Contains("not revoked", Desk.Restore("ben", "ada", "?"), StringComparison.Ordinal);

        var wallet = ChecksumAddress.Format(MinimalPlan.Stranger.Address);
        logbook.Adopt(MinimalPlan.With(ChecksumAddress.Format(MinimalPlan.Commander.Address), wallet));
        Assert.NotNull(Desk.Restore("ada", "ada", "it is me"));
        Assert.Null(Desk.Restore("ada", "ben", "new phone"));
        Restart();

        Assert.Equal("Ada Commander (commander)", logbook.InForce!.Lead());
        Assert.Equal(ApprovalRefusal.Revoked, Approve(MinimalPlan.Commander));
        Assert.True(logbook.Book.Revocations.IsVoid("ada", At(59)));
        Assert.False(logbook.Book.Revocations.IsVoid("ada", At(60)));
        Assert.False(logbook.Book.Revocations.IsVoid("ben", At(0)));
        var row = Desk.List().Single(row => row.Person == "ada");
        Assert.Equal((false, 2, At(60)), (row.Revoked, row.Wallets.Count, row.RestoredAt));
    }

    private RevocationReport Revoke(string person, string by = "ben", bool even = false) =>
        Desk.Revoke(person, new SubmittedRevocation(by, "key seen elsewhere", even));

    private ApprovalRefusal? Approve(PrivateKey approver)
    {
        var digest = DecisionTypedData.Of(Incident.Decision!.Decision).Digest();
        return new ApprovalDesk(logbook).Submit(First, new SubmittedApproval(approver.Sign(digest).ToHex())).Refusal;
    }

    private void Begin(Plan? plan = null)
    {
        var opened = Opened() with { Plan = (plan ?? MinimalPlan.Plan).ContentHash };
        logbook.Record((_, _) => [Whole[1].Event, opened]);
        logbook.Record((_, _) => [Proposed()]);
    }

    private Logbook Open()
    {
        var page = new Uri("https://tocsin.example/");
        var opened = new Logbook(folder.Open(), new Links(_ => page, (_, _, _) => page, page), time);
        if (opened.InForce is null)
            opened.Adopt(MinimalPlan.Read());
        return opened;
    }

    private void Restart()
    {
        logbook.Dispose();
        logbook = Open();
    }

    private List<Alert> Alerts()
    {
        logbook.Dispose();
        using var store = folder.Open();
        var alerts = store.UnsettledOutbox()
            .Select(item => JsonSerializer.Deserialize<Alert>(item.Item.Alert, EventJson.Options)!).ToList();
        store.Dispose();
        logbook = Open();
        return alerts;
    }

    private List<string> Items(string reason) =>
        [.. Alerts().Where(alert => alert.Reason.ToString().Equals(reason, StringComparison.OrdinalIgnoreCase))
            .Select(alert => alert.Key.Split('/')[^1])];
}
