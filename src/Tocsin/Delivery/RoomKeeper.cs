using Tocsin.Channels;
using Tocsin.Channels.Slack;
using Tocsin.Communications;
using Tocsin.Configuration;
using Tocsin.Findings;
using Tocsin.Incidents;
using Tocsin.Recording;

namespace Tocsin.Delivery;

/// <summary>
/// Keeps the rooms of incidents: does what <see cref="RoomsDue"/> says and records what came of it. A server that ends
/// between the two finds the room that it made by its name.
/// </summary>
internal sealed class RoomKeeper(
    IReadOnlyList<IChannel> channels, Logbook logbook, TocsinConfiguration configuration, TimeProvider time,
    ILogger<RoomKeeper> logger, Hush? hush = null) : BackgroundService
{
    private static readonly TimeSpan LookAgainAfter = TimeSpan.FromSeconds(10);

    // A person changes a scope or a name; meanwhile nothing is gained by asking.
    private static readonly TimeSpan AfterRefusal = TimeSpan.FromMinutes(10);

    protected override Task ExecuteAsync(CancellationToken stoppingToken) => Task.WhenAll(
        channels.OfType<SlackBot>().Where(bot => bot.HasRooms).Select(bot => KeepAsync(bot, stoppingToken)));

    private async Task KeepAsync(SlackBot bot, CancellationToken stoppingToken)
    {
        var lane = new Lane(bot);
        while (!stoppingToken.IsCancellationRequested)
        {
            var seen = logbook.Head.Sequence;
            try
            {
                foreach (var (incident, duty) in Due(bot).ToList())
                    if (!logbook.Book.Distrusts.IsDistrusted(bot.Name))
                        await TryAsync(lane, incident, duty, stoppingToken);
            }
            catch (Exception e) when (e is not OperationCanceledException)
            {
                logger.LogError(e, "the rooms of '{Channel}' are delayed", bot.Name);
            }
            using var either = CancellationTokenSource.CreateLinkedTokenSource(stoppingToken);
            await Task.WhenAny(
                time.UntilAsync(lane.Next(time.GetUtcNow()) ?? time.GetUtcNow() + LookAgainAfter, either.Token),
                logbook.ChangedSince(seen, either.Token));
            await either.CancelAsync();
        }
    }

    private IEnumerable<(Incident Incident, RoomDuty Duty)> Due(SlackBot bot) =>
        from incident in logbook.Book.Incidents.Values
        where incident.IsOpen || incident.Rooms.OpenIn(bot.Name) is not null
        from duty in RoomsDue.Of(incident, logbook.PlanOf(incident), bot.Name, SlackBot.IsAccount)
        select (incident, duty);

    private async Task TryAsync(Lane lane, Incident incident, RoomDuty duty, CancellationToken ct)
    {
        var name = Lane.NameOf(incident.Id, duty);
        if (lane.IsWaiting(name, time.GetUtcNow()))
            return;
        var result = duty switch
        {
            RoomDuty.Open => await OpenAsync(lane, incident, ct),
            RoomDuty.Invite invite => await lane.Bot.Rooms.InviteAsync(invite.Room.Id, invite.Account, ct),
            RoomDuty.Close close => await lane.Bot.Rooms.ArchiveAsync(close.Room.Id, ct),
            _ => throw new InvalidOperationException($"no room knows {duty.GetType().Name}"),
        };
        if (result is DeliveryResult.Delivered done)
        {
            lane.Done(name);
            Record(lane.Bot.Name, incident.Id, duty, done.Receipt);
            return;
        }
        var now = time.GetUtcNow();
        var hint = (result as DeliveryResult.RetryAfter)?.Hint;
        lane.Wait(name, attempts => result is DeliveryResult.Permanent
            ? now + AfterRefusal
            : RetrySchedule.Next(attempts, Severity.High, hint, now));
        logger.LogWarning(
            "{Duty} was not done: {Reason}", name, (hush?.Of(lane.Bot.Name, result) ?? result).Reason);
    }

    // What it is about is said before anybody is in it.
    private async Task<DeliveryResult> OpenAsync(Lane lane, Incident incident, CancellationToken ct)
    {
        if (!lane.Made.TryGetValue(incident.Id, out var room))
        {
            var made = await lane.Bot.Rooms.OpenAsync(incident.Id, incident.Exercise, incident.OpenedAt, ct);
            if (made is not DeliveryResult.Delivered { Receipt: { } id })
                return made is DeliveryResult.Delivered
                    ? new DeliveryResult.Unknown("the answer names no room")
                    : made;
            lane.Made[incident.Id] = room = id;
        }
        var said = await lane.Bot.Rooms.PostAsync(room, About(lane.Bot.Name, incident), ct);
        return said is DeliveryResult.RetryAfter ? said : new DeliveryResult.Delivered(said.Reason, room);
    }

    private Alert About(string channel, Incident incident) => Announcements.Write(
        new Announcement(channel, null, AlertReason.Opened), $"{incident.Id}/room/{channel}", incident,
        logbook.PlanOf(incident),
        new Links(configuration.WarRoom, (_, _, _) => throw new InvalidOperationException("a room is of many"),
            configuration.ChannelPage),
        logbook.Head.ToString(), time.GetUtcNow());

    // Also where the incident ended meanwhile: then the room is closed by what follows.
    private void Record(string channel, IncidentId id, RoomDuty duty, string? room) => logbook.Record((book, _) =>
        book[id] is not { } incident
            ? []
            : (duty, incident.Rooms.OpenIn(channel)) switch
            {
                (RoomDuty.Open, null) =>
                    [new RoomEvent.Made(id, channel, room!, SlackRooms.AddressOf(room!))],
                (RoomDuty.Invite invite, { } open) when open.Id == invite.Room.Id
                    && !open.Invited.Contains(invite.Person) =>
                    [new RoomEvent.Invited(id, channel, open.Id, invite.Person)],
                (RoomDuty.Close close, { } open) when open.Id == close.Room.Id =>
                    [new RoomEvent.Closed(id, channel, open.Id)],
                _ => (IReadOnlyList<LogEvent>)[],
            });

    /// <summary>What one bot is at, in memory: a restart tries anew.</summary>
    private sealed class Lane(SlackBot bot)
    {
        private readonly Dictionary<string, (int Attempts, DateTimeOffset Next)> waits = [];

        public SlackBot Bot => bot;

        /// <summary>Rooms that are made and not yet recorded.</summary>
        public Dictionary<IncidentId, string> Made { get; } = [];

        public static string NameOf(IncidentId incident, RoomDuty duty) => duty switch
        {
            RoomDuty.Invite invite => $"to invite {invite.Person} to the room of {incident}",
            RoomDuty.Close => $"to close the room of {incident}",
            _ => $"to open the room of {incident}",
        };

        public bool IsWaiting(string name, DateTimeOffset now) =>
            waits.TryGetValue(name, out var wait) && wait.Next > now;

        public void Wait(string name, Func<int, DateTimeOffset> next)
        {
            var attempts = waits.GetValueOrDefault(name).Attempts + 1;
            waits[name] = (attempts, next(attempts));
        }

        public void Done(string name) => waits.Remove(name);

        /// <summary>When something that failed is tried again; null where nothing waits.</summary>
        public DateTimeOffset? Next(DateTimeOffset now) => waits.Count == 0
            ? null
            : waits.Values.Select(wait => wait.Next).Where(next => next > now).DefaultIfEmpty(now + LookAgainAfter)
                .Min();
    }
}
