using System.Net;
using System.Net.Sockets;

namespace Tocsin.Channels;

/// <summary>An address leads into a network that is not the internet, and nobody allowed it.</summary>
public sealed class PrivateNetworkException(string host) : IOException(
    $"{host} is in a private network: name it under 'private_networks' of tocsin.yaml if that is meant");

/// <summary>
/// Which private networks our requests may go to. An address in a plan or a configuration, or a name that somebody else
/// answers for, must not make this server ask its own neighbours (server-side request forgery).
/// </summary>
/// <param name="Hosts">Names and addresses that are meant, as they stand in addresses.</param>
/// <param name="Networks">Networks that are meant.</param>
public sealed record PrivateNetworks(ValueList<string> Hosts, ValueList<IPNetwork> Networks)
{
    // RFC 6890 and its registries: what is routed to nobody, or to neighbours alone.
    private static readonly IPNetwork[] Private =
    [
        .. new[]
        {
            "0.0.0.0/8", "10.0.0.0/8", "100.64.0.0/10", "127.0.0.0/8", "169.254.0.0/16", "172.16.0.0/12",
            "192.0.0.0/24", "192.0.2.0/24", "192.168.0.0/16", "198.18.0.0/15", "198.51.100.0/24", "203.0.113.0/24",
            "224.0.0.0/3", "::/127", "64:ff9b:1::/48", "2001:db8::/32", "fc00::/7", "fe80::/10", "ff00::/8",
        }.Select(IPNetwork.Parse),
    ];

    // An address of version 4 inside one of version 6: behind it stands the former.
    private static readonly IPNetwork[] Carrying = [IPNetwork.Parse("64:ff9b::/96"), IPNetwork.Parse("2002::/16")];

    public static PrivateNetworks None { get; } = new([], []);

    /// <summary>Reads a name, an address or a network such as <c>10.1.0.0/16</c>; null for anything else.</summary>
    public PrivateNetworks? With(string text)
    {
        if (text.Contains('/', StringComparison.Ordinal))
            return IPNetwork.TryParse(text, out var network) ? this with { Networks = Networks.Add(network) } : null;
        return Uri.CheckHostName(text) == UriHostNameType.Unknown ? null : this with { Hosts = Hosts.Add(text) };
    }

    /// <summary>True for the internet, for what is allowed, and for this machine where the address says so itself.
    /// </summary>
    /// <param name="host">As it stands in the address.</param>
    /// <param name="address">To which it leads.</param>
    public bool MayReach(string host, IPAddress address)
    {
        var plain = Inner(address);
        return !Array.Exists(Private, network => network.Contains(plain))
            || IsNamed(host)
            || Networks.Any(network => network.Contains(plain))
            || (IPAddress.IsLoopback(plain) && IsThisMachine(host));
    }

    /// <summary>True for a host that is named, and for an address in a network that is.</summary>
    /// <param name="host">As it stands in the address.</param>
    public bool IsNamed(string host) =>
        Hosts.Any(allowed => allowed.Equals(host, StringComparison.OrdinalIgnoreCase))
        || (IPAddress.TryParse(host, out var literal) && Networks.Any(network => network.Contains(Inner(literal))));

    /// <exception cref="PrivateNetworkException">The address itself is one that may not be reached.</exception>
    public void Check(Uri address)
    {
        var host = address.IdnHost;
        if (IPAddress.TryParse(host, out var literal) && !MayReach(host, literal))
            throw new PrivateNetworkException(host);
    }

    /// <summary>As <see cref="SocketsHttpHandler.ConnectCallback"/>.</summary>
    /// <exception cref="PrivateNetworkException">No address of the name may be reached.</exception>
    public async ValueTask<Stream> ConnectAsync(SocketsHttpConnectionContext context, CancellationToken ct) =>
        new NetworkStream(
            await ConnectAsync(context.DnsEndPoint.Host, context.DnsEndPoint.Port, ct), ownsSocket: true);

    /// <summary>Connects to the first address of a name that may be reached: no answer of another server counts.
    /// </summary>
    /// <exception cref="PrivateNetworkException">None of them may be.</exception>
    /// <exception cref="SocketException">There is no connection.</exception>
    public async Task<Socket> ConnectAsync(string host, int port, CancellationToken ct)
    {
        var addresses = IPAddress.TryParse(host, out var literal)
            ? [literal]
            : await Dns.GetHostAddressesAsync(host, ct);
        var reachable = Array.FindAll(addresses, address => MayReach(host, address));
        if (reachable.Length == 0 && addresses.Length > 0)
            throw new PrivateNetworkException(host);
        var socket = new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        try
        {
            await socket.ConnectAsync(reachable, port, ct);
            return socket;
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }

    private static bool IsThisMachine(string host) =>
        host.Equals("localhost", StringComparison.OrdinalIgnoreCase) || IPAddress.TryParse(host.Trim('[', ']'), out _);

    private static IPAddress Inner(IPAddress address)
    {
        if (address.IsIPv4MappedToIPv6)
            return address.MapToIPv4();
        if (address.AddressFamily != AddressFamily.InterNetworkV6)
            return address;
        var bytes = address.GetAddressBytes();
        if (Carrying[0].Contains(address))
            return new IPAddress(bytes.AsSpan(12, 4));
        return Carrying[1].Contains(address) ? new IPAddress(bytes.AsSpan(2, 4)) : address;
    }
}
