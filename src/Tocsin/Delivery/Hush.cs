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

    // Words of a provider are cut, and a cut may go through a secret.
    private static string WithoutBeginning(string text, string secret)
    {
        for (var length = secret.Length - 1; length >= ShortestCharacters; length--)
            text = text.Replace(secret[..length] + "…", "…", StringComparison.OrdinalIgnoreCase);
        return text;
    }

    public DeliveryResult Of(string channel, DeliveryResult result)
    {
        lock (secrets)
        {
            var reason = secrets.GetValueOrDefault(channel, []).Aggregate(
                result.Reason, (text, secret) => WithoutBeginning(
                    text.Replace(secret, "…", StringComparison.OrdinalIgnoreCase), secret));
            return reason == result.Reason ? result : result with { Reason = reason };
        }
    }
}
