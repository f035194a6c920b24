using System.Globalization;
using Tocsin.Findings;
using Tocsin.Incidents;

namespace Tocsin.Reachability;

/// <summary>Names a canary for people and links: <c>CANARY-7</c>.</summary>
public readonly record struct CanaryId(int Number)
{
    private const string Prefix = "CANARY-";

    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{Prefix}{Number}");

    public static bool TryParse(string? text, out CanaryId id)
    {
        id = default;
        if (text is null || !text.StartsWith(Prefix, StringComparison.Ordinal)
            || !int.TryParse(
                text.AsSpan(Prefix.Length), NumberStyles.None, CultureInfo.InvariantCulture, out var number)
            || number < 1)
            return false;
        var read = new CanaryId(number);
        if (read.ToString() != text)
            return false;
        id = read;
        return true;
    }
}

/// <summary>What happens to an alert that only proves that alerts arrive. It belongs to no incident.</summary>
public abstract record CanaryEvent(CanaryId Canary) : LogEvent
{
    /// <summary>It is sent; the outbox gets it in the same moment.</summary>
    /// <param name="Channel">The channel's name in the configuration.</param>
    /// <param name="Person">By their id, where it is sent to one person on their own way.</param>
    /// <param name="Severity">As which it is sent: a person tests what a page would do, a schedule wakes nobody.
    /// </param>
    /// <param name="By">Who asked for it, by their id; null for the schedule.</param>
    public sealed record Sent(CanaryId Canary, string Channel, string? Person, Severity Severity, string? By)
        : CanaryEvent(Canary);

    /// <summary>The receiver took it over and has yet to bring it to the person.</summary>
    /// <param name="IsLastWord">True where it never says more: then that counts as arrived.</param>
    public sealed record Accepted(CanaryId Canary, string Receipt, bool IsLastWord) : CanaryEvent(Canary);

    /// <summary>It is there, by the receiver's word.</summary>
    public sealed record Arrived(CanaryId Canary, int Attempts, long LatencyMs) : CanaryEvent(Canary);

    /// <summary>A person says that they have it: the whole way is proven.</summary>
    /// <param name="Person">By their id.</param>
    /// <param name="Means">How they said it, for example <c>personal link</c>.</param>
    public sealed record Confirmed(CanaryId Canary, string Person, string Means) : CanaryEvent(Canary);

    /// <summary>It was refused, or nothing proved within its time that it arrived.</summary>
    public sealed record Lost(CanaryId Canary, string Why) : CanaryEvent(Canary);
}
