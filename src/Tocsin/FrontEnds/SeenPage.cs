using System.Security.Cryptography.X509Certificates;

namespace Tocsin.FrontEnds;

/// <summary>A certificate that a server showed.</summary>
/// <param name="KeySha256">Of the public key with its algorithm (SubjectPublicKeyInfo, RFC 5280), lower-case
/// hexadecimal.</param>
/// <param name="Fault">Why browsers refuse it; null where they do not.</param>
internal sealed record SeenCertificate(
    string Host, string Issuer, string KeySha256, DateTimeOffset Expires, string? Fault)
{
    public static SeenCertificate Of(string host, X509Certificate2 certificate, string? fault) => new(
        host,
        certificate.Issuer,
        Convert.ToHexStringLower(System.Security.Cryptography.SHA256.HashData(
            certificate.PublicKey.ExportSubjectPublicKeyInfo())),
        certificate.NotAfter.ToUniversalTime(),
        fault);
}

/// <summary>What came of asking for a page.</summary>
/// <param name="Way">The addresses on the way, the asked one first, the last that which answered.</param>
/// <param name="Certificates">One for each host on the way that has one.</param>
/// <param name="Page">Null where there is none.</param>
/// <param name="Fault">Why there is none; null where there is one.</param>
internal sealed record SeenPage(
    ValueList<Uri> Way, ValueList<SeenCertificate> Certificates, PageContent? Page, string? Fault);

/// <param name="Type">The media type, for example <c>text/html</c>.</param>
/// <param name="Charset">As the header says; null where it does not.</param>
/// <param name="Refresh">The header of that name, which leads elsewhere; null where there is none.</param>
internal sealed record PageContent(ReadOnlyMemory<byte> Body, string? Type, string? Charset, string? Refresh);
