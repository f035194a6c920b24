using System.Text.Json.Nodes;
using Tocsin.Communications;
using Tocsin.Findings;
using Tocsin.Incidents;
using Tocsin.Tests.Callbacks;
using Tocsin.Tests.Incidents;

namespace Tocsin.Tests.Delivery;

/// <summary>The room of an incident in Slack, from its beginning to its end, kept by the real server.</summary>
public sealed class RoomKeeperTests
{
    private const string Rooms = ", rooms: yes";

    private static readonly IncidentId First = new(1);

    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    [Fact]
    public async Task An_incident_gets_a_room_with_those_who_are_called_and_the_way_to_its_page()
    {
        await using var town = await CallbackTown.StartAsync(slackSettings: Rooms);

        await town.Night.UntilAsync(book => RoomOf(book) is { Invited: ["Ada Commander", ..] });

        var room = Assert.Single(town.Slack.Rooms, room => room.Name == "exercise-inc-1");
        Assert.Contains("U0ADA00001", room.Members);
        var said = Assert.Single(room.Shown.Values).GetProperty("blocks").GetRawText();
        Assert.Contains("https://tocsin.example.org/incidents/INC-1", said, StringComparison.Ordinal);
        Assert.DoesNotContain("answer-informed", said, StringComparison.Ordinal);
        var page = await town.Night.Http.GetStringAsync("/incidents/INC-1", Cancelled);
        Assert.Contains($"https://slack.com/app_redirect?channel={room.Id}", page, StringComparison.Ordinal);
        var told = JsonNode.Parse(await town.Night.Http.GetStringAsync("/api/incidents/INC-1", Cancelled))!;
        Assert.Equal(room.Id, told["rooms"]!["all"]![0]!["id"]!.GetValue<string>());
    }

    [Fact]
    public async Task In_a_Slack_that_is_not_trusted_no_room_is_made()
    {
        await using var town = await CallbackTown.StartAsync(isOpen: false, slackSettings: Rooms);
        await town.DistrustAsync("war-room");

        await town.OpenAsync();
        await town.Night.UntilAsync(book =>
            book[First]!.Deliveries.Any(one => one is { Channel: "spare-room", Failure: null }));

        Assert.DoesNotContain(
            town.Slack.Calls, call => call.Method.StartsWith("conversations", StringComparison.Ordinal));
        Assert.Empty(town.Incident.Rooms.All);
    }

    [Fact]
    public async Task A_room_is_closed_when_the_incident_was_none()
    {
        await using var town = await CallbackTown.StartAsync(slackSettings: Rooms);
        await town.Night.UntilAsync(book => RoomOf(book) is not null);

        Assert.Null(await town.Night.PostAsync(
            "/api/incidents/INC-1/false-alarm", new JsonObject { ["by"] = "ada", ["reason"] = "our own rebalancing" }));

        await town.Night.UntilAsync(book => RoomOf(book)?.ClosedAt is not null);
        Assert.True(town.Slack.Rooms[^1].IsArchived);
    }

    [Fact]
    public async Task After_a_restart_no_second_room_is_made_and_nobody_is_invited_twice()
    {
        await using var town = await CallbackTown.StartAsync(slackSettings: Rooms);
        await town.Night.UntilAsync(book => RoomOf(book) is { Invited: ["Ada Commander", "Ben Engineer"] });
        var before = town.Slack.Calls.Count(call => call.Method.StartsWith("conversations", StringComparison.Ordinal));

        await town.Night.StopServerAsync();
        await town.Night.StartServerAsync();
        // What is owed is done with what comes next at the latest.
        Assert.Null(await town.Night.PostAsync(
            "/api/incidents/INC-1/false-alarm", new JsonObject { ["by"] = "ada", ["reason"] = "our own rebalancing" }));
        await town.Night.UntilAsync(book => RoomOf(book)?.ClosedAt is not null);

        Assert.Equal(
            before + 1,
            town.Slack.Calls.Count(call => call.Method.StartsWith("conversations", StringComparison.Ordinal)));
    }

    [Fact]
    public async Task A_room_whose_making_was_not_recorded_is_found_again()
    {
        await using var town = await CallbackTown.StartAsync(isOpen: false, slackSettings: Rooms);
        // Made by an attempt whose answer was lost.
        town.Slack.Add("exercise-inc-1", town.Night.Now);

        await town.OpenAsync();
        await town.Night.UntilAsync(book => RoomOf(book) is not null);

        Assert.Equal(town.Slack.Rooms[2].Id, town.Incident.Rooms.All[0].Id);
        Assert.Equal(3, town.Slack.Rooms.Count);
    }

    [Fact]
    public async Task A_room_of_the_past_is_left_to_the_past()
    {
        await using var town = await CallbackTown.StartAsync(isOpen: false, slackSettings: Rooms);
        town.Slack.Add("exercise-inc-1", town.Night.Now.AddDays(-1));

        await town.OpenAsync();
        await town.Night.UntilAsync(book => RoomOf(book) is not null);

        Assert.Equal("exercise-inc-1-2", town.Slack.Rooms[^1].Name);
        Assert.Equal(town.Slack.Rooms[^1].Id, town.Incident.Rooms.All[0].Id);
    }

    [Fact]
    public async Task Without_being_asked_to_no_room_is_made()
    {
        await using var town = await CallbackTown.StartAsync();

        Assert.Equal(2, town.Slack.Rooms.Count);
    }

    [Theory]
    [InlineData(Severity.Critical, "open")]
    [InlineData(Severity.High, "open")]
    [InlineData(Severity.Elevated, "")]
    public void A_room_is_due_from_severity_2_on(Severity severity, string expected)
    {
        var incident = Story.Fold() with { Severity = severity };

        Assert.Equal(expected, Due(incident));
    }

    [Fact]
    public void A_room_is_due_once_and_closed_after_the_review()
    {
        var open = new RoomEvent.Made(First, "war-room", "C1", new Uri("https://slack.example/C1"));
        var incident = Story.Fold((20, open));

        Assert.Equal("", Due(incident));
        var resolved = Story.Fold((20, open), (30, new IncidentEvent.Resolved(First, "Ada Commander", "over")));
        Assert.Equal("", Due(resolved));
        var reviewed = resolved.Apply(
            new CommandEvent.PhaseReached(First, IncidentPhase.Reviewed, "Ada Commander", "looked"), Story.At(40));
        Assert.Equal("close C1", Due(reviewed));
        Assert.Equal("", Due(reviewed.Apply(new RoomEvent.Closed(First, "war-room", "C1"), Story.At(50))));
    }

    private static string Due(Incident incident) => string.Join(
        ", ", RoomsDue.Of(incident, Story.Plan, "war-room", _ => true).Select(duty => duty switch
        {
            RoomDuty.Open => "open",
            RoomDuty.Invite invite => $"invite {invite.Person}",
            RoomDuty.Close close => $"close {close.Room.Id}",
            _ => "?",
        }));

    private static Room? RoomOf(IncidentBook book) => book[First]?.Rooms.All.LastOrDefault();
}
