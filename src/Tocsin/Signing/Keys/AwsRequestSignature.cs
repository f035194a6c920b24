using System.Security.Cryptography;
using System.Text;

namespace Tocsin.Signing.Keys;

/// <summary>Who asks AWS. The secret and the token are in no message.</summary>
internal sealed record AwsCredentials(string AccessKey, string SecretKey, string? SessionToken)
{
    public override string ToString() => "AWS credentials";
}

/// <summary>AWS Signature Version 4, for requests without a query.</summary>
internal static class AwsRequestSignature
{
    private const string Algorithm = "AWS4-HMAC-SHA256";

    /// <summary>The value of the Authorization header.</summary>
    /// <param name="headers">All that are signed: names in lower case, sorted, host and x-amz-date among them.</param>
    /// <param name="instant">As x-amz-date has it: 20150830T123600Z.</param>
    public static string Authorization(
        string method,
        string path,
        IReadOnlyList<(string Name, string Value)> headers,
        byte[] body,
        AwsCredentials credentials,
        string region,
        string service,
        string instant)
    {
        var signed = string.Join(';', headers.Select(header => header.Name));
        var lines = string.Concat(headers.Select(header => $"{header.Name}:{header.Value.Trim()}\n"));
        var request = $"{method}\n{path}\n\n{lines}\n{signed}\n{Hash(body)}";
        var scope = $"{instant[..8]}/{region}/{service}/aws4_request";
        var text = $"{Algorithm}\n{instant}\n{scope}\n{Hash(Encoding.UTF8.GetBytes(request))}";
        var key = Encoding.UTF8.GetBytes("AWS4" + credentials.SecretKey);
        foreach (var part in (string[])[instant[..8], region, service, "aws4_request"])
            key = HMACSHA256.HashData(key, Encoding.UTF8.GetBytes(part));
        var signature = Convert.ToHexStringLower(HMACSHA256.HashData(key, Encoding.UTF8.GetBytes(text)));
        return $"{Algorithm} Credential={credentials.AccessKey}/{scope}, SignedHeaders={signed}, Signature={signature}";
    }

    private static string Hash(byte[] bytes) => Convert.ToHexStringLower(SHA256.HashData(bytes));
}
