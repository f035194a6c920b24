using System.Numerics;
using Tocsin.Chains;
using Tocsin.Evm;
using Tocsin.Evm.Blocks;

namespace Tocsin.Tests.Evm;

public sealed class LogsBloomTests
{
    private static readonly Log Transfer = new(
        0,
        Address.Parse("0x5fbdb2315678afecb367f032d93f642f64180aa3"),
        [Keccak256.Hash("Transfer(address,address,uint256)"), Hash32.Zero, new Hash32(UInt256.One.ToArray())],
        default);

    [Fact]
    public void A_log_sets_the_bits_that_a_node_sets()
    {
        // The receipt of that log on Anvil 1.7.1, by the bytes that are not zero.
        var bytes = new byte[LogsBloom.ByteCount];
        foreach (var (index, value) in new[]
        {
            (61, 0x04), (75, 0x08), (85, 0x04), (99, 0x40), (100, 0x02), (110, 0x08), (123, 0x10), (155, 0x02),
            (195, 0x42), (222, 0x60),
        })
            bytes[index] = (byte)value;
        Assert.Equal(Hex.Format(bytes), LogsBloom.Of([Transfer]).ToString());
    }

    [Fact]
    public void Logs_that_are_withheld_or_invented_change_the_bloom()
    {
        var other = Transfer with { Address = Address.Parse("0x5aaeb6053f3e94c9b9a09f33669435e7ef1beaed") };
        var bloom = LogsBloom.Of([Transfer, other]);
        Assert.Equal(bloom, LogsBloom.Of([other, Transfer]));
        Assert.NotEqual(bloom, LogsBloom.Of([Transfer]));
        Assert.NotEqual(bloom, LogsBloom.Of([]));
        Assert.True(LogsBloom.TryParse(bloom.ToString(), out var read));
        Assert.Equal(bloom, read);
        Assert.Equal(bloom.GetHashCode(), read.GetHashCode());
    }

    [Fact]
    public void What_is_remembered_of_items_never_changes_a_bloom()
    {
        // Far more items than are remembered, so that they push each other out; each twice, and an address besides
        // the topic that begins with its bytes.
        for (var item = 0; item < 70_000; item++)
        {
            var topic = Keccak256.Hash(BitConverter.GetBytes(item));
            var address = new Address(topic.ToArray().AsSpan(0, Address.ByteCount));
            var padded = new Hash32([.. address.ToArray(), .. new byte[12]]);
            Log[] logs = [new(0, address, [topic, padded, topic], default)];
            var bloom = LogsBloom.Of(logs);
            if (item % 100 == 0)
                Assert.Equal(Bits(address.ToArray()) | Bits(topic.ToArray()) | Bits(padded.ToArray()), Read(bloom));
            Assert.Equal(bloom, LogsBloom.Of(logs));
        }
    }

    [Theory]
    [InlineData("")]
    [InlineData("0x00")]
    public void Other_text_is_no_bloom(string text) => Assert.False(LogsBloom.TryParse(text, out _));

    // Yellow paper, M3:2048, with the bloom as one number.
    private static BigInteger Bits(byte[] item)
    {
        var hash = Keccak256.Hash(item).ToArray();
        var bits = BigInteger.Zero;
        for (var pair = 0; pair < 6; pair += 2)
            bits |= BigInteger.One << (((hash[pair] << 8) | hash[pair + 1]) & 2047);
        return bits;
    }

    private static BigInteger Read(LogsBloom bloom) =>
        new(Hex.Parse(bloom.ToString()), isUnsigned: true, isBigEndian: true);
}
