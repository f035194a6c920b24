using Tocsin.Channels;
using Tocsin.Delivery;
using Tocsin.Findings;
using Tocsin.Tests.Plans;
using static Tocsin.Tests.Incidents.Story;

namespace Tocsin.Tests.Delivery;

public sealed class PaceTests
{
    private readonly Pace pace = new(() => MinimalPlan.Plan);

    [Fact]
    public void Small_alerts_wait_for_the_end_of_the_grouping_time_and_others_do_not()
    {
        var room = new Channel("war-room");
        Assert.Null(pace.HeldUntil(room, Severity.Minor, Noon));
        pace.Told(room, Severity.Minor, Noon);
        Assert.Equal(Noon + Grouping.Time, pace.HeldUntil(room, Severity.Elevated, At(1)));
        Assert.Null(pace.HeldUntil(room, Severity.High, At(1)));
        Assert.Null(pace.HeldUntil(new Channel("spare-room"), Severity.Minor, At(1)));
        Assert.Null(pace.HeldUntil(room, Severity.Minor, Noon + Grouping.Time));
    }

    [Fact]
    public void A_clock_that_is_set_back_holds_nothing()
    {
        pace.Told(new Channel("war-room"), Severity.Minor, At(3600));
        Assert.Null(pace.HeldUntil(new Channel("war-room"), Severity.Minor, Noon));
    }

    [Fact]
    public void What_a_machine_reads_waits_for_nothing()
    {
        var hook = new Channel("war-room") { TakesSeveral = false };
        pace.Told(hook, Severity.Minor, Noon);
        Assert.Null(pace.HeldUntil(hook, Severity.Minor, Noon));
    }

    [Fact]
    public void One_person_takes_so_many_small_messages_an_hour_and_every_page()
    {
        var pager = new Channel("ada-pager");
        for (var told = 0; told < Grouping.OfReader.Messages; told++)
        {
            Assert.Null(pace.HeldUntil(pager, Severity.Minor, At(told * 60)));
            pace.Told(pager, Severity.Minor, At(told * 60));
        }
        Assert.Equal(At(3600), pace.HeldUntil(pager, Severity.Minor, At(1800)));
        Assert.Null(pace.HeldUntil(pager, Severity.Critical, At(1800)));
        Assert.Null(pace.HeldUntil(pager, Severity.High, At(1800)));
        Assert.Null(pace.HeldUntil(new Channel("ben-pager"), Severity.Minor, At(1800)));
    }

    [Fact]
    public void Channels_that_ring_one_phone_share_what_it_takes()
    {
        var (text, call) = (new Channel("duty-text") { Phone = "+15550100" }, new Channel("duty-call")
        {
            Phone = "+15550100",
        });
        for (var told = 0; told < Grouping.OfReader.Messages; told++)
            pace.Told(text, Severity.High, At(told));
        Assert.Equal(At(3600), pace.HeldUntil(call, Severity.Minor, At(100)));
        Assert.Null(pace.HeldUntil(call, Severity.High, At(100)));
        Assert.Null(pace.HeldUntil(new Channel("other") { Phone = "+15550101" }, Severity.Minor, At(100)));
    }

    private sealed class Channel(string name) : IChannel
    {
        public string Name => name;

        public bool TakesSeveral { get; init; } = true;

        public string? Phone { get; init; }

        public Task<DeliveryResult> DeliverAsync(Message message, CancellationToken ct) =>
            throw new InvalidOperationException("nothing is sent here");
    }
}
