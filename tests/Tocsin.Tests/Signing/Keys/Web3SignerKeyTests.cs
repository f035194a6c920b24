using Tocsin.Chains;
using Tocsin.Evm;
using Tocsin.Signing;
using Tocsin.Signing.Keys;
using static Tocsin.Tests.Signing.SignerDesk;

namespace Tocsin.Tests.Signing.Keys;

public sealed class Web3SignerKeyTests : IAsyncLifetime
{
    private readonly HttpClient http = KeyHttp.Create();
    private FakeWeb3Signer fake = null!;

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    private static byte[] Bytes => [1, 2, 3];

    public async ValueTask InitializeAsync() => fake = await FakeWeb3Signer.StartAsync();

    public async ValueTask DisposeAsync()
    {
        http.Dispose();
        await fake.DisposeAsync();
    }

    [Fact]
    public async Task It_signs_what_a_local_key_signs() =>
        Assert.Equal(FakeWeb3Signer.Key.Sign(Keccak256.Hash(Bytes)), await Ours().SignAsync(Bytes, Cancel));

    [Fact]
    public async Task A_trailing_slash_and_quotes_are_the_same()
    {
        fake.Instead = (signature, _) => Task.FromResult($"\"{signature}\"\n");
        var key = Checked(new Uri(fake.Address, "/"), FakeWeb3Signer.Key.Address);

        Assert.Equal(FakeWeb3Signer.Key.Sign(Keccak256.Hash(Bytes)), await key.SignAsync(Bytes, Cancel));
    }

    [Fact]
    public async Task A_key_that_it_does_not_hold_is_named()
    {
        var fault = await RefusedAsync(Checked(fake.Address, Key.Address));

        Assert.Contains(ChecksumAddress.Format(Key.Address), fault.Message, StringComparison.Ordinal);
        Assert.Equal(0, fake.Asked);
    }

    [Theory]
    [InlineData("")]
    [InlineData("0x")]
    [InlineData("{\"signature\":\"0x\"}")]
    public async Task What_is_no_signature_is_refused(string answer)
    {
        fake.Instead = (_, _) => Task.FromResult(answer);

        await RefusedAsync(Ours());
    }

    [Fact]
    public async Task A_signature_of_other_bytes_or_by_another_key_is_refused()
    {
        fake.Instead = (_, _) => Task.FromResult(FakeWeb3Signer.Key.Sign(Keccak256.Hash([9])).ToHex());
        await RefusedAsync(Ours());

        fake.Instead = (_, _) => Task.FromResult(Key.Sign(Keccak256.Hash(Bytes)).ToHex());
        Assert.Contains("not a signature of these bytes", (await RefusedAsync(Ours())).Message,
            StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(302)]
    [InlineData(401)]
    [InlineData(500)]
    public async Task Its_refusal_is_told_with_its_words(int status)
    {
        fake.Instead = (_, context) =>
        {
            context.Response.StatusCode = status;
            context.Response.Headers.Location = "/elsewhere";
            return Task.FromResult("no\u001b[31m key");
        };

        var fault = await RefusedAsync(Ours());

        Assert.Contains($"answered {status}", fault.Message, StringComparison.Ordinal);
        Assert.DoesNotContain('\u001b', fault.Message);
    }

    [Fact]
    public async Task An_endless_answer_is_not_read_to_its_end()
    {
        fake.Instead = (_, _) => Task.FromResult(new string('0', 1 << 20));

        await RefusedAsync(Ours());
    }

    [Fact]
    public async Task One_that_does_not_answer_spends_no_nonce_and_the_next_request_is_served()
    {
        var silent = new TaskCompletionSource<string>();
        fake.Instead = (_, _) => silent.Task;
        var key = new SwitchedKey(Ours(TimeSpan.FromMilliseconds(50)));
        using var desk = new SignerDesk(key: key);

        Assert.Equal(SignerRefusal.KeyUnavailable, desk.Refused(Request(Decision())));
        Assert.Empty(desk.Entries);

        silent.SetResult("");
        fake.Instead = null;
        key.Now = Ours();
        var signed = desk.Signed(Request(Decision()));
        Assert.Equal(5UL, signed.Nonce);
        Assert.Equal(signed, desk.Signed(Request(Decision())));
    }

    [Fact]
    public async Task Nobody_there_is_told()
    {
        var gone = Ours();
        await fake.DisposeAsync();

        await RefusedAsync(gone);
    }

    private CheckedKey Ours(TimeSpan? timeout = null) =>
        Checked(fake.Address, FakeWeb3Signer.Key.Address, timeout);

    private CheckedKey Checked(Uri address, Address account, TimeSpan? timeout = null) =>
        new(new Web3SignerKey(http, address, account), timeout);

    private static Task<KeyUnavailableException> RefusedAsync(CheckedKey key) =>
        Assert.ThrowsAsync<KeyUnavailableException>(() => key.SignAsync(Bytes, Cancel));

    private sealed class SwitchedKey(ISigningKey first) : ISigningKey
    {
        public ISigningKey Now { get; set; } = first;

        public Address Address => Now.Address;

        public Task<Signature> SignAsync(ReadOnlyMemory<byte> preimage, CancellationToken cancellationToken) =>
            Now.SignAsync(preimage, cancellationToken);
    }
}
