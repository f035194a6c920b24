using Tocsin.Communications;

namespace Tocsin.Channels;

/// <summary>Prints alerts, for a rehearsal in which a channel has no address yet.</summary>
/// <param name="name">The channel's name in the configuration.</param>
public sealed class TerminalChannel(string name, TextWriter terminal) : IChannel
{
    public string Name => name;

    public async Task<DeliveryResult> DeliverAsync(Message message, CancellationToken ct)
    {
        var alert = message.Alert;
        if (AlertText.Public(alert) is { } words)
        {
            await terminal.WriteLineAsync($"{name} ◀ {words}".AsMemory(), ct);
            return new DeliveryResult.Delivered("printed");
        }
        if (alert.Reason == AlertReason.Canary)
            return new DeliveryResult.Permanent("it is printed here, which proves nothing: it has no address yet");
        var lines = AlertText.Facts(alert)
            .Select(fact => $"  {fact.Label}: {fact.Text}")
            .Prepend($"{name} ◀ {AlertText.Headline(alert)}")
            .Append($"  {AlertText.Origin(alert)}");
        if (alert.Acknowledge is { } acknowledge)
            lines = lines.Append($"  Acknowledge: {acknowledge}");
        // In one piece: several channels print side by side.
        await terminal.WriteLineAsync(string.Join(Environment.NewLine, lines).AsMemory(), ct);
        return new DeliveryResult.Delivered("printed");
    }
}
