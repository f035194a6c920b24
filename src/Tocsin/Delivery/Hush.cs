using Tocsin.Channels;
using Tocsin.Configuration;

namespace Tocsin.Delivery;

/// <summary>
/// A provider may repeat what it was sent, headers and all, and what it says stands in logs: no secret of a channel
/// stands in any.
/// </summary>
internal sealed class Hush
{
    // What is shorter is in every other word.
    private const int ShortestCharacters = 6;

    private readonly Dictionary<string, string[]> secrets = [];

    /// <summary>Keeps in mind what a section of the configuration holds.</summary>
    public void Learn(ChannelSettings channel, ChannelSection section)
    {
        var own = channel.Values
            .Where(value => value.Field.Form is FieldForm.Secret or FieldForm.SecretAddress)
            .Select(value => section[value.Field.Name])
            // Of an address the host is said openly: what comes after it is the secret.
            .Select(text => Uri.TryCreate(text, UriKind.Absolute, out var uri) && uri.Host.Length > 0
                ? uri.PathAndQuery.Trim('/')
                : text);
        lock (secrets)
        {
            secrets[channel.Name] =
            [
                .. own.SelectMany(text => new[] { text, Uri.EscapeDataString(text) })
                    .Where(text => text.Length >= ShortestCharacters).Distinct().OrderByDescending(text => text.Length),
            ];
        }
    }

    public DeliveryResult Of(string channel, DeliveryResult result)
    {
        lock (secrets)
        {
            var reason = secrets.GetValueOrDefault(channel, []).Aggregate(
                result.Reason, (text, secret) => text.Replace(secret, "…", StringComparison.OrdinalIgnoreCase));
            return reason == result.Reason ? result : result with { Reason = reason };
        }
    }
}
