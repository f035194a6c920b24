using FsCheck;
using FsCheck.Fluent;
using Tocsin.Chains;

namespace Tocsin.Tests.Chains;

public sealed class HexTests
{
    private static readonly string Digits40 = new('a', 40);

    [Fact]
    public void Bytes_are_read_back_in_either_case() => Prop.ForAll<byte[]>(bytes =>
    {
        var text = Hex.Format(bytes);
        Assert.Equal(bytes, Hex.Parse(text));
        Assert.Equal(bytes, Hex.Parse("0X" + text[2..].ToUpperInvariant()));
    }).QuickCheckThrowOnFailure();

    [Theory]
    [InlineData("")]
    [InlineData("0")]
    [InlineData("12")]
    [InlineData("x12")]
    [InlineData("0x1")]
    [InlineData("0x1g")]
    [InlineData("0x 1")]
    [InlineData("0x12 ")]
    [InlineData(" 0x12")]
    [InlineData("0x１2")]
    [InlineData("0x\0\0")]
    public void What_is_not_prefixed_pairs_of_digits_is_refused(string text)
    {
        Assert.False(Hex.TryParse(text, out var bytes));
        Assert.Empty(bytes);
        Assert.Throws<FormatException>(() => Hex.Parse(text));
    }

    [Fact]
    public void A_long_text_is_cut_in_the_message() =>
        Assert.True(Assert.Throws<FormatException>(() => Hex.Parse(new string('z', 10_000))).Message.Length < 150);

    [Fact]
    public void An_address_and_a_hash_are_read_back_and_order_as_their_bytes() =>
        Prop.ForAll(Word().ToArbitrary(), Word().ToArbitrary(), (one, other) =>
    {
        var (a, b) = (new Address(one.AsSpan(0, 20)), new Address(other.AsSpan(0, 20)));
        Assert.Equal(a, Address.Parse(a.ToString()));
        Assert.Equal(one[..20], a.ToArray());
        Assert.Equal(Math.Sign(one.AsSpan(0, 20).SequenceCompareTo(other.AsSpan(0, 20))), Math.Sign(a.CompareTo(b)));
        var (x, y) = (new Hash32(one), new Hash32(other));
        Assert.Equal(x, Hash32.Parse(x.ToString()));
        Assert.Equal(one, x.ToArray());
        Assert.Equal(Math.Sign(one.AsSpan().SequenceCompareTo(other)), Math.Sign(x.CompareTo(y)));
        Assert.Equal((a == b, x == y), (one.AsSpan(0, 20).SequenceEqual(other.AsSpan(0, 20)),
            one.AsSpan().SequenceEqual(other)));
    }).QuickCheckThrowOnFailure();

    [Theory]
    [InlineData(0, false)]
    [InlineData(38, false)]
    [InlineData(39, false)]
    [InlineData(40, true)]
    [InlineData(42, false)]
    [InlineData(64, false)]
    public void An_address_has_forty_digits(int digits, bool good) =>
        Assert.Equal(good, Address.TryParse("0x" + new string('a', digits), out _));

    [Theory]
    [InlineData(40, false)]
    [InlineData(63, false)]
    [InlineData(64, true)]
    [InlineData(66, false)]
    public void A_hash_has_sixty_four_digits(int digits, bool good) =>
        Assert.Equal(good, Hash32.TryParse("0x" + new string('a', digits), out _));

    [Fact]
    public void A_wrong_length_is_refused()
    {
        Assert.Throws<ArgumentException>(() => new Address(new byte[21]));
        Assert.Throws<ArgumentException>(() => new Hash32(new byte[31]));
        Assert.Throws<FormatException>(() => Address.Parse(Digits40));
        Assert.Throws<FormatException>(() => Hash32.Parse("0x" + Digits40));
    }

    [Fact]
    public void Zero_is_the_default()
    {
        Assert.True(default(Address).IsZero && default(Hash32).IsZero);
        Assert.Equal("0x0000000000000000000000000000000000000000", Address.Zero.ToString());
        Assert.False(Address.Parse("0x0000000000000000000000000000000000000001").IsZero);
        Assert.False(Address.Parse("0x0100000000000000000000000000000000000000").IsZero);
    }

    [Fact]
    public void The_short_form_keeps_both_ends() =>
        Assert.Equal("0x1234…5678", Address.Parse("0x1234000000000000000000000000000000005678").ToShortString());

    [Theory]
    [InlineData("0x", null)]
    [InlineData("0x123456", null)]
    [InlineData("0x12345678", "0x12345678")]
    [InlineData("0x00000001ff", "0x00000001")]
    public void A_selector_is_the_first_four_bytes(string data, string? expected) =>
        Assert.Equal(expected, Selector.Of(Hex.Parse(data))?.ToString());

    private static Gen<byte[]> Word() => Gen.Choose(0, 3).Select(i => (byte)(i == 3 ? 255 : i)).ArrayOf(32);
}
