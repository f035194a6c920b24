using System.Net;
using System.Security.Cryptography;
using System.Text;
using Tocsin.Configuration;

namespace Tocsin.FrontEnds;

/// <summary>One thing about a front end that should not change unnoticed.</summary>
/// <param name="Name">content, certificate, addresses or reachable.</param>
/// <param name="Value">Equal means unchanged.</param>
/// <param name="Words">The same for people.</param>
internal sealed record FrontEndAspect(string Name, string Value, string Words);

/// <summary>Turns what was seen of a front end into aspects.</summary>
internal static class Sights
{
    /// <summary>From then on an end of the certificate is told.</summary>
    public static readonly TimeSpan ExpiresSoon = TimeSpan.FromDays(14);

    private const int MaximumWords = 300;
    private static readonly string[] ByteCharsets = ["utf-8", "utf8", "us-ascii", "iso-8859-1", "windows-1252"];

    public static IEnumerable<FrontEndAspect> Of(FrontEndSettings settings, SeenPage seen, DateTimeOffset now)
    {
        if (settings.Certificate && seen.Certificates.Count > 0)
            yield return Certificate(seen.Certificates, now);
        if (settings.Content != WatchedContent.Off && seen.Page is { } page)
            yield return Content(settings.Content, seen.Way, page);
        yield return seen.Fault is null
            ? new FrontEndAspect("reachable", "yes", "it answers" + Through(seen.Way))
            : new FrontEndAspect("reachable", "no", Plain($"it {seen.Fault}{Through(seen.Way)}"));
    }

    public static FrontEndAspect Addresses(string host, IEnumerable<IPAddress> addresses)
    {
        var sorted = addresses.Select(address => address.ToString()).Distinct().Order(StringComparer.Ordinal).ToList();
        return new FrontEndAspect(
            "addresses", Fingerprint(sorted), Plain($"{host} stands for {string.Join(", ", sorted)}"));
    }

    // A renewed certificate of the same issuer and key is no change; that it was not renewed in time is one.
    private static FrontEndAspect Certificate(ValueList<SeenCertificate> certificates, DateTimeOffset now)
    {
        var lines = new List<string>();
        var words = new List<string>();
        foreach (var seen in certificates)
        {
            var daysLeft = Math.Floor((seen.Expires - now).TotalDays);
            var isSoon = seen.Expires - now < ExpiresSoon;
            lines.AddRange([seen.Host, seen.Issuer, seen.KeySha256, isSoon ? "soon" : "", seen.Fault ?? ""]);
            words.Add($"{seen.Host}: "
                + (seen.Fault is null ? "" : $"INVALID ({seen.Fault}), ")
                + (isSoon ? $"EXPIRES IN {daysLeft:0} DAYS, " : "")
                + $"until {seen.Expires:yyyy-MM-dd}, key {seen.KeySha256[..16]}…, issued by {seen.Issuer}");
        }
        return new FrontEndAspect("certificate", Fingerprint(lines), Plain(string.Join("; ", words)));
    }

    private static FrontEndAspect Content(WatchedContent watched, ValueList<Uri> way, PageContent page)
    {
        // What an address asks for may differ each time; where it leads must not.
        var lines = way.Select(uri => uri.GetLeftPart(UriPartial.Path)).ToList();
        lines.Add(page.Refresh ?? "");
        var running = watched == WatchedContent.Scripts && IsReadable(page)
            ? RunningParts.Read(Encoding.Latin1.GetString(page.Body.Span))
            : null;
        lines.AddRange(running?.Parts ?? [Convert.ToHexStringLower(SHA256.HashData(page.Body.Span))]);
        var what = running is null ? "all of it counts" : $"{running.Scripts} scripts, {running.Parts.Count} parts run";
        return new FrontEndAspect(
            "content", Fingerprint(lines), Plain($"{page.Body.Length} bytes, {what}{Through(way)}"));
    }

    // In other encodings a tag need not look like one. Then every byte counts.
    private static bool IsReadable(PageContent page) =>
        page.Type is "text/html" or "application/xhtml+xml"
        && (page.Charset is null || ByteCharsets.Contains(page.Charset.Trim('"').ToLowerInvariant()))
        && !page.Body.Span.Contains((byte)0);

    private static string Through(ValueList<Uri> way) =>
        way.Count == 1 ? "" : $", through {string.Join(" → ", way.Select(uri => uri.Authority))}";

    /// <summary>SHA-256 of the lines, each with its length before it, so that no two lists are alike.</summary>
    private static string Fingerprint(IEnumerable<string> lines)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        foreach (var line in lines)
            hash.AppendData(Encoding.UTF8.GetBytes($"{line.Length}:{line}\n"));
        return Convert.ToHexStringLower(hash.GetHashAndReset());
    }

    // Names and issuers are foreign text.
    private static string Plain(string words)
    {
        var plain = new string([.. words.Select(c => char.IsControl(c) || char.IsSurrogate(c) ? ' ' : c)]);
        return plain.Length <= MaximumWords ? plain : plain[..MaximumWords] + "…";
    }
}
