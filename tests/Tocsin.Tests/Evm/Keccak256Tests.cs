using FsCheck;
using FsCheck.Fluent;
using Org.BouncyCastle.Crypto.Digests;
using Tocsin.Chains;
using Tocsin.Evm;

namespace Tocsin.Tests.Evm;

public sealed class Keccak256Tests
{
    [Theory]
    [InlineData("", "0xc5d2460186f7233c927e7db2dcc703c0e500b653ca82273b7bfad8045d85a470")]
    [InlineData("abc", "0x4e03657aea45a94fc7d47ba826c8d667c0d1e6e33a64a036ec44f58fa12d6c45")]
    [InlineData(
        "Transfer(address,address,uint256)",
        "0xddf252ad1be2c89b69c2b068fc378daa952ba7f163c4a11628f55a4df523b3ef")]
    public void Hashes_as_Ethereum_does_and_not_as_SHA3(string text, string hash) =>
        Assert.Equal(hash, Keccak256.Hash(text).ToString());

    [Theory]
    [InlineData(135)]
    [InlineData(136)]
    [InlineData(137)]
    public void Bytes_around_the_block_size_hash_differently_from_their_prefix(int length)
    {
        var bytes = new byte[length];
        Assert.NotEqual(Keccak256.Hash(bytes.AsSpan(0, length - 1)), Keccak256.Hash(bytes));
    }

    [Fact]
    public void Every_message_hashes_as_in_BouncyCastle()
    {
        // Every length around the first blocks' ends, then whatever comes.
        for (var length = 0; length <= 410; length++)
            Assert.Equal(ByBouncyCastle(Counting(length)), Keccak256.Hash(Counting(length)));
        Prop.ForAll<byte[]>(bytes => Keccak256.Hash(bytes) == ByBouncyCastle(bytes)).QuickCheckThrowOnFailure();
    }

    private static byte[] Counting(int length) =>
        [.. Enumerable.Range(0, length).Select(n => unchecked((byte)(n * 7)))];

    private static Hash32 ByBouncyCastle(byte[] bytes)
    {
        var digest = new KeccakDigest(256);
        digest.BlockUpdate(bytes, 0, bytes.Length);
        var hash = new byte[Hash32.ByteCount];
        digest.DoFinal(hash, 0);
        return new Hash32(hash);
    }
}
