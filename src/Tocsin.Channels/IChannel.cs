using Tocsin.Communications;

namespace Tocsin.Channels;

/// <summary>What a channel is to deliver.</summary>
/// <param name="Thread">The receipt of the first alert of the same incident here, by which a receiver that has threads
/// puts this one below it; null for the first, and where the channel gives no receipts.</param>
public sealed record Message(Alert Alert, string? Thread = null);

/// <summary>A way to people outside.</summary>
public interface IChannel
{
    /// <summary>The channel's name in the configuration.</summary>
    string Name { get; }

    /// <summary>How much its receiver takes; null where nothing is known.</summary>
    RateLimit? Limit => null;

    /// <summary>True where its provider says later whether what it took over has arrived.</summary>
    bool SaysWhetherArrived => false;

    /// <summary>True where people read it, so that one message may tell of several alerts.</summary>
    bool TakesSeveral => false;

    /// <summary>The phone that it rings or writes to; null where it is none.</summary>
    string? Phone => null;

    /// <summary>Makes one attempt. Whatever the receiver or the network does is a result, not an exception.</summary>
    /// <exception cref="OperationCanceledException">
    /// <paramref name="ct"/> was cancelled; it may have arrived.
    /// </exception>
    Task<DeliveryResult> DeliverAsync(Message message, CancellationToken ct);
}
