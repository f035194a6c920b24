using Tocsin.Channels;

namespace Tocsin.Tests.Channels;

/// <summary>What became of a delivery, as a table says it.</summary>
internal static class DeliveryWords
{
    public static string Say(DeliveryResult result) => result switch
    {
        DeliveryResult.Delivered => "delivered",
        DeliveryResult.Accepted => "accepted",
        DeliveryResult.RetryAfter { Hint: { } hint } => $"retry after {hint.TotalSeconds}",
        DeliveryResult.RetryAfter => "retry",
        DeliveryResult.Permanent => "permanent: " + result.Reason.Split(": ")[^1],
        DeliveryResult.Unknown => "unknown",
        _ => throw new InvalidOperationException("a new result needs a word"),
    };
}
