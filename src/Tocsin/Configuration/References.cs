using Tocsin.Api;
using Tocsin.Channels;
using Tocsin.Delivery;
using Tocsin.Feeds;
using Tocsin.Hosting;
using Tocsin.Plans;
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

    /// <summary>One for each; no value of a secret is in one.</summary>
    public static IReadOnlyList<ReferenceFault> Faults(TocsinConfiguration configuration)
    {
        var faults = new List<ReferenceFault>();
        var nodes = configuration.Chain.Nodes.Select(node => (
            node.Name,
            Try(() => Addresses.Reveal(node.Rpc, configuration, "http", "https").AbsoluteUri, faults) ?? "")).ToList();
        if (Witnesses.Twice(nodes) is { } same)
            faults.Add(new(null, $"{same}: their references hold the same address"));
        foreach (var socket in configuration.Chain.Nodes.Select(node => node.WebSocket).OfType<string>())
            Try(() => Addresses.Reveal(socket, configuration, "ws", "wss"), faults);
        foreach (var channel in configuration.Channels)
            faults.AddRange(Of(channel, configuration));
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
                feed.At);
        }
        return [.. faults.DistinctBy(fault => fault.Variable ?? (object)fault)];
    }

    /// <summary>True where a channel can be used as it stands.</summary>
    public static bool Has(ChannelSettings channel, TocsinConfiguration configuration)
    {
        var faults = new List<ReferenceFault>();
        Try(() => channel.Reveal(configuration), faults);
        return faults.Count == 0;
    }

    // A channel of which something is not here cannot be built here; of all others everything that is wrong is certain.
    private static List<ReferenceFault> Of(ChannelSettings channel, TocsinConfiguration configuration)
    {
        var (absent, wrong) = (new List<ReferenceFault>(), new List<ReferenceFault>());
        foreach (var value in channel.Values)
        {
            var before = absent.Count;
            if (value.Reference is { } reference)
                Try(() => reference.RevealText(configuration.Directory), absent, channel.At);
            if (absent.Count == before)
                Try(() => value.Reveal(configuration), wrong, channel.At);
        }
        var isRead = absent.Count + wrong.Count == 0;
        if (isRead)
            Try(() => Build(channel, configuration), wrong, channel.At);
        return
        [
            .. absent.Concat(wrong).Select((fault, number) => fault with
            {
                Words = isRead ? fault.Words : $"channel '{channel.Name}': {fault.Words}",
                IsCertain = number >= absent.Count,
            }),
        ];
    }

    // What its provider would refuse for ever is found out now: an address of another kind, a number that is none.
    private static IChannel Build(ChannelSettings channel, TocsinConfiguration configuration) =>
        Installation.CreateChannel(
            channel,
            new ChannelTools(
                ChannelHttp.Create(configuration.PrivateNetworks), TimeProvider.System, configuration.PrivateNetworks),
            configuration,
            new Hush());

    private static T? Try<T>(Func<T?> reveal, List<ReferenceFault> faults, SourceLine? at = null)
        where T : class
    {
        try
        {
            return reveal();
        }
        catch (Exception e) when (e is InputException or PrivateNetworkException)
        {
            faults.Add(new(at, e.Message) { Variable = VariableOf(e.Message) });
            return null;
        }
    }

    private static string? VariableOf(string words) =>
        words.Split(' ') is ["the", "environment", "variable", var name, "is", "not", ..] ? name : null;
}

/// <summary>A reference that cannot be used.</summary>
/// <param name="At">Null where the words name it well enough.</param>
internal sealed record ReferenceFault(SourceLine? At, string Words)
{
    /// <summary>The environment variable that is not set; null for another fault. It is told once, whoever names it.
    /// </summary>
    public string? Variable { get; init; }

    /// <summary>True where all that is referred to is here and cannot be used: then it could be used nowhere.</summary>
    public bool IsCertain { get; init; }

    public override string ToString() => At is null ? Words : $"{At}: error: {Words}";
}
