using Tocsin.Communications;

namespace Tocsin.Channels;

/// <summary>A way to people outside.</summary>
public interface IChannel
{
    /// <summary>The channel's name in the configuration.</summary>
    string Name { get; }

    /// <summary>Makes one attempt. Whatever the receiver or the network does is a result, not an exception.</summary>
    /// <exception cref="OperationCanceledException">
    /// <paramref name="ct"/> was cancelled; the alert may have arrived.
    /// </exception>
    Task<DeliveryResult> DeliverAsync(Alert alert, CancellationToken ct);
}
