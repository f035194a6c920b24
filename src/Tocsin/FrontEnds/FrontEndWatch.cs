using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography.X509Certificates;
using Tocsin.Configuration;
using Tocsin.Evm.Inputs;
using Tocsin.Feeds;

namespace Tocsin.FrontEnds;

/// <summary>Looks at the pages that users are sent to, each at its intervals.</summary>
internal sealed class FrontEndWatch(IReadOnlyList<FrontEndSettings> frontEnds, TimeProvider time)
{
    /// <summary>How the addresses of a host are found.</summary>
    public Func<string, CancellationToken, Task<IPAddress[]>> Resolve { get; init; } = Dns.GetHostAddressesAsync;

    /// <summary>The only roots to trust; null for those of this machine.</summary>
    public X509Certificate2Collection? Roots { get; init; }

    /// <summary>Until cancelled. <paramref name="take"/> is called by several at once.</summary>
    public Task RunAsync(Func<Arrival, CancellationToken, ValueTask> take, CancellationToken cancellationToken) =>
        Together.RunAsync(
            frontEnds.Select(frontEnd => (Func<CancellationToken, Task>)(stop => WatchAsync(frontEnd, take, stop))),
            cancellationToken);

    /// <summary>One look at one page.</summary>
    public async Task<IReadOnlyList<Arrival.FrontEndSeen>> LookAsync(
        FrontEndSettings frontEnd, CancellationToken cancellationToken)
    {
        var aspects = new List<FrontEndAspect>();
        if (frontEnd.Addresses && await AddressesAsync(frontEnd.Url.IdnHost, cancellationToken) is { } addresses)
            aspects.Add(addresses);
        var request = new PageRequest(frontEnd.Url, Resolve, Roots, time);
        var seen = await request.SendAsync(cancellationToken);
        var now = time.GetUtcNow();
        return
        [
            .. aspects.Concat(Sights.Of(frontEnd, seen, now)).Select(aspect =>
                new Arrival.FrontEndSeen(now, frontEnd.Name, aspect.Name, aspect.Value, aspect.Words)),
        ];
    }

    private async Task WatchAsync(
        FrontEndSettings frontEnd, Func<Arrival, CancellationToken, ValueTask> take, CancellationToken stop)
    {
        while (true)
        {
            foreach (var seen in await TryToLookAsync(frontEnd, stop))
                await take(seen, stop);
            await Task.Delay(frontEnd.Every, time, stop);
        }
    }

    // A page that somebody made for it may break the look at it, not the watch over everything else.
    private async Task<IReadOnlyList<Arrival.FrontEndSeen>> TryToLookAsync(
        FrontEndSettings frontEnd, CancellationToken stop)
    {
        try
        {
            return await LookAsync(frontEnd, stop);
        }
        catch (Exception e) when (!stop.IsCancellationRequested)
        {
            var words = $"it could not be looked at by a fault of ours, {e.GetType().Name}";
            return
            [
                new Arrival.FrontEndSeen(
                    time.GetUtcNow(), frontEnd.Name, FrontEndAspects.Reachable, FrontEndAspects.No, words),
            ];
        }
    }

    // A name that cannot be resolved cannot be reached either, and that is told.
    private async Task<FrontEndAspect?> AddressesAsync(string host, CancellationToken cancellationToken)
    {
        try
        {
            return Sights.Addresses(host, await Resolve(host, cancellationToken));
        }
        catch (SocketException)
        {
            return null;
        }
    }
}
