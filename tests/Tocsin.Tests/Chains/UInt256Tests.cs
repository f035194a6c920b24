using System.Numerics;
using FsCheck;
using FsCheck.Fluent;
using Tocsin.Chains;

namespace Tocsin.Tests.Chains;

public sealed class UInt256Tests
{
    private static readonly BigInteger Beyond = BigInteger.One << 256;

    /// <summary>Numbers of every size, and those next to the edges of the parts.</summary>
    private static Gen<BigInteger> Numbers() => Gen.OneOf(
        Gen.Choose(0, 255).Select(bit => BigInteger.One << bit),
        Gen.Choose(1, 256).Select(bit => (BigInteger.One << bit) - 1),
        Gen.Choose(0, 1000).Select(i => (BigInteger)i),
        Gen.Choose(0, 255).Select(i => (byte)i).ArrayOf(32).Select(bytes => new BigInteger(bytes, isUnsigned: true)));

    private static readonly (string Sign, Func<UInt256, UInt256, UInt256> Mine, Func<BigInteger, BigInteger,
        BigInteger> Theirs)[] Operators =
    [
        ("+", (a, b) => a + b, (a, b) => a + b),
        ("-", (a, b) => a - b, (a, b) => a - b),
        ("*", (a, b) => a * b, (a, b) => a * b),
        ("/", (a, b) => a / b, (a, b) => a / b),
        ("%", (a, b) => a % b, (a, b) => a % b),
    ];

    [Theory]
    [InlineData("+")]
    [InlineData("-")]
    [InlineData("*")]
    [InlineData("/")]
    [InlineData("%")]
    public void It_calculates_as_integers_do_or_throws(string sign)
    {
        var (_, mine, theirs) = Operators.Single(o => o.Sign == sign);
        Prop.ForAll(Numbers().ToArbitrary(), Numbers().ToArbitrary(), (a, b) =>
        {
            if (b.IsZero && sign is "/" or "%")
            {
                Assert.Throws<DivideByZeroException>(() => mine((UInt256)a, (UInt256)b));
                return;
            }
            var expected = theirs(a, b);
            if (expected.Sign < 0 || expected >= Beyond)
                Assert.Throws<OverflowException>(() => mine((UInt256)a, (UInt256)b));
            else
                Assert.Equal(expected, (BigInteger)mine((UInt256)a, (UInt256)b));
        }).Check(Config.QuickThrowOnFailure.WithMaxTest(500));
    }

    [Fact]
    public void A_product_of_512_bits_is_divided_before_it_is_cut() => Prop.ForAll(
        Numbers().ToArbitrary(), Numbers().ToArbitrary(), Numbers().ToArbitrary(), (a, b, divisor) =>
    {
        UInt256 Divided() => UInt256.MulDiv((UInt256)a, (UInt256)b, (UInt256)divisor);
        if (divisor.IsZero)
            Assert.Throws<DivideByZeroException>(() => Divided());
        else if (a * b / divisor >= Beyond)
            Assert.Throws<OverflowException>(() => Divided());
        else
            Assert.Equal(a * b / divisor, (BigInteger)Divided());
    }).Check(Config.QuickThrowOnFailure.WithMaxTest(500));

    [Fact]
    public void Shifts_multiply_and_divide_by_powers_of_two_and_lose_no_bit_unsaid() => Prop.ForAll(
        Numbers().ToArbitrary(), Gen.Choose(0, 300).ToArbitrary(), (number, bits) =>
    {
        var value = (UInt256)number;
        Assert.Equal(number >> bits, (BigInteger)(value >> bits));
        if (number << bits >= Beyond)
            Assert.Throws<OverflowException>(() => value << bits);
        else
            Assert.Equal(number << bits, (BigInteger)(value << bits));
        Assert.Throws<ArgumentOutOfRangeException>(() => value << (-1 - bits));
        Assert.Throws<ArgumentOutOfRangeException>(() => value >> (-1 - bits));
    }).Check(Config.QuickThrowOnFailure.WithMaxTest(2_000));

    [Fact]
    public void Every_form_is_read_back() => Prop.ForAll(Numbers().ToArbitrary(), number =>
    {
        var value = (UInt256)number;
        Assert.Equal(number.ToString(), value.ToString());
        Assert.Equal(value, UInt256.Parse(value.ToString()));
        Assert.Equal(value, UInt256.Parse(value.ToQuantity()));
        Assert.Equal(value, new UInt256(value.ToArray()));
        Assert.Equal(value, new UInt256(number.ToByteArray(isUnsigned: true, isBigEndian: true)));
        Assert.DoesNotMatch("^0x0.", value.ToQuantity());
    }).Check(Config.QuickThrowOnFailure.WithMaxTest(500));

    [Fact]
    public void It_orders_as_integers_do() => Prop.ForAll(Numbers().ToArbitrary(), Numbers().ToArbitrary(), (a, b) =>
    {
        var (x, y) = ((UInt256)a, (UInt256)b);
        Assert.Equal(Math.Sign(a.CompareTo(b)), Math.Sign(x.CompareTo(y)));
        Assert.Equal((a < b, a <= b, a > b, a >= b, a == b, a != b), (x < y, x <= y, x > y, x >= y, x == y, x != y));
        Assert.True(x != y || x.GetHashCode() == y.GetHashCode());
    }).QuickCheckThrowOnFailure();

    [Theory]
    [InlineData("")]
    [InlineData("0x")]
    [InlineData("-1")]
    [InlineData("+1")]
    [InlineData(" 1")]
    [InlineData("1,000")]
    [InlineData("1e3")]
    [InlineData("0xg")]
    [InlineData("٣")]
    [InlineData("0x10000000000000000000000000000000000000000000000000000000000000000")]
    [InlineData("115792089237316195423570985008687907853269984665640564039457584007913129639936")]
    [InlineData("0000000000000000000000000000000000000000000000000000000000000000000000000000001")]
    public void What_is_no_word_is_refused(string text)
    {
        Assert.False(UInt256.TryParse(text, out _));
        Assert.Throws<FormatException>(() => UInt256.Parse(text));
    }

    [Fact]
    public void Its_edges()
    {
        Assert.Equal(Beyond - 1, (BigInteger)UInt256.MaxValue);
        Assert.Equal("0x0", UInt256.Zero.ToQuantity());
        Assert.Equal("0", default(UInt256).ToString());
        Assert.Equal(ulong.MaxValue, ((UInt256)ulong.MaxValue).ToUInt64());
        Assert.Throws<OverflowException>(() => ((UInt256)ulong.MaxValue + 1).ToUInt64());
        Assert.Throws<OverflowException>(() => (UInt256)BigInteger.MinusOne);
        Assert.Throws<OverflowException>(() => (UInt256)Beyond);
        Assert.Throws<ArgumentException>(() => new UInt256(new byte[33]));
    }

    [Theory]
    [InlineData("0", 18, "0")]
    [InlineData("1", 0, "1")]
    [InlineData("1500000", 6, "1.5")]
    [InlineData("1500000000000000000", 18, "1.5")]
    [InlineData("1", 18, "0")]
    [InlineData("1000000000", 18, "0.000000001")]
    [InlineData("999999999", 18, "0")]
    [InlineData("123456789", 9, "0.123456789")]
    [InlineData("1000000000000000000999999999", 9, "1000000000000000000.999999999")]
    [InlineData("115792089237316195423570985008687907853269984665640564039457584007913129639935", 0,
        "79228162514264337593543950335")]
    [InlineData("115792089237316195423570985008687907853269984665640564039457584007913129639935", 60,
        "115792089237316195.423570985")]
    [InlineData("115792089237316195423570985008687907853269984665640564039457584007913129639935", 255, "0")]
    public void Units_are_for_people(string amount, int decimals, string expected) =>
        Assert.Equal(decimal.Parse(expected), UInt256.Parse(amount).ToUnits(decimals));

    [Fact]
    public void Units_never_exceed_the_amount_by_more_than_they_show() =>
        Prop.ForAll(Numbers().ToArbitrary(), Gen.Choose(0, 36).ToArbitrary(), (number, decimals) =>
    {
        var units = ((UInt256)number).ToUnits(decimals);
        var whole = number / BigInteger.Pow(10, decimals);
        var expected = BigInteger.Min(whole, (BigInteger)decimal.MaxValue);
        Assert.Equal(expected, (BigInteger)decimal.Floor(units));
    }).Check(Config.QuickThrowOnFailure.WithMaxTest(500));
}
