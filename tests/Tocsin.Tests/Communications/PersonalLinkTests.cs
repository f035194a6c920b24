using Tocsin.Communications;
using Tocsin.Incidents;
using Tocsin.Plans;
using Tocsin.Tests.Incidents;

namespace Tocsin.Tests.Communications;

/// <summary>Whoever holds a personal link is that person: who is sent one.</summary>
public sealed class PersonalLinkTests
{
    private static readonly Plan Usual = Story.Plan;

    private static readonly Links Addresses = new(
        incident => new Uri($"https://tocsin.example/incidents/{incident}"),
        (incident, person, _) => new Uri($"https://tocsin.example/acknowledge/{incident}-{person}"),
        new Uri("https://tocsin.example/channels"));

    [Fact]
    public void A_way_of_one_person_carries_their_link() =>
        Assert.Equal("https://tocsin.example/acknowledge/INC-1-ada", LinkOn("ada-pager", Usual));

    [Fact]
    public void A_way_of_two_people_carries_none() => Assert.Null(LinkOn("ada-pager", Usual with
    {
        People = [Usual.People[0], Usual.People[1] with { Ways = ["ada-pager"] }, .. Usual.People.Skip(2)],
    }));

    [Fact]
    public void A_way_on_which_one_who_is_revoked_listens_carries_none() => Assert.Null(LinkOn("ada-pager", Usual with
    {
        People = [Usual.People[0], .. Usual.People.Skip(2)],
        Struck = [Usual.People[1] with { Ways = ["ada-pager"] }],
    }));

    [Fact]
    public void A_way_that_tells_many_carries_none() => Assert.Null(LinkOn("ada-pager", Usual with
    {
        Communications = [.. Usual.Communications.Select(one => one with { Backup = "ada-pager" })],
    }));

    private static string? LinkOn(string channel, Plan plan)
    {
        var opened = Story.Whole.Select(step => step.Event).OfType<IncidentEvent.Opened>().First();
        var incident = Story.Fold();
        var told = Announcements.Of(opened, incident, incident, plan).Single(one => one.Channel == channel);
        var alert = Announcements.Write(told, "key", incident, plan, Addresses, "1:0x", Story.At(0));
        return alert.Acknowledge?.AbsoluteUri;
    }
}
