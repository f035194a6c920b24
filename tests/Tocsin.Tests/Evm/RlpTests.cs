using System.Text;
using FsCheck;
using FsCheck.Fluent;
using Tocsin.Chains;
using Tocsin.Evm;

namespace Tocsin.Tests.Evm;

public sealed class RlpTests
{
    private const string Lorem = "Lorem ipsum dolor sit amet, consectetur adipisicing elit";

    [Theory]
    [InlineData("", "0x80")]
    [InlineData("dog", "0x83646f67")]
    [InlineData("\0", "0x00")]
    [InlineData("\u007f", "0x7f")]
    [InlineData(
        Lorem,
        "0xb8384c6f72656d20697073756d20646f6c6f722073697420616d65742c20"
            + "636f6e7365637465747572206164697069736963696e6720656c6974")]
    public void Strings_of_the_specification(string text, string encoded) =>
        Assert.Equal(encoded, Hex.Format(Rlp.Encode(Encoding.UTF8.GetBytes(text))));

    [Theory]
    [InlineData(0UL, "0x80")]
    [InlineData(15UL, "0x0f")]
    [InlineData(128UL, "0x8180")]
    [InlineData(1024UL, "0x820400")]
    [InlineData(ulong.MaxValue, "0x88ffffffffffffffff")]
    public void Integers_have_no_leading_zeros(ulong value, string encoded) =>
        Assert.Equal(encoded, Hex.Format(Rlp.Encode(value)));

    [Fact]
    public void The_three_nested_lists_of_the_specification()
    {
        var none = Rlp.EncodeList();
        var one = Rlp.EncodeList(none);
        Assert.Equal("0xc7c0c1c0c3c0c1c0", Hex.Format(Rlp.EncodeList(none, one, Rlp.EncodeList(none, one))));
    }

    [Theory]
    [InlineData("0x", "no item")]
    [InlineData("0x8000", "trailing byte")]
    [InlineData("0x8100", "a byte below 0x80 in the longer form")]
    [InlineData("0x817f", "a byte below 0x80 in the longer form")]
    [InlineData("0x8261", "missing byte")]
    [InlineData("0xb800", "long form of a short string")]
    [InlineData("0xb90038", "leading zero in a length")]
    [InlineData("0xbbffffffff", "length beyond the input")]
    [InlineData("0xbfffffffffffffffff", "length beyond every integer")]
    [InlineData("0xf800", "long form of a short list")]
    [InlineData("0xc2", "missing items")]
    [InlineData("0xc28261", "an item longer than its list")]
    [InlineData("0xb8", "missing length")]
    public void What_no_encoder_writes_is_refused(string encoded, string why) =>
        Assert.False(Rlp.TryDecode(Hex.Parse(encoded), out _), why);

    [Theory]
    [InlineData(Rlp.MaxDepth, true)]
    [InlineData(Rlp.MaxDepth + 1, false)]
    [InlineData(10_000, false)]
    public void Nesting_is_bounded(int depth, bool decoded)
    {
        var nested = Rlp.EncodeList();
        for (var i = 0; i < depth; i++)
            nested = Rlp.EncodeList(nested);
        Assert.Equal(decoded, Rlp.TryDecode(nested, out _));
    }

    [Fact]
    public void Integers_with_leading_zeros_are_refused_where_integers_are_read()
    {
        Assert.True(Rlp.TryDecode(Hex.Parse("0x820001"), out var item));
        Assert.False(item.TryReadUInt64(out _));
        Assert.False(item.TryReadUInt256(out _));
    }

    [Fact]
    public void A_list_is_neither_bytes_nor_a_number()
    {
        Assert.True(Rlp.TryDecode(Rlp.EncodeList(), out var item));
        Assert.False(item.TryReadBytes(out _));
        Assert.False(item.TryReadUInt64(out _));
        Assert.False(item.TryReadAddress(out _));
    }

    [Fact]
    public void What_decodes_encodes_to_the_same_bytes() =>
        Prop.ForAll<byte[]>(input =>
            !Rlp.TryDecode(input, out var item) || Encoded(item).AsSpan().SequenceEqual(input))
            .QuickCheckThrowOnFailure();

    [Fact]
    public void Bytes_come_back_at_every_length_near_a_limit()
    {
        foreach (var length in new[] { 0, 1, 2, 54, 55, 56, 57, 254, 255, 256, 257, 65_535, 65_536, 200_000 })
        {
            var bytes = Enumerable.Range(0, length).Select(i => (byte)(200 + (i % 50))).ToArray();
            var list = Rlp.EncodeList(Rlp.Encode(bytes), Rlp.Encode(bytes));
            Assert.True(Rlp.TryDecode(list, out var item));
            Assert.Equal(2, item.Items.Count);
            Assert.True(item.Items[1].TryReadBytes(out var read) && read.SequenceEqual(bytes));
        }
    }

    private static byte[] Encoded(RlpItem item) =>
        item.TryReadBytes(out var bytes) ? Rlp.Encode(bytes) : Rlp.EncodeList([.. item.Items.Select(Encoded)]);
}
