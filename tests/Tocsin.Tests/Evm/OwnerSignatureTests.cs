using Tocsin.Chains;
using Tocsin.Evm;
using Tocsin.Evm.Safes;

namespace Tocsin.Tests.Evm;

public sealed class OwnerSignatureTests
{
    private static readonly Hash32 Hash = Keccak256.Hash("a transaction of a Safe");

    private readonly PrivateKey owner = PrivateKey.Generate();

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void What_a_wallet_gives_is_found_and_written_as_the_Safe_reads_it(bool isMessage)
    {
        var given = owner.Sign(isMessage ? OwnerSignature.AsMessage(Hash) : Hash);
        var raw = given.ToHex()[..^2] + $"{given.YParity:x2}";

        foreach (var text in new[] { given.ToHex(), raw })
        {
            var found = OwnerSignature.Find(Hash, text, [owner.Address]);

            Assert.Equal(new OwnerSignature(owner.Address, given, isMessage), found);
            Assert.Equal((isMessage ? 31 : 27) + given.YParity, found!.Value.ToArray()[^1]);
            Assert.True(OwnerSignature.TryRead(Hash, found.Value.ToString(), out var read));
            Assert.Equal(found, read);
            Assert.Equal(found, OwnerSignature.Find(Hash, found.Value.ToString(), [owner.Address]));
        }
    }

    [Fact]
    public void Nothing_else_is_found()
    {
        var given = owner.Sign(Hash).ToHex();

        Assert.Null(OwnerSignature.Find(Hash, given, [PrivateKey.Generate().Address]));
        Assert.Null(OwnerSignature.Find(Keccak256.Hash("another"), given, [owner.Address]));
        foreach (var text in new[] { "", "0x", "garbage", given + "00", given[..^2], "0x" + new string('0', 130) })
        {
            Assert.Null(OwnerSignature.Find(Hash, text, [owner.Address]));
            Assert.False(OwnerSignature.TryRead(Hash, text, out _));
        }
        foreach (var v in new[] { "00", "01", "02", "1d", "1e", "21", "ff" })
            Assert.False(OwnerSignature.TryRead(Hash, given[..^2] + v, out _));
    }

    // cast wallet sign 0x1c8a… --no-hash would be typed data; without it the wallet signs as a message (EIP-191).
    [Fact]
    public void A_message_has_the_prefix_of_its_length() => Assert.Equal(
        Keccak256.Hash([.. "\u0019Ethereum Signed Message:\n32"u8, .. Hash.ToArray()]), OwnerSignature.AsMessage(Hash));
}
