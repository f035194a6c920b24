using System.Security.Cryptography;
using System.Text;
using FsCheck;
using FsCheck.Fluent;
using Tocsin.Chains;
using Tocsin.Evm;

namespace Tocsin.Tests.Evm;

public sealed class SignatureTests
{
    private static readonly UInt256 Order =
        UInt256.Parse("0xfffffffffffffffffffffffffffffffebaaedce6af48a03bbfd25e8cd0364141");

    private static readonly PrivateKey Key = new(Keccak256.Hash("cow").ToArray());
    private static readonly Hash32 Digest = Keccak256.Hash("a decision");

    [Theory]
    [InlineData(
        "0x4646464646464646464646464646464646464646464646464646464646464646",
        "0x9d8A62f656a8d1615C1294fd71e9CFb3E4855A4F")]
    [InlineData(
        "0xac0974bec39a17e36ba4a6b4d238ff944bacb478cbed5efcae784d7bf4f2ff80",
        "0xf39Fd6e51aad88F6F4ce6aB8827279cffFb92266")]
    [InlineData(
        "0x0000000000000000000000000000000000000000000000000000000000000001",
        "0x7E5F4552091A69125d5DfCb7b8C2659029395Bdf")]
    public void A_key_has_its_address(string secret, string address) =>
        Assert.Equal(address, ChecksumAddress.Format(new PrivateKey(Hex.Parse(secret)).Address));

    /// <summary>Widely published vectors for RFC 6979 with SHA-256 over secp256k1 with key 1, s made low.</summary>
    [Theory]
    [InlineData(
        "Satoshi Nakamoto",
        "0x934b1ea10a4b3c1757e2b0c017d0b6143ce3c9a7e6a4a49860d7a6ab210ee3d8",
        "0x2442ce9d2b916064108014783e923ec36b49743e2ffa1c4496f01a512aafd9e5")]
    [InlineData(
        "All those moments will be lost in time, like tears in rain. Time to die...",
        "0x8600dbd41e348fe5c9465ab92d23e3db8b98b873beecd930736488696438cb6b",
        "0x547fe64427496db33bf66019dacbf0039c04199abb0122918601db38a72cfc21")]
    public void Signing_is_deterministic(string message, string r, string s)
    {
        var digest = new Hash32(SHA256.HashData(Encoding.UTF8.GetBytes(message)));
        var signature = new PrivateKey(UInt256.One.ToArray()).Sign(digest);
        Assert.Equal(UInt256.Parse(r), signature.R);
        Assert.Equal(UInt256.Parse(s), signature.S);
    }

    [Fact]
    public void What_a_key_signs_names_its_address_and_nothing_else_does() =>
        Prop.ForAll<byte[], byte[]>((secret, message) =>
        {
            var key = new PrivateKey(Keccak256.Hash(secret).ToArray());
            var signature = key.Sign(Keccak256.Hash(message));
            return signature.TryRecover(Keccak256.Hash(message), out var signer)
                && signer == key.Address
                && !(signature.TryRecover(Keccak256.Hash([.. message, 0]), out var other) && other == key.Address)
                && Signature.TryParse(signature.ToHex(), out var read)
                && read == signature;
        }).QuickCheckThrowOnFailure();

    [Fact]
    public void Only_one_of_the_two_forms_of_a_signature_recovers()
    {
        var signature = Key.Sign(Digest);
        var twin = new Signature(signature.R, Order - signature.S, (byte)(1 - signature.YParity));
        Assert.True(signature.TryRecover(Digest, out _));
        Assert.False(twin.TryRecover(Digest, out _));
    }

    [Fact]
    public void Parts_out_of_range_recover_nothing()
    {
        var good = Key.Sign(Digest);
        Signature[] bad =
        [
            default,
            good with { R = 0 },
            good with { S = 0 },
            good with { R = Order },
            good with { S = Order },
            good with { R = UInt256.MaxValue },
            good with { S = UInt256.MaxValue },
            good with { YParity = 2 },
            good with { YParity = 27 },
            // No point of the curve has the x coordinate 5.
            good with { R = 5 },
        ];
        Assert.All(bad, signature => Assert.False(signature.TryRecover(Digest, out var address) || !address.IsZero));
    }

    [Theory]
    [InlineData(0, true)]
    [InlineData(1, true)]
    [InlineData(27, true)]
    [InlineData(28, true)]
    [InlineData(2, false)]
    [InlineData(26, false)]
    [InlineData(29, false)]
    [InlineData(54, false)]
    [InlineData(255, false)]
    public void The_last_byte_is_a_parity_in_either_form(int v, bool read)
    {
        var bytes = Hex.Parse(Key.Sign(Digest).ToHex());
        bytes[64] = (byte)v;
        Assert.Equal(read, Signature.TryParse(Hex.Format(bytes), out _));
    }

    [Theory]
    [InlineData("")]
    [InlineData("0x")]
    [InlineData("0x1b")]
    [InlineData("not a signature")]
    public void Other_text_is_no_signature(string text) => Assert.False(Signature.TryParse(text, out _));

    [Fact]
    public void A_signature_without_its_last_byte_or_with_one_more_is_refused()
    {
        var text = Key.Sign(Digest).ToHex();
        Assert.False(Signature.TryParse(text.AsSpan(0, text.Length - 2), out _));
        Assert.False(Signature.TryParse(text + "00", out _));
    }

    [Fact]
    public void Numbers_that_are_no_key_are_refused_without_showing_them()
    {
        foreach (var number in new[] { UInt256.Zero, Order, UInt256.MaxValue })
        {
            var refused = Assert.Throws<ArgumentException>(() => new PrivateKey(number.ToArray()));
            Assert.DoesNotContain(Hex.Format(number.ToArray())[2..], refused.Message);
        }
        Assert.NotNull(new PrivateKey((Order - 1).ToArray()));
        Assert.Throws<ArgumentException>(() => new PrivateKey(new byte[31]));
    }

    [Fact]
    public void A_key_says_nothing_of_itself()
    {
        var key = PrivateKey.Generate();
        Span<byte> secret = stackalloc byte[PrivateKey.ByteCount];
        key.ExportTo(secret);
        Assert.Equal(key.Address, new PrivateKey(secret).Address);
        Assert.Equal("private key", key.ToString());
        Assert.NotEqual(key.Address, PrivateKey.Generate().Address);
    }
}
