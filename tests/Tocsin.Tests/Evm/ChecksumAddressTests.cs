using Tocsin.Chains;
using Tocsin.Evm;

namespace Tocsin.Tests.Evm;

public sealed class ChecksumAddressTests
{
    /// <summary>The test cases of EIP-55.</summary>
    [Theory]
    [InlineData("0x52908400098527886E0F7030069857D2E4169EE7")]
    [InlineData("0x8617E340B3D01FA5F11F306F4090FD50E238070D")]
    [InlineData("0xde709f2102306220921060314715629080e2fb77")]
    [InlineData("0x27b1fdb04752bbc536007a920d24acb045561c26")]
    [InlineData("0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAed")]
    [InlineData("0xfB6916095ca1df60bB79Ce92cE3Ea74c37c5d359")]
    [InlineData("0xdbF03B407c01E7cD3CBea99509d93f8DDDC8C6FB")]
    [InlineData("0xD1220A0cf47c7B9Be7A2E6BA89F429762e7b9aDb")]
    public void The_examples_of_the_EIP_are_written_and_read(string text)
    {
        Assert.Equal(text, ChecksumAddress.Format(Address.Parse(text)));
        Assert.True(ChecksumAddress.TryParse(text, out var address));
        Assert.Equal(Address.Parse(text), address);
    }

    [Theory]
    [InlineData("0x5aaeb6053f3e94c9b9a09f33669435e7ef1beaed", AddressCheck.Good)]
    [InlineData("0x5AAEB6053F3E94C9B9A09F33669435E7EF1BEAED", AddressCheck.Good)]
    [InlineData("0x0000000000000000000000000000000000000000", AddressCheck.Good)]
    [InlineData("0x5aaeb6053F3E94C9b9A09f33669435E7Ef1BeAed", AddressCheck.WrongChecksum)]
    [InlineData("0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAee", AddressCheck.WrongChecksum)]
    [InlineData("0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAe", AddressCheck.NotAnAddress)]
    [InlineData("0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAedd", AddressCheck.NotAnAddress)]
    [InlineData("5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAed", AddressCheck.NotAnAddress)]
    [InlineData("0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAeg", AddressCheck.NotAnAddress)]
    [InlineData("", AddressCheck.NotAnAddress)]
    public void A_typo_is_told_from_what_is_no_address(string text, AddressCheck expected)
    {
        Assert.Equal(expected, ChecksumAddress.Check(text, out var address));
        Assert.True(expected == AddressCheck.Good || address.IsZero);
    }
}
