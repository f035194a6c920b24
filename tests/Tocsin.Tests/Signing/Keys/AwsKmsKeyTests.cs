using Tocsin.Chains;
using Tocsin.Evm;
using Tocsin.Signing.Keys;
using static Tocsin.Tests.Signing.SignerDesk;

namespace Tocsin.Tests.Signing.Keys;

/// <summary>Exchanges as the documentation of AWS KMS has them, over loopback.</summary>
public sealed class AwsKmsKeyTests : IAsyncLifetime
{
    private readonly HttpClient http = KeyHttp.Create();
    private FakeKms kms = null!;

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync() => kms = await FakeKms.StartAsync();

    public async ValueTask DisposeAsync()
    {
        http.Dispose();
        await kms.DisposeAsync();
    }

    /// <summary>The signature's test suite of AWS: get-vanilla and post-vanilla.</summary>
    [Theory]
    [InlineData("GET", "5fa00fa31553b73ebf1942676e86291e8372ff2a2260956d9b8aae1d763fbf31")]
    [InlineData("POST", "5da7c1a2acd57cee7505fc6676e4e544621c30862966e37dddb68e92efbe5d6b")]
    public void A_request_is_signed_as_AWS_says(string method, string signature) => Assert.Equal(
        "AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20150830/us-east-1/service/aws4_request, "
        + $"SignedHeaders=host;x-amz-date, Signature={signature}",
        AwsRequestSignature.Authorization(
            method, "/", [("host", "example.amazonaws.com"), ("x-amz-date", "20150830T123600Z")], [],
            new AwsCredentials("AKIDEXAMPLE", "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY", null), "us-east-1",
            "service", "20150830T123600Z"));

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_signature_gets_a_low_s_and_its_parity(bool isHigh)
    {
        kms.IsHigh = isHigh;
        var key = Key();

        for (byte number = 0; number < 8; number++)
            Assert.Equal(
                FakeKms.Held.Sign(Keccak256.Hash([number])), await key.SignAsync((byte[])[number], Cancel));

        Assert.Equal("TrentService.GetPublicKey", kms.Asked[0]);
        Assert.Equal(8, kms.Asked.Count(asked => asked == "TrentService.Sign"));
        Assert.Equal(9, kms.Asked.Count);
    }

    [Fact]
    public async Task A_key_of_another_account_is_refused_before_it_signs()
    {
        var fault = await RefusedAsync(Key(account: SignerDesk.Key.Address));

        Assert.Contains("is that of", fault.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("TrentService.Sign", kms.Asked);
    }

    [Fact]
    public async Task A_key_of_another_curve_is_refused_before_it_signs()
    {
        kms.KeySpec = "ECC_NIST_P256";

        Assert.Contains("ECC_SECG_P256K1", (await RefusedAsync(Key())).Message, StringComparison.Ordinal);

        Assert.DoesNotContain("TrentService.Sign", kms.Asked);
    }

    [Theory]
    [InlineData("{}")]
    [InlineData("[]")]
    [InlineData("{\"Signature\":3}")]
    [InlineData("{\"Signature\":\"AAAA\"}")]
    [InlineData("{\"Signature\":\"MAYCAQECAQH/\"}")]
    [InlineData("{\"Signature\":\"MAYCAf8CAf8=\"}")]
    [InlineData("not json")]
    public async Task What_is_no_signature_is_refused(string answer)
    {
        kms.Instead = (200, answer);

        await RefusedAsync(Key());
    }

    [Fact]
    public async Task A_refusal_is_told_by_its_type_alone()
    {
        kms.Instead = (400, "{\"__type\":\"AccessDeniedException\",\"message\":\"arn:aws:iam::123 may not\"}");

        var fault = await RefusedAsync(Key());

        Assert.Contains("400: AccessDeniedException", fault.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("arn:", fault.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_wrong_secret_is_refused_there_and_stands_in_no_message()
    {
        var fault = await RefusedAsync(Key(secret: "not the secret"));

        Assert.Contains("400: InvalidSignatureException", fault.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("not the secret", fault.ToString(), StringComparison.Ordinal);
        Assert.DoesNotContain("not the secret", $"{new AwsCredentials("a", "not the secret", "b")}",
            StringComparison.Ordinal);
    }

    [Fact]
    public async Task Nobody_there_is_a_key_that_cannot_be_used_now()
    {
        var key = Key();
        await kms.StopAsync();

        Assert.Contains("cannot be used", (await RefusedAsync(key)).Message, StringComparison.Ordinal);
    }

    private static Task<KeyUnavailableException> RefusedAsync(AwsKmsKey key) =>
        Assert.ThrowsAsync<KeyUnavailableException>(() => key.SignAsync((byte[])[1, 2, 3], Cancel));

    private AwsKmsKey Key(Address? account = null, string secret = FakeKms.SecretKey) => new(
        http, kms.Address, FakeKms.KeyId, FakeKms.Region,
        new AwsCredentials(FakeKms.AccessKey, secret, FakeKms.Token), account ?? FakeKms.Held.Address,
        new FixedTime(Noon));
}
