using System.Formats.Asn1;
using System.Globalization;
using System.Net;
using System.Numerics;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;
using Tocsin.Chains;
using Tocsin.Evm;

namespace Tocsin.Tests.Signing.Keys;

/// <summary>
/// AWS KMS over real HTTP, as its documentation has the exchanges, and strict: what is not signed as Signature
/// Version 4 asks, over everything that arrived, is answered as AWS answers it. It holds the private key 1.
/// </summary>
internal sealed class FakeKms : IAsyncDisposable
{
    public const string AccessKey = "AKIDEXAMPLE";
    public const string SecretKey = "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY";
    public const string Token = "AQoDYXdzEPT//////////wEXAMPLE";
    public const string KeyId = "alias/pauser";
    public const string Region = "eu-central-1";

    private const string Point =
        "0x0479be667ef9dcbbac55a06295ce870b07029bfcdb2dce28d959f2815b16f81798483ada7726a3c4655da4fbfc0e1108a8fd17b448a68554199c47d08ffb10d4b8";

    private static readonly BigInteger Order = BigInteger.Parse(
        "0fffffffffffffffffffffffffffffffebaaedce6af48a03bbfd25e8cd0364141", NumberStyles.HexNumber,
        CultureInfo.InvariantCulture);

    private readonly WebApplication app;

    private FakeKms(WebApplication app) => this.app = app;

    public static PrivateKey Held { get; } = new([.. new byte[31], 1]);

    public Uri Address => new(app.Urls.First());

    public bool IsHigh { get; set; }

    public string KeySpec { get; set; } = "ECC_SECG_P256K1";

    /// <summary>What is answered in the place of a signature.</summary>
    public (int Status, string Text)? Instead { get; set; }

    public List<string> Asked { get; } = [];

    public static async Task<FakeKms> StartAsync()
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.ConfigureKestrel(kestrel => kestrel.Listen(IPAddress.Loopback, 0));
        var fake = new FakeKms(builder.Build());
        fake.app.MapPost("/", (Delegate)fake.AnswerAsync);
        await fake.app.StartAsync();
        return fake;
    }

    public Task StopAsync() => app.StopAsync();

    public ValueTask DisposeAsync() => app.DisposeAsync();

    private async Task<IResult> AnswerAsync(HttpContext context)
    {
        using var memory = new MemoryStream();
        await context.Request.Body.CopyToAsync(memory, context.RequestAborted);
        var body = memory.ToArray();
        var target = context.Request.Headers["x-amz-target"].ToString();
        Asked.Add(target);
        if (Fault(context.Request, body) is { } fault)
            return Answer(400, JsonSerializer.Serialize(new { __type = fault, message = "for user 123456789012" }));
        using var document = JsonDocument.Parse(body);
        var asked = document.RootElement;
        if (asked.GetProperty("KeyId").GetString() != KeyId)
            return Answer(400, """{"__type":"NotFoundException","message":"Alias is not found."}""");
        return target switch
        {
            "TrentService.GetPublicKey" => Answer(200, PublicKey()),
            "TrentService.Sign" when Instead is { } instead => Answer(instead.Status, instead.Text),
            "TrentService.Sign" => Answer(200, Sign(asked)),
            _ => Answer(400, """{"__type":"UnknownOperationException"}"""),
        };
    }

    private static IResult Answer(int status, string text) =>
        Results.Text(text, "application/x-amz-json-1.1", statusCode: status);

    // Written apart from the code under test, from the documentation of Signature Version 4.
    private static string? Fault(HttpRequest request, byte[] body)
    {
        var words = request.Headers.Authorization.ToString().Split([' ', ','], StringSplitOptions.RemoveEmptyEntries);
        if (words is not ["AWS4-HMAC-SHA256", var credential, var signedHeaders, var signature])
            return "MissingAuthenticationTokenException";
        var date = request.Headers["x-amz-date"].ToString();
        var scope = $"{date[..8]}/{Region}/kms/aws4_request";
        if (credential != $"Credential={AccessKey}/{scope}")
            return "UnrecognizedClientException";
        var names = signedHeaders["SignedHeaders=".Length..].Split(';');
        string[] must = ["content-type", "host", "x-amz-date", "x-amz-security-token", "x-amz-target"];
        if (!names.SequenceEqual(must) || request.Headers["x-amz-security-token"] != Token
            || request.ContentType != "application/x-amz-json-1.1" || date != "20260301T120000Z")
            return "IncompleteSignatureException";
        var canonical = new StringBuilder("POST\n/\n\n");
        foreach (var name in names)
            canonical.Append(name).Append(':').Append(request.Headers[name].ToString()).Append('\n');
        canonical.Append('\n').Append(string.Join(';', names)).Append('\n').Append(Hash(body));
        var text = $"AWS4-HMAC-SHA256\n{date}\n{scope}\n{Hash(Encoding.ASCII.GetBytes(canonical.ToString()))}";
        var key = Mac(
            Mac(Mac(Mac(Encoding.ASCII.GetBytes("AWS4" + SecretKey), date[..8]), Region), "kms"), "aws4_request");
        return signature == "Signature=" + Convert.ToHexStringLower(Mac(key, text))
            ? null
            : "InvalidSignatureException";
    }

    private static byte[] Mac(byte[] key, string text) => HMACSHA256.HashData(key, Encoding.ASCII.GetBytes(text));

    private static string Hash(byte[] bytes) => Convert.ToHexStringLower(SHA256.HashData(bytes));

    private string PublicKey()
    {
        byte[] key = [.. Hex.Parse("0x3056301006072a8648ce3d020106052b8104000a034200"), .. Hex.Parse(Point)];
        return JsonSerializer.Serialize(new
        {
            CustomerMasterKeySpec = KeySpec,
            KeyId = "arn:aws:kms:eu-central-1:123456789012:key/1234abcd-12ab-34cd-56ef-1234567890ab",
            KeySpec,
            KeyUsage = "SIGN_VERIFY",
            PublicKey = Convert.ToBase64String(key),
            SigningAlgorithms = new[] { "ECDSA_SHA_256" },
        });
    }

    private string Sign(JsonElement asked)
    {
        Assert.Equal("DIGEST", asked.GetProperty("MessageType").GetString());
        Assert.Equal("ECDSA_SHA_256", asked.GetProperty("SigningAlgorithm").GetString());
        var signature = Held.Sign(new Hash32(asked.GetProperty("Message").GetBytesFromBase64()));
        var s = (BigInteger)signature.S;
        var writer = new AsnWriter(AsnEncodingRules.DER);
        using (writer.PushSequence())
        {
            writer.WriteInteger((BigInteger)signature.R);
            writer.WriteInteger(IsHigh ? Order - s : s);
        }
        return JsonSerializer.Serialize(new
        {
            KeyId = "arn:aws:kms:eu-central-1:123456789012:key/1234abcd-12ab-34cd-56ef-1234567890ab",
            Signature = Convert.ToBase64String(writer.Encode()),
            SigningAlgorithm = "ECDSA_SHA_256",
        });
    }
}
