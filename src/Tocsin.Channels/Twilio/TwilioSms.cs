using System.Text.Json;

namespace Tocsin.Channels.Twilio;

/// <summary>
/// Short messages to one person's telephone by Twilio. Taken over is not arrived: <c>delivered</c>, which Twilio tells
/// later, is the only evidence (<c>sent</c> is none). One person's way, so it carries their link.
/// </summary>
public sealed class TwilioSms : IChannel, IHearsBack
{
    public static ChannelKind Kind { get; } = new(
        "twilio-sms", "Short messages to one telephone, by Twilio", [.. TwilioAccount.Fields],
        (section, tools) => new TwilioSms(section, tools));

    // A telephone that is switched off gets it, and says so, when it is on again.
    private static readonly TimeSpan ReceiptsFor = TimeSpan.FromHours(24);

    private readonly TwilioAccount account;

    /// <param name="timeout">The limit for one request; 10 s where null.</param>
    /// <exception cref="FormatException">A field is not in the form that Twilio knows.</exception>
    public TwilioSms(ChannelSection section, ChannelTools tools, TimeSpan? timeout = null)
    {
        Name = section.Name;
        account = new TwilioAccount(section, tools, "Messages", timeout);
        if (!TwilioAccount.IsNumber(account.From) && !IsService(account.From))
            throw new FormatException("'from' is a number with + and the country first, or the SID of a service (MG…)");
    }

    public string Name { get; }

    public bool TakesSeveral => true;

    public string Phone => account.To;

    public bool SaysWhetherArrived => account.CallbackAt is not null;

    public string Means => "text message";

    public bool Listens => account.CallbackAt is not null;

    public bool IsOfOnePerson => true;

    /// <summary>What one telephone may get in an hour before its network takes it for rubbish.</summary>
    public RateLimit Limit { get; } = new(60, TimeSpan.FromHours(1), Reserved: 20);

    public Task<DeliveryResult> DeliverAsync(Message message, CancellationToken ct)
    {
        var text = SmsText.Write(message.Alert);
        var form = new List<KeyValuePair<string, string>>
        {
            new("To", account.To),
            new(IsService(account.From) ? "MessagingServiceSid" : "From", account.From),
            new("Body", text),
        };
        if (account.CallbackFor(message.Alert.Incident, ReceiptsFor) is { } callback)
            form.Add(new("StatusCallback", callback.AbsoluteUri));
        return account.MakeAsync(message.Alert.Key, form, (one, _) => IsThis(one, text), ct);
    }

    public CallbackReading? Hear(Callback callback)
    {
        if (account.Hear(callback) is not var (form, _)
            || form.GetValueOrDefault("MessageSid") is not { } sid || !TwilioAccount.IsSid(sid)
            || form.GetValueOrDefault("MessageStatus") is not { Length: <= 32 } status)
            return null;
        CallbackWord[] words = status switch
        {
            "delivered" or "read" => [new CallbackWord.Arrived(sid)],
            "undelivered" or "failed" or "canceled" =>
                [new CallbackWord.NotArrived(sid, Why(status, form.GetValueOrDefault("ErrorCode")))],
            _ => [],
        };
        return new CallbackReading([.. words], $"{sid}/{status}", CallbackReply.Ok);
    }

    // An account on trial puts words of its own before ours.
    private static bool IsThis(JsonElement one, string text) =>
        TwilioAccount.Text(one, "body")?.EndsWith(text, StringComparison.Ordinal) == true;

    private static bool IsService(string from) =>
        from.StartsWith("MG", StringComparison.Ordinal) && TwilioAccount.IsSid(from);

    private static string Why(string status, string? code) =>
        int.TryParse(code, out var error) ? $"{status} (error {error})" : status;
}
