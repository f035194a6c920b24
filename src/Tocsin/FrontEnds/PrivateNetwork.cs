using System.Net;
using System.Net.Sockets;

namespace Tocsin.FrontEnds;

/// <summary>Addresses that no public page has: this machine, its network, and what is reserved.</summary>
internal static class PrivateNetwork
{
    // RFC 6890 and its successors in the IANA registry of special-purpose addresses.
    private static readonly IPNetwork[] Networks =
    [
        IPNetwork.Parse("0.0.0.0/8"),
        IPNetwork.Parse("10.0.0.0/8"),
        IPNetwork.Parse("100.64.0.0/10"),
        IPNetwork.Parse("127.0.0.0/8"),
        IPNetwork.Parse("169.254.0.0/16"),
        IPNetwork.Parse("172.16.0.0/12"),
        IPNetwork.Parse("192.168.0.0/16"),
        IPNetwork.Parse("198.18.0.0/15"),
        IPNetwork.Parse("224.0.0.0/3"),
        IPNetwork.Parse("::/127"),
        IPNetwork.Parse("64:ff9b:1::/48"),
        IPNetwork.Parse("fc00::/7"),
        IPNetwork.Parse("fe80::/10"),
        IPNetwork.Parse("ff00::/8"),
    ];

    public static bool Contains(IPAddress address)
    {
        var plain = address is { AddressFamily: AddressFamily.InterNetworkV6, IsIPv4MappedToIPv6: true }
            ? address.MapToIPv4()
            : address;
        return Networks.Any(network => network.Contains(plain));
    }
}
