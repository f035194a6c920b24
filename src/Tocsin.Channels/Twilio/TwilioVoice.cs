using System.Globalization;
using System.Text;
using System.Text.Json;
using System.Text.RegularExpressions;
using System.Xml.Linq;
using Tocsin.Communications;
using Tocsin.Paging;

namespace Tocsin.Channels.Twilio;

/// <summary>
/// Calls to one person's telephone by Twilio, answered by a key: 1 acknowledged, 2 able to sign, 9 unable. A key is the
/// only proof that somebody listened; a call that was picked up may have talked to a mailbox.
/// </summary>
public sealed partial class TwilioVoice : IChannel, IHearsBack
{
    public static ChannelKind Kind { get; } = new(
        "twilio-voice", "Calls to one telephone, answered by a key, by Twilio", [.. TwilioAccount.Fields],
        (section, tools) => new TwilioVoice(section, tools))
    {
        LetsAnswer = fields => fields.ContainsKey("callback"),
    };

    private const int SpokenMost = 500; // with every character escaped it stays below the 4000 characters of Twiml
    private const int AddressMost = 600;
    private const string Choices =
        "Press 1 to acknowledge. Press 2 if you are able to sign. Press 9 if you are unable to help.";

    private const string RingSeconds = "30"; // before most mailboxes pick up

    private static readonly TimeSpan KeysFor = TimeSpan.FromHours(1);

    private readonly TwilioAccount account;

    /// <param name="timeout">The limit for one request; 10 s where null.</param>
    /// <exception cref="FormatException">A field is not in the form that Twilio knows.</exception>
    public TwilioVoice(ChannelSection section, ChannelTools tools, TimeSpan? timeout = null)
    {
        Name = section.Name;
        account = new TwilioAccount(section, tools, "Calls", timeout);
        if (!TwilioAccount.IsNumber(account.From))
            throw new FormatException("'from' is a number with + and the country first, for example +15005550006");
        if (account.CallbackAt?.AbsoluteUri.Length > AddressMost)
            throw new FormatException($"'callback' is longer than {AddressMost} characters");
    }

    public string Name { get; }

    public bool TakesSeveral => true;

    public string Phone => account.To;

    public bool SaysWhetherArrived => account.CallbackAt is not null;

    public string Means => "telephone key";

    public bool Listens => account.CallbackAt is not null;

    public bool IsOfOnePerson => true;

    /// <summary>More than 16 calls an hour to one number make a carrier block it (target/goalert#1084).</summary>
    public RateLimit Limit { get; } = new(15, TimeSpan.FromHours(1), Reserved: 6);

    public Task<DeliveryResult> DeliverAsync(Message message, CancellationToken ct)
    {
        var callback = account.CallbackFor(message.Alert.Incident, KeysFor);
        var form = new List<KeyValuePair<string, string>>
        {
            new("To", account.To),
            new("From", account.From),
            new("Twiml", Twiml(message.Alert, callback)),
            new("Timeout", RingSeconds),
        };
        if (callback is not null)
            form.Add(new("StatusCallback", callback.AbsoluteUri));
        return account.MakeAsync(message.Alert.Key, form, IsThis, ct);
    }

    public CallbackReading? Hear(Callback callback)
    {
        if (account.Hear(callback) is not var (form, incident)
            || form.GetValueOrDefault("CallSid") is not { } sid || !TwilioAccount.IsSid(sid))
            return null;
        if (form.TryGetValue("Digits", out var digits))
            return digits.Length <= 8 && incident.Length > 0 ? Key(sid, incident, digits) : null;
        if (form.GetValueOrDefault("CallStatus") is not { Length: <= 32 } status)
            return null;
        CallbackWord[] words = status is "busy" or "no-answer" or "failed" or "canceled"
            ? [new CallbackWord.NotArrived(sid, $"the call ended: {status}")]
            : [];
        return new CallbackReading([.. words], $"{sid}/{status}", CallbackReply.Ok);
    }

    /// <summary>What is said; addresses of a chain by their end alone, since nobody follows forty digits by ear.
    /// </summary>
    public static string Spoken(Alert alert)
    {
        var words = AlertText.Public(alert) ?? string.Join(
            ". ", AlertText.Facts(alert).Where(fact => fact.Label is not ("Detected" or "Lead"))
                .Select(fact => $"{fact.Label}: {fact.Text}")
                .Prepend("This is Tocsin. " + AlertText.Headline(alert)));
        var spoken = Hexadecimal().Replace(words, match => "address ending in " + string.Join(' ', match.Value[^4..]
            .AsEnumerable())).Replace(" · ", ". ", StringComparison.Ordinal);
        return PlainWords.Cut(Sayable(spoken), SpokenMost);
    }

    private static string Twiml(Alert alert, Uri? callback)
    {
        if (callback is null || AlertText.Public(alert) is not null)
            return Document(new XElement("Say", new XAttribute("loop", 2), Spoken(alert)));
        return Document(
            new XElement(
                "Gather", new XAttribute("numDigits", 1), new XAttribute("timeout", 10),
                new XAttribute("method", "POST"), new XAttribute("action", callback.AbsoluteUri),
                new XElement("Say", new XAttribute("loop", 2), $"{Spoken(alert)}. {Choices}")),
            new XElement("Say", "No key was pressed. Goodbye."));
    }

    private static string Document(params object[] content) =>
        new XElement("Response", content).ToString(SaveOptions.DisableFormatting);

    private CallbackReading Key(string sid, string incident, string digits)
    {
        (PageAnswer Answer, string Words)? pressed = digits switch
        {
            "1" => (PageAnswer.Informed, "Acknowledged. Thank you."),
            "2" => (PageAnswer.AbleToSign, "Acknowledged. You are able to sign. Thank you."),
            "9" => (PageAnswer.Unable, "You are unable to help. Somebody else is called."),
            _ => null,
        };
        // The provider names the number that was called, which is this channel's: it says which telephone it was.
        CallbackWord[] words = pressed is null
            ? [new CallbackWord.Arrived(sid)]
            : [new CallbackWord.Arrived(sid), new CallbackWord.Answered(incident, account.To, pressed.Value.Answer)];
        return new CallbackReading(
            [.. words], $"{sid}/{digits}", Reply(pressed?.Words ?? "This key means nothing. Open the war room."))
        {
            Saying = Reply,
        };

        static CallbackReply Reply(string said) =>
            new(200, "text/xml", Document(new XElement("Say", PlainWords.Cut(Sayable(said), SpokenMost))));
    }

    // Calls have no text: a call from this number to that one since the attempt began is taken for it. Their instants
    // are in whole seconds.
    private bool IsThis(JsonElement one, DateTimeOffset since) =>
        TwilioAccount.Text(one, "from") == account.From
        && DateTimeOffset.TryParse(TwilioAccount.Text(one, "date_created"), CultureInfo.InvariantCulture, out var made)
        && made > since - TimeSpan.FromSeconds(1);

    // Two code points that XML cannot hold get through OneLine.
    private static string Sayable(string text)
    {
        var line = new StringBuilder(text.Length);
        foreach (var rune in text.EnumerateRunes())
            line.Append(rune.Value is 0xFFFE or 0xFFFF ? " " : rune.ToString());
        return line.ToString();
    }

    [GeneratedRegex("0x[0-9a-fA-F]{8,}")]
    private static partial Regex Hexadecimal();
}
