using System.Net;
using Tocsin.Texts;

namespace Tocsin.Configuration;

/// <summary>
/// Whether nodes can witness for each other. A node that is asked twice agrees with itself, whatever it is called; two
/// nodes on one machine fall to the same hands.
/// </summary>
internal static class Witnesses
{
    /// <summary>Complains of one node under two names, and warns of two nodes on one machine.</summary>
    public static void Check(YamlPart part, IReadOnlyList<NodeSettings> nodes)
    {
        if (Twice(nodes.Select(node => (node.Name, node.Rpc))) is { } same)
            part.Complain(same);
        var machines = nodes.Where(node => Address(node.Rpc) is not null).GroupBy(node => Host(Address(node.Rpc)!));
        foreach (var machine in machines.Where(machine => machine.DistinctBy(node => Key(node.Rpc)).Count() > 1))
        {
            var names = Names(machine.Select(node => node.Name));
            part.Warn($"{names} are on the same machine, which is not two witnesses");
        }
    }

    /// <summary>Null, or which names stand for one node.</summary>
    /// <param name="nodes">Names with addresses, or with references to them.</param>
    public static string? Twice(IEnumerable<(string Name, string Rpc)> nodes) => nodes
        .Where(node => node.Rpc.Length > 0)
        .GroupBy(node => Key(node.Rpc))
        .Where(same => same.Count() > 1)
        .Select(same => $"{Names(same.Select(node => node.Name))} are the same node")
        .FirstOrDefault();

    private static string Key(string rpc) => Address(rpc) is { } uri
        ? $"{uri.Scheme}://{Host(uri)}:{uri.Port}{uri.PathAndQuery.TrimEnd('/')}"
        : rpc;

    private static Uri? Address(string rpc) =>
        !Secret.IsReference(rpc) && Uri.TryCreate(rpc, UriKind.Absolute, out var uri) ? uri : null;

    // localhost, 127.0.0.1 and [::1] lead to the same door, and 0.0.0.0 does too.
    private static string Host(Uri uri)
    {
        var host = uri.IdnHost.TrimEnd('.').ToLowerInvariant();
        if (!IPAddress.TryParse(host, out var ip))
            return uri.IsLoopback || host == "localhost" ? "this machine" : host;
        ip = ip.IsIPv4MappedToIPv6 ? ip.MapToIPv4() : ip;
        return IPAddress.IsLoopback(ip) || ip.Equals(IPAddress.Any) || ip.Equals(IPAddress.IPv6Any)
            ? "this machine"
            : ip.ToString();
    }

    private static string Names(IEnumerable<string> names) => string.Join(" and ", names);
}
