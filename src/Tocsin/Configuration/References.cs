using Tocsin.Api;
using Tocsin.Feeds;
using Tocsin.Texts;

namespace Tocsin.Configuration;

/// <summary>
/// What the configuration gives by reference, looked at before anything starts: a secret that cannot be used would be
/// found out in the night.
/// </summary>
internal static class References
{
    /// <exception cref="InputException">
    /// A line for each reference that leads nowhere, or to something that cannot be used; or nodes that are one.
    /// </exception>
    public static void Check(TocsinConfiguration configuration)
    {
        var faults = Faults(configuration);
        if (faults.Count > 0)
            throw new InputException(string.Join(Environment.NewLine, faults));
    }

    /// <summary>A line for each; no value of a secret is in one.</summary>
    public static IReadOnlyList<string> Faults(TocsinConfiguration configuration)
    {
        var faults = new List<string>();
        var nodes = configuration.Chain.Nodes.Select(node => (
            node.Name,
            Try(() => Addresses.Reveal(node.Rpc, configuration, "http", "https").AbsoluteUri, faults) ?? "")).ToList();
        if (Witnesses.Twice(nodes) is { } same)
            faults.Add($"{same}: their references hold the same address");
        foreach (var socket in configuration.Chain.Nodes.Select(node => node.WebSocket).OfType<string>())
            Try(() => Addresses.Reveal(socket, configuration, "ws", "wss"), faults);
        foreach (var value in configuration.Channels.SelectMany(channel => channel.Values))
            Try(() => value.Reveal(configuration), faults);
        Try(() => configuration.Database?.Reveal(configuration.Directory), faults);
        foreach (var heartbeat in configuration.Heartbeats)
            Try(() => heartbeat.Token?.Reveal(configuration.Directory), faults);
        foreach (var source in configuration.Outside)
            Try(() => source.Token.Reveal(configuration.Directory), faults);
        foreach (var token in configuration.Tokens)
            Try(() => Tokens.Reveal(token, configuration), faults);
        foreach (var feed in configuration.Feeds)
        {
            Try(
                () =>
                {
                    PriceFeeds.Check(feed, configuration);
                    return "";
                },
                faults,
                $"{feed.At}: error: ");
        }
        return [.. faults.Distinct()];
    }

    /// <summary>True where a channel can be used as it stands.</summary>
    public static bool Has(ChannelSettings channel, TocsinConfiguration configuration)
    {
        var faults = new List<string>();
        Try(() => channel.Reveal(configuration), faults);
        return faults.Count == 0;
    }

    private static T? Try<T>(Func<T?> reveal, List<string> faults, string where = "")
        where T : class
    {
        try
        {
            return reveal();
        }
        catch (InputException e)
        {
            faults.Add(where + e.Message);
            return null;
        }
    }
}
