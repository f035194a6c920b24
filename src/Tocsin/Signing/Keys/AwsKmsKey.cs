using System.Formats.Asn1;
using System.Globalization;
using System.Net;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;
using Tocsin.Chains;
using Tocsin.Evm;

namespace Tocsin.Signing.Keys;

/// <summary>
/// A key of AWS KMS (ECC_SECG_P256K1, SIGN_VERIFY). It signs a digest and answers in DER without saying which of two
/// points it was, and with a high s as often as not; both are made good here.
/// </summary>
internal sealed class AwsKmsKey(
    HttpClient http,
    Uri endpoint,
    string keyId,
    string region,
    AwsCredentials credentials,
    Address account,
    TimeProvider time)
    : ISigningKey
{
    private const string Curve = "ECC_SECG_P256K1";
    private const int PointByteCount = 65;

    private bool isKnown;

    public Address Address => account;

    public async Task<Signature> SignAsync(ReadOnlyMemory<byte> preimage, CancellationToken cancellationToken)
    {
        try
        {
            if (!isKnown)
                await CheckAsync(cancellationToken);
            isKnown = true;
            var digest = Keccak256.Hash(preimage.Span);
            using var answer = await AskAsync(
                "Sign",
                new
                {
                    KeyId = keyId,
                    Message = Convert.ToBase64String(digest.ToArray()),
                    MessageType = "DIGEST",
                    SigningAlgorithm = "ECDSA_SHA_256",
                },
                cancellationToken);
            var (r, s) = Read(answer.RootElement.GetProperty("Signature").GetBytesFromBase64());
            return Signature.TryComplete(r, s, digest, account, out var signature)
                ? signature
                : throw new KeyUnavailableException("AWS KMS answered a signature of something else");
        }
        catch (Exception e) when (
            e is HttpRequestException or IOException or JsonException or KeyNotFoundException or FormatException
                or InvalidOperationException or AsnContentException or ArgumentException or OverflowException)
        {
            throw new KeyUnavailableException($"AWS KMS cannot be used: {e.Message}", e);
        }
    }

    private async Task CheckAsync(CancellationToken cancellationToken)
    {
        using var answer = await AskAsync("GetPublicKey", new { KeyId = keyId }, cancellationToken);
        var curve = answer.RootElement.GetProperty("KeySpec").GetString();
        if (curve != Curve)
            throw new KeyUnavailableException($"the key of AWS KMS is not {Curve}");
        // SubjectPublicKeyInfo (RFC 5480) ends with the uncompressed point.
        var key = answer.RootElement.GetProperty("PublicKey").GetBytesFromBase64();
        if (key.Length < PointByteCount || key[^PointByteCount] != 4)
            throw new KeyUnavailableException("AWS KMS answered no public key");
        var hash = Keccak256.Hash(key.AsSpan(key.Length - PointByteCount + 1)).ToArray();
        var holds = new Address(hash.AsSpan(Hash32.ByteCount - Address.ByteCount));
        if (holds != account)
            throw new KeyUnavailableException(
                $"the key of AWS KMS is that of {ChecksumAddress.Format(holds)}, "
                + $"not of {ChecksumAddress.Format(account)}");
    }

    private async Task<JsonDocument> AskAsync(string operation, object body, CancellationToken cancellationToken)
    {
        var bytes = JsonSerializer.SerializeToUtf8Bytes(body);
        var instant = time.GetUtcNow().ToString("yyyyMMdd'T'HHmmss'Z'", CultureInfo.InvariantCulture);
        List<(string Name, string Value)> headers =
        [
            ("content-type", "application/x-amz-json-1.1"), ("host", endpoint.Authority), ("x-amz-date", instant),
        ];
        if (credentials.SessionToken is { } token)
            headers.Add(("x-amz-security-token", token));
        headers.Add(("x-amz-target", $"TrentService.{operation}"));
        using var request = new HttpRequestMessage(HttpMethod.Post, endpoint);
        request.Content = new ByteArrayContent(bytes);
        request.Content.Headers.ContentType = new MediaTypeHeaderValue("application/x-amz-json-1.1");
        foreach (var (name, value) in headers.Where(header => header.Name.StartsWith('x')))
            request.Headers.TryAddWithoutValidation(name, value);
        request.Headers.TryAddWithoutValidation("Authorization", AwsRequestSignature.Authorization(
            "POST", "/", headers, bytes, credentials, region, "kms", instant));
        using var answer = await http.SendAsync(request, cancellationToken);
        var text = await answer.Content.ReadAsByteArrayAsync(cancellationToken);
        return answer.StatusCode == HttpStatusCode.OK
            ? JsonDocument.Parse(text)
            : throw new KeyUnavailableException($"AWS KMS answered {(int)answer.StatusCode}{Fault(text)}");
    }

    // {"__type":"AccessDeniedException","message":"…"}: the type alone, as the message names accounts.
    private static string Fault(byte[] text)
    {
        var words = Encoding.UTF8.GetString(text);
        var at = words.IndexOf("\"__type\":\"", StringComparison.Ordinal);
        return at < 0
            ? ""
            : ": " + new string([.. words.Skip(at + 10).TakeWhile(letter => char.IsAsciiLetterOrDigit(letter)
                || letter is '.' or '#').Take(80)]);
    }

    // Ecdsa-Sig-Value (RFC 3279, section 2.2.3).
    private static (UInt256 R, UInt256 S) Read(byte[] der)
    {
        var reader = new AsnReader(der, AsnEncodingRules.DER);
        var sequence = reader.ReadSequence();
        var (r, s) = ((UInt256)sequence.ReadInteger(), (UInt256)sequence.ReadInteger());
        sequence.ThrowIfNotEmpty();
        reader.ThrowIfNotEmpty();
        return (r, s);
    }
}
