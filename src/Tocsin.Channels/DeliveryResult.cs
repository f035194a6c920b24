namespace Tocsin.Channels;

/// <summary>How one attempt to deliver an alert ended. The reason holds no secret: it may be logged.</summary>
public abstract record DeliveryResult
{
    private DeliveryResult(string reason) => Reason = reason;

    public string Reason { get; init; }

    /// <summary>The receiver said that it has the alert.</summary>
    /// <param name="Receipt">By which the receiver knows it, where it says so; later alerts of the incident follow it.
    /// </param>
    public sealed record Delivered(string Reason, string? Receipt = null) : DeliveryResult(Reason);

    /// <summary>The receiver took it over and has yet to bring it to the person: no proof of anything.</summary>
    /// <param name="Receipt">By which its later word on this one is known.</param>
    public sealed record Accepted(string Reason, string Receipt) : DeliveryResult(Reason);

    /// <summary>The receiver does not have it, and a later attempt may succeed.</summary>
    /// <param name="Hint">How long the receiver asked us to wait; null where it did not say.</param>
    public sealed record RetryAfter(TimeSpan? Hint, string Reason) : DeliveryResult(Reason);

    /// <summary>The receiver refuses this for good: a person has to change the configuration.</summary>
    public sealed record Permanent(string Reason) : DeliveryResult(Reason);

    /// <summary>No answer came, so it may have arrived. Sending again with the same key does no harm.</summary>
    public sealed record Unknown(string Reason) : DeliveryResult(Reason);
}
