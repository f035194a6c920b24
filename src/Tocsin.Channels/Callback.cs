using Tocsin.Paging;

namespace Tocsin.Channels;

/// <summary>What came to the address that a channel has with us. Hostile until its channel verified it.</summary>
/// <param name="Url">As the sender addressed it, of the public address: some providers sign it.</param>
/// <param name="Headers">By their names in lower case; of one that came twice, none.</param>
/// <param name="Body">The raw bytes, as they were signed.</param>
public sealed record Callback(
    Uri Url, IReadOnlyDictionary<string, string> Headers, ReadOnlyMemory<byte> Body, DateTimeOffset At);

/// <summary>What a provider tells us.</summary>
public abstract record CallbackWord
{
    private CallbackWord()
    {
    }

    /// <summary>Somebody pressed a button or a key.</summary>
    /// <param name="Incident">Of the alert, for example INC-7.</param>
    /// <param name="Account">Who, as the provider knows them: it proves an account, and never approves anything.
    /// </param>
    /// <param name="Receipt">Of the message that asked; null where the provider does not say.</param>
    /// <param name="Place">Where it was pressed, for <see cref="IHearsBack.IsAt"/>; null where there is one place.
    /// </param>
    public sealed record Answered(
        string Incident, string Account, PageAnswer Answer, string? Receipt = null, string? Place = null)
        : CallbackWord
    {
        /// <summary>False where the provider has one button alone, which says nothing of being able to sign.</summary>
        public bool SaysWhich { get; init; } = true;

        /// <summary>When the message was sent under which it was pressed; null where the provider does not say.
        /// </summary>
        public DateTimeOffset? AskedAt { get; init; }
    }

    /// <summary>What was accepted has reached the person.</summary>
    public sealed record Arrived(string Receipt) : CallbackWord;

    /// <summary>What was accepted will not reach the person.</summary>
    public sealed record NotArrived(string Receipt, string Why) : CallbackWord;
}

/// <summary>What to answer the provider with.</summary>
public sealed record CallbackReply(int Status, string ContentType, string Body)
{
    public static CallbackReply Ok { get; } = new(200, "text/plain", "");
}

/// <param name="ReplayKey">Equal where the same callback comes again; kept for ten minutes.</param>
public sealed record CallbackReading(ValueList<CallbackWord> Words, string ReplayKey, CallbackReply Reply)
{
    /// <summary>A reply in which the provider shows these words to whoever pressed; null where it has none.</summary>
    public Func<string, CallbackReply>? Saying { get; init; }
}

/// <summary>A channel whose provider speaks to us: buttons, keys, receipts.</summary>
public interface IHearsBack
{
    /// <summary>By what people answer here, as the log says it, for example <c>Slack button</c>.</summary>
    string Means { get; }

    /// <summary>False where the configuration gives nothing by which its provider could prove itself: then it is not
    /// heard.</summary>
    bool Listens { get; }

    /// <summary>True where it speaks at a place: one app of a provider may have many, and tells the presses in all of
    /// them to one address.</summary>
    /// <param name="place">As <see cref="CallbackWord.Answered.Place"/>.</param>
    bool IsAt(string place) => false;

    /// <summary>True where nobody but the one person whose way it is can answer: it knows them by that alone.</summary>
    bool IsOfOnePerson => false;

    /// <summary>What it says; null where it is not proven to come from the provider, is too old, or cannot be read:
    /// nothing is done, and the sender hears 403.</summary>
    CallbackReading? Hear(Callback callback);
}
