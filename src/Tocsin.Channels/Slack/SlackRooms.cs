using System.Text.Json;
using Tocsin.Communications;
using Tocsin.Incidents;

namespace Tocsin.Channels.Slack;

/// <summary>
/// Slack channels for single incidents: private ones, because whoever attacks may be among us. Each method makes one
/// attempt and may be called again.
/// </summary>
public sealed class SlackRooms
{
    private const int NamesTried = 9;
    private const int PagesMost = 20;

    private static readonly TimeSpan ClockSkew = TimeSpan.FromMinutes(2);

    private readonly SlackApi api;

    internal SlackRooms(SlackApi api) => this.api = api;

    /// <summary>
    /// Makes the channel; the receipt of what is delivered is its id. It is called <c>inc-7</c>, in a drill
    /// <c>exercise-inc-7</c>, and <c>inc-7-2</c> where that name is taken, as it stays for ever by a channel of the
    /// past. One that an attempt before this one made is found by its name and its maker, with the scope
    /// <c>groups:read</c>; without that scope it is left behind empty.
    /// </summary>
    /// <param name="since">When the incident opened: an older channel is another's.</param>
    public async Task<DeliveryResult> OpenAsync(
        IncidentId incident, bool isExercise, DateTimeOffset since, CancellationToken ct)
    {
        var name = $"{(isExercise ? "exercise-" : "")}inc-{incident.Number}";
        var answer = await CreateAsync(name, ct);
        if (answer.Error == "name_taken" && await FindAsync(name, since, ct) is { } found)
            return found;
        for (var number = 2; number <= NamesTried && answer.Error == "name_taken"; number++)
            answer = await CreateAsync($"{name}-{number}", ct);
        return answer.Result;
    }

    /// <summary>Where people enter it.</summary>
    /// <param name="room">The channel's id.</param>
    public static Uri AddressOf(string room) => new($"https://slack.com/app_redirect?channel={room}");

    /// <summary>Says there what the incident is about, without buttons.</summary>
    /// <param name="room">The channel's id.</param>
    public async Task<DeliveryResult> PostAsync(string room, Alert alert, CancellationToken ct)
    {
        var body = SlackMessage.Write(alert, new SlackPost(room, null, HasButtons: false));
        return (await api.CallAsync("chat.postMessage", body, _ => null, ct)).Result;
    }

    /// <summary>Brings one person in: of several, Slack invites none where one cannot be.</summary>
    /// <param name="room">The channel's id.</param>
    /// <param name="account">As Slack knows them, for example <c>U0123456789</c>.</param>
    public Task<DeliveryResult> InviteAsync(string room, string account, CancellationToken ct) =>
        CallAsync("conversations.invite", room, account, already: "already_in_channel", ct);

    /// <summary>Closes the channel; what was said in it stays.</summary>
    /// <param name="room">The channel's id.</param>
    public Task<DeliveryResult> ArchiveAsync(string room, CancellationToken ct) =>
        CallAsync("conversations.archive", room, account: null, already: "already_archived", ct);

    // Null where it is not there, or where we may not look; else it, or why nothing can be said yet.
    private async Task<DeliveryResult?> FindAsync(string name, DateTimeOffset since, CancellationToken ct)
    {
        // A stranger may have guessed the name, made the room, and asked us in.
        var self = await api.CallAsync("auth.test", "{}"u8.ToArray(), answer => SlackApi.Text(answer, "user_id"), ct);
        if (self.Result is not DeliveryResult.Delivered { Receipt: { } us })
            return self.Result is DeliveryResult.Permanent or DeliveryResult.Delivered ? null : self.Result;
        var cursor = "";
        for (var page = 0; page < PagesMost; page++)
        {
            string? next = null;
            var answer = await api.AskAsync(
                "conversations.list",
                "types=private_channel&exclude_archived=true&limit=100&cursor=" + Uri.EscapeDataString(cursor),
                list =>
                {
                    next = list.TryGetProperty("response_metadata", out var more)
                        ? SlackApi.Text(more, "next_cursor")
                        : null;
                    return IdOf(list, name, us, since - ClockSkew);
                },
                ct);
            if (answer.Result is DeliveryResult.Delivered { Receipt: not null } found)
                return found;
            if (answer.Result is not DeliveryResult.Delivered)
                return answer.Result is DeliveryResult.Permanent ? null : answer.Result;
            if (string.IsNullOrEmpty(next))
                return null;
            cursor = next;
        }
        return null;
    }

    private static string? IdOf(JsonElement list, string name, string creator, DateTimeOffset since)
    {
        if (!list.TryGetProperty("channels", out var channels) || channels.ValueKind != JsonValueKind.Array)
            return null;
        foreach (var channel in channels.EnumerateArray())
        {
            if (SlackApi.Text(channel, "name") is { } called
                && (called == name || called.StartsWith(name + "-", StringComparison.Ordinal))
                && SlackApi.Text(channel, "id") is { } id && SlackBot.IsChannel(id)
                && SlackApi.Text(channel, "creator") == creator
                && channel.TryGetProperty("created", out var created) && created.ValueKind == JsonValueKind.Number
                && created.TryGetInt64(out var seconds) && seconds >= since.ToUnixTimeSeconds())
                return id;
        }
        return null;
    }

    private Task<SlackAnswer> CreateAsync(string name, CancellationToken ct) => api.CallAsync(
        "conversations.create",
        SlackApi.Write(json =>
        {
            json.WriteString("name", name);
            json.WriteBoolean("is_private", true);
        }),
        answer => answer.TryGetProperty("channel", out var channel) && SlackApi.Text(channel, "id") is { } id
            && SlackBot.IsChannel(id)
            ? id
            : null,
        ct);

    private async Task<DeliveryResult> CallAsync(
        string method, string room, string? account, string already, CancellationToken ct)
    {
        var body = SlackApi.Write(json =>
        {
            json.WriteString("channel", room);
            if (account is not null)
                json.WriteString("users", account);
        });
        var answer = await api.CallAsync(method, body, _ => room, ct);
        return answer.Error == already
            ? new DeliveryResult.Delivered("it is so already", room)
            : answer.Result;
    }
}
