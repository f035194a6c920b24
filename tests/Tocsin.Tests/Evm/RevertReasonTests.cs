using Tocsin.Chains;
using Tocsin.Evm.Abi;

namespace Tocsin.Tests.Evm;

public sealed class RevertReasonTests
{
    private static readonly AbiError ModulePaused = AbiError.Parse("error ModulePaused(bytes32 module, uint64 until)");
    private static readonly AbiFunction Error = AbiFunction.Parse("Error(string)");
    private static readonly AbiFunction Panic = AbiFunction.Parse("Panic(uint256)");

    [Fact]
    public void Words_of_the_contract_are_quoted()
    {
        Assert.Equal("0x08c379a0", Error.Selector.ToString());
        Assert.Equal(
            "reverted: \"Ownable: caller is not the owner\"",
            RevertReason.Describe(Error.Encode("Ownable: caller is not the owner"), []));
    }

    [Theory]
    [InlineData(0x01, "panicked: an assertion failed (0x1)")]
    [InlineData(0x11, "panicked: arithmetic overflow or underflow (0x11)")]
    [InlineData(0x32, "panicked: an index beyond the array (0x32)")]
    [InlineData(0x99, "panicked: unknown code 0x99")]
    public void Panics_say_what_they_mean(int code, string words)
    {
        Assert.Equal("0x4e487b71", Panic.Selector.ToString());
        Assert.Equal(words, RevertReason.Describe(Panic.Encode(code), []));
    }

    [Fact]
    public void Known_errors_have_their_names_and_values()
    {
        var data = Data(ModulePaused, Hash32.Zero, 1_800_000_000);
        Assert.Equal(
            $"reverted: ModulePaused(module: {Hash32.Zero}, until: 1800000000)",
            RevertReason.Describe(data, [AbiError.Parse("Other()"), ModulePaused]));
        Assert.StartsWith("reverted with unknown data 0x", RevertReason.Describe(data, []));
    }

    [Theory]
    [InlineData("0x", "reverted without a reason")]
    [InlineData("0x01", "reverted with unknown data 0x01")]
    [InlineData("0x08c379a0", "reverted with unknown data 0x08c379a0")]
    public void Data_without_meaning_is_shown_as_it_is(string data, string words) =>
        Assert.Equal(words, RevertReason.Describe(Hex.Parse(data), [ModulePaused]));

    [Fact]
    public void A_hostile_reason_stays_one_short_line()
    {
        var text = "ok\"\r\n2031-01-01 all clear \u202e\u2028" + new string('x', 10_000);
        var words = RevertReason.Describe(Error.Encode(text), []);
        Assert.True(words.Length < 300);
        Assert.DoesNotContain(words, character => char.IsControl(character) || character is '\u202e' or '\u2028');
        Assert.EndsWith("…\"", words);
        Assert.True(RevertReason.Describe(new byte[100_000], []).Length < 300);
        var array = AbiError.Parse("Many(string[][] texts)");
        var many = Data(array, [Many(Many("long text"))]);
        Assert.True(RevertReason.Describe(many, [array]).Length < 1_500);

        static object[] Many(object item) => [.. Enumerable.Repeat(item, 100)];
    }

    [Fact]
    public void A_reason_is_never_cut_within_a_character()
    {
        var error = AbiError.Parse("Many(string[] texts)");
        var bells = Enumerable.Repeat(string.Concat(Enumerable.Repeat("\U0001f514", 150)), 10).ToArray();
        foreach (var first in new[] { "", "x" })
        {
            var words = RevertReason.Describe(Data(error, [(object[])[first, .. bells]]), [error]);
            Assert.DoesNotContain('\ufffd', words.EnumerateRunes().Select(rune => (char)(rune.Value & 0xffff)));
        }
    }

    private static byte[] Data(AbiError error, params object[] values) =>
        [.. error.Selector.ToArray(), .. AbiEncoder.Encode(error.Parameters, values)];
}
