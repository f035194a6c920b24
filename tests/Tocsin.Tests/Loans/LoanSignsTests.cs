using Tocsin.Chains;
using Tocsin.Evm;
using Tocsin.Evm.Abi;

namespace Tocsin.Tests.Loans;

/// <summary>The topics and selectors by which loans and sources of prices are known, against those that the contracts'
/// own documentation gives.</summary>
public sealed class LoanSignsTests
{
    [Theory]
    [InlineData("FlashLoan(address,address,address,uint256,uint256,uint16)",
        "0x631042c832b07452973831137f2d73e395028b44b250dedc5abb0ee766e168ac")]
    [InlineData("FlashLoan(address,address,address,uint256,uint8,uint256,uint16)",
        "0xefefaba5e921573100900a3ad9cf29f222d995fb3b6045797eaea7521bd8d6f0")]
    [InlineData("FlashLoan(address,address,uint256,uint256)",
        "0x0d7d75e01ab95780d3cd1c8ec0dd6c2ce19e3a20427eec8bf53283b6fb8e95f0")]
    [InlineData("VatDaiFlashLoan(address,uint256,uint256)",
        "0xbca56acc64a74a4c131755895cf7f72fc3f9e39af64241f7ad0f77e86f41ada9")]
    [InlineData("FlashLoan(address,address,uint256)",
        "0xc76f1b4fe4396ac07a9fa55a415d4ca430e72651d37d3401f3bed7cb13fc4f12")]
    [InlineData("Flash(address,address,uint256,uint256,uint256,uint256)",
        "0xbdbdb71d7860376ba52b25a5028beea23581364a40522f6bcfb86bb1f2dca633")]
    [InlineData("LogCall(address,uint256,address)",
        "0xab38cdc4a831ebe6542bf277d36b65dbc5c66a4d03ec6cf56ac38de05dc30098")]
    public void An_event_is_known_by_the_hash_of_its_signature(string signature, string topic) =>
        Assert.Equal(Hash32.Parse(topic), Keccak256.Hash(signature));

    [Theory]
    [InlineData("unlock(bytes)", "0x48c89491")]
    [InlineData("unlockCallback(bytes)", "0x91dd7346")]
    [InlineData("take(address,address,uint256)", "0x0b0d9c09")]
    [InlineData("settle()", "0x11da60b4")]
    [InlineData("sendTo(address,address,uint256)", "0xae639329")]
    [InlineData("settle(address,uint256)", "0x15afd409")]
    [InlineData("onFlashLoan(address,address,uint256,uint256,bytes)", "0x23e30c8b")]
    [InlineData("uniswapV2Call(address,uint256,uint256,bytes)", "0x10d1e85c")]
    public void A_function_is_known_by_its_selector(string signature, string selector) =>
        Assert.Equal(selector, AbiSelector.Of(signature).ToString());
}
