using Tocsin.Evm.Inputs;
using Tocsin.Findings;

namespace Tocsin.Tests.Monitoring;

/// <summary>Feeds, keepers and front ends.</summary>
public sealed class OutsideTests
{
    // Whatever is not in question is heard every half minute.
    private readonly Vigil vigil = new(Vigil.Watch);

    [Fact]
    public void A_feed_that_is_one_of_several_is_elevated_and_the_last_one_high()
    {
        vigil.Head(0);

        var one = Only(vigil.WaitUntil(60));
        var both = vigil.WaitUntil(180).Where(finding => finding.Subject == "price of GEM").ToList();

        Assert.Equal((Severity.Elevated, "price of GEM"), (one.Severity, one.Subject));
        Assert.Equal("Feed 'one' has no price of GEM younger than 1 min (limit 1 min). Other feeds of it remain; fewer "
            + "are left to contradict a wrong one.", one.Reason);
        Assert.Equal([(2, Severity.High), (1, Severity.High)], both.Select(f => (f.Revision, f.Severity)));
        Assert.Equal(one.Id, both[0].Id);
        Assert.Contains("No other feed of it is left", both[1].Reason);
    }

    [Fact]
    public void The_only_feed_of_an_asset_is_high_at_once_and_over_with_its_next_price()
    {
        Keep(0, 300);

        var lone = Assert.Single(vigil.Findings, finding => finding.Subject == "price of USDC");
        var over = Only(vigil.Take(Tick(310, "lone")));

        Assert.Equal(Severity.High, lone.Severity);
        Assert.Equal((FindingStatus.Over, lone.Id), (over.Status, over.Id));
        Assert.Equal("Over after 10 s. A price came after 5 min 10 s without a fresh one.", over.Reason);
    }

    [Fact]
    public void A_price_that_was_made_long_ago_is_stale_however_fresh_it_arrives()
    {
        vigil.Take(Tick(0, "lone"), Tick(1, "one"), Tick(1, "two"));

        var stale = Only(vigil.Take(new Arrival.Tick(Vigil.At(10), "lone", "USDC", 1m, Vigil.At(-290))));

        Assert.Equal("price of USDC", stale.Subject);
        Assert.Empty(vigil.Take(new Arrival.Tick(Vigil.At(11), "lone", "USDC", 1m, Vigil.At(-295))));
        Assert.Equal(FindingStatus.Over, Only(vigil.Take(
            new Arrival.Tick(Vigil.At(12), "lone", "USDC", 1m, Vigil.At(2_000)))).Status);
    }

    [Fact]
    public void A_feed_that_fails_three_times_in_a_row_is_told_with_the_cause()
    {
        vigil.Take(Tick(0, "lone"), Failed(1, "lone"), Failed(2, "lone"), Tick(3, "lone"));
        vigil.Take(Failed(4, "lone"), Failed(5, "lone"));

        var failing = Only(vigil.Take(Failed(6, "lone")));

        Assert.StartsWith("Feed 'lone' failed 3 times in a row (limit 3) to give a price of USDC; it failed at last "
            + "because: not a price", failing.Reason);
        Assert.Empty(vigil.Take(Failed(7, "lone")));
        Assert.Equal(FindingStatus.Over, Only(vigil.Take(Tick(8, "lone"))).Status);
    }

    [Fact]
    public void What_nobody_declared_is_not_listened_to()
    {
        vigil.Take(Tick(0, "other"), Failed(1, "other"), new Arrival.Beat(Vigil.At(2), "nobody"));

        Assert.Empty(vigil.Take(
            new Arrival.FrontEndSeen(Vigil.At(3), "other", "content", "a", "a"),
            new Arrival.FrontEndSeen(Vigil.At(4), "other", "content", "b", "b")));
    }

    [Fact]
    public void A_keeper_that_misses_its_promise_is_told_after_its_grace()
    {
        Keep(0, 600, Beat(100));

        Keep(600, 699);
        Assert.DoesNotContain(vigil.Findings, finding => finding.Threat == Threat.MissedHeartbeat);
        Keep(700, 700);
        var missed = Assert.Single(vigil.Findings, finding => finding.Threat == Threat.MissedHeartbeat);
        var over = Only(vigil.Take(Beat(730)));

        Assert.Equal(
            (Severity.High, "heartbeat keeper", Vigil.At(700)), (missed.Severity, missed.Subject, missed.Time));
        Assert.StartsWith("'keeper' gave no sign of life for 10 min (it promised one every 5 min, with 5 min of grace)",
            missed.Reason);
        Assert.Equal((FindingStatus.Over, missed.Id), (over.Status, over.Id));
    }

    [Theory]
    [InlineData(FrontEndAspects.Content, Severity.High)]
    [InlineData(FrontEndAspects.Certificate, Severity.High)]
    [InlineData(FrontEndAspects.Addresses, Severity.Elevated)]
    public void The_first_sight_of_a_page_is_what_later_ones_are_compared_with(string aspect, Severity severity)
    {
        Assert.Empty(vigil.Seen(0, aspect, "a", "what it was"));
        Assert.Empty(vigil.Seen(10, aspect, "a", "what it was"));

        var changed = Only(vigil.Seen(20, aspect, "b", "what it is"));
        Assert.Empty(vigil.Seen(30, aspect, "b", "what it is"));
        var over = Only(vigil.Seen(40, aspect, "a", "what it was"));

        Assert.Equal((Threat.FrontEndChange, severity, "front end app"), (changed.Threat, changed.Severity,
            changed.Subject));
        Assert.Contains("'app' changed: what it is (before: what it was).", changed.Reason);
        Assert.Equal((FindingStatus.Over, "Over after 20 s. It is again what it was."), (over.Status, over.Reason));
    }

    [Fact]
    public void A_change_that_stays_for_an_hour_is_what_later_ones_are_compared_with()
    {
        Keep(0, 0);
        vigil.Seen(0, FrontEndAspects.Content, "a");
        var first = Only(vigil.Seen(10, FrontEndAspects.Content, "b"));
        Keep(30, 3_609);
        Assert.DoesNotContain(vigil.Findings, f => f.Id == first.Id && f.Status == FindingStatus.Over);
        Keep(3_610, 3_610);
        Assert.Contains(vigil.Findings, f => f.Id == first.Id && f.Status == FindingStatus.Over);

        var second = Only(vigil.Seen(3_615, FrontEndAspects.Content, "a"));

        Assert.NotEqual(first.Id, second.Id);
        Assert.Equal(FindingStatus.Seen, second.Status);
    }

    [Fact]
    public void A_page_that_is_another_one_at_every_look_is_told_ever_more_seldom()
    {
        Keep(0, 0);
        var told = Enumerable.Range(0, 1_000)
            .SelectMany(look => vigil.Seen(look / 100.0, FrontEndAspects.Content, $"nonce {look}"))
            .ToList();

        Assert.Equal(10, told.Count);
        Assert.Single(told.Select(finding => finding.Id).Distinct());
        Assert.Contains("changed 512 times", told[^1].Reason);
    }

    [Fact]
    public void A_page_that_does_not_answer_is_unreachable_though_its_name_still_has_addresses()
    {
        Keep(0, 0);
        for (var at = 30; at < 600; at += 30)
        {
            vigil.Seen(at, FrontEndAspects.Reachable, FrontEndAspects.No);
            vigil.Seen(at, FrontEndAspects.Addresses, "1.2.3.4");
        }
        Assert.DoesNotContain(vigil.Findings, finding => finding.Threat == Threat.FrontEndChange);

        var down = Assert.Single(
            vigil.Seen(600, FrontEndAspects.Reachable, FrontEndAspects.No), f => f.Threat == Threat.FrontEndChange);
        var over = Only(vigil.Seen(620, FrontEndAspects.Reachable, "yes"));

        Assert.Equal(Severity.Elevated, down.Severity);
        Assert.Equal((FindingStatus.Over, down.Id), (over.Status, over.Id));
    }

    [Fact]
    public void Nobody_looking_at_a_page_is_told_as_well()
    {
        vigil.Take(new Arrival.Began(Vigil.At(0)));

        Assert.Contains(vigil.WaitUntil(600), finding => finding.Subject == "front end app");
    }

    [Fact]
    public void A_transaction_that_is_read_late_is_no_sign_of_life_of_now()
    {
        vigil.Take(Beat(0));

        // Caught up with within a moment: a day of blocks, up to one of half an hour ago.
        var findings = new List<Finding>();
        for (var age = 86_400; age >= 1_800; age -= 600)
            findings.AddRange(vigil.Take(Acted(10_000, 10_000 - age)));

        Assert.Contains(vigil.Findings, finding => finding is
        { Threat: Threat.MissedHeartbeat, Status: FindingStatus.Seen });
        Assert.DoesNotContain(findings, finding => finding is
        { Threat: Threat.MissedHeartbeat, Status: FindingStatus.Over });
        Assert.Contains(vigil.Take(Acted(10_001, 10_000)), finding => finding is
        { Threat: Threat.MissedHeartbeat, Status: FindingStatus.Over });
    }

    [Fact]
    public void Of_two_signs_of_life_the_later_one_counts_whichever_is_heard_first()
    {
        vigil.Take(Beat(0), Beat(300), Acted(301, -86_400));

        Assert.DoesNotContain(vigil.Findings, finding => finding.Threat == Threat.MissedHeartbeat);
    }

    private static Arrival.Acted Acted(double at, double blockTime) =>
        new(Vigil.At(at), "keeper", Vigil.At(blockTime));

    private static Finding Only(IReadOnlyList<Finding> findings) => Assert.Single(findings);

    private static Arrival.Tick Tick(double at, string feed) => new(Vigil.At(at), feed, "GEM", 10m, null);

    private static Arrival.FeedFailed Failed(double at, string feed) => new(Vigil.At(at), feed, "not a price\n{}");

    private static Arrival.Beat Beat(double at) => new(Vigil.At(at), "keeper");

    /// <summary>Heads, the feeds of GEM and sights of the page every half minute; nothing else.</summary>
    private void Keep(int from, int to, params Arrival[] others)
    {
        for (var at = from; at <= to; at++)
        {
            foreach (var other in others.Where(other => other.ArrivedAt == Vigil.At(at)))
                vigil.Take(other);
            vigil.WaitUntil(at);
            if (at % 30 != 0)
                continue;
            vigil.Head(at);
            vigil.Take(Tick(at, "one"), Tick(at, "two"));
            vigil.Seen(at, FrontEndAspects.Reachable, "yes");
        }
    }
}
