using Tocsin.Evm.Abi;

namespace Tocsin.Tests.Evm;

public sealed class AbiSignatureTests
{
    /// <summary>As deployed on Ethereum.</summary>
    [Theory]
    [InlineData("transfer(address to, uint256 amount) external returns (bool)", "0xa9059cbb")]
    [InlineData("function balanceOf(address) view returns (uint)", "0x70a08231")]
    [InlineData("uniswapV2Call(address,uint256,uint256,bytes)", "0x10d1e85c")]
    [InlineData("pancakeCall(address sender, uint amount0, uint amount1, bytes calldata data)", "0x84800812")]
    [InlineData("unlock(bytes)", "0x48c89491")]
    [InlineData("take(address,address,uint256)", "0x0b0d9c09")]
    [InlineData("settle()", "0x11da60b4")]
    [InlineData("sendTo(address,address,uint256)", "0xae639329")]
    [InlineData("settle(address,uint256)", "0x15afd409")]
    [InlineData("onFlashLoan(address,address,uint256,uint256,bytes)", "0x23e30c8b")]
    [InlineData("executeOperation(address,uint256,uint256,address,bytes)", "0x1b11d0ff")]
    [InlineData("executeOperation(address[],uint256[],uint256[],address,bytes)", "0x920f5c84")]
    [InlineData("receiveFlashLoan(address[],uint256[],uint256[],bytes)", "0xf04f2707")]
    [InlineData("callFunction(address sender, (address owner, uint256 number) info, bytes data)", "0x8b418713")]
    [InlineData("onMorphoFlashLoan(uint256,bytes)", "0x31f57072")]
    [InlineData("uniswapV3FlashCallback(uint256,uint256,bytes)", "0xe9cbafb0")]
    [InlineData("uniswapV3SwapCallback(int256,int256,bytes)", "0xfa461e33")]
    [InlineData("unlockCallback(bytes)", "0x91dd7346")]
    [InlineData("baz(uint32,bool)", "0xcdcd77c0")]
    [InlineData("bar(bytes3[2])", "0xfce353f6")]
    [InlineData("sam(bytes,bool,uint[])", "0xa5643bf2")]
    [InlineData("g(uint256[][],string[])", "0x2289b18c")]
    public void Functions_have_their_selectors(string signature, string selector) =>
        Assert.Equal(selector, AbiFunction.Parse(signature).Selector.ToString());

    [Theory]
    [InlineData(
        "Transfer(address indexed from, address indexed to, uint256 value)",
        "0xddf252ad1be2c89b69c2b068fc378daa952ba7f163c4a11628f55a4df523b3ef")]
    [InlineData(
        "FlashLoan(address indexed target, address indexed initiator, address indexed asset, uint256 amount, "
            + "uint256 premium, uint16 referralCode)",
        "0x631042c832b07452973831137f2d73e395028b44b250dedc5abb0ee766e168ac")]
    [InlineData(
        "FlashLoan(address indexed target, address initiator, address indexed asset, uint256 amount, "
            + "uint8 interestRateMode, uint256 premium, uint16 indexed referralCode)",
        "0xefefaba5e921573100900a3ad9cf29f222d995fb3b6045797eaea7521bd8d6f0")]
    [InlineData(
        "FlashLoan(address indexed recipient, address indexed token, uint256 amount, uint256 feeAmount)",
        "0x0d7d75e01ab95780d3cd1c8ec0dd6c2ce19e3a20427eec8bf53283b6fb8e95f0")]
    [InlineData(
        "Flash(address indexed sender, address indexed recipient, uint256 amount0, uint256 amount1, uint256 paid0, "
            + "uint256 paid1)",
        "0xbdbdb71d7860376ba52b25a5028beea23581364a40522f6bcfb86bb1f2dca633")]
    [InlineData(
        "LogWithdraw(address indexed accountOwner, uint256 accountNumber, uint256 market, "
            + "((bool,uint256),(bool,uint128)) update, address to)",
        "0xbc83c08f0b269b1726990c8348ffdf1ae1696244a14868d766e542a2f18cd7d4")]
    [InlineData(
        "event Sync(uint112 reserve0, uint112 reserve1)",
        "0x1c411e9a96e071241c2f21f7726b17ae89e3cab4c78be50e062b03a9fffbbad1")]
    [InlineData(
        "Swap(address indexed sender, address indexed recipient, int256 amount0, int256 amount1, "
            + "uint160 sqrtPriceX96, uint128 liquidity, int24 tick)",
        "0xc42079f94a6350d7e6235f29174924f928cc2ac818eb64fed8004e115fbcca67")]
    [InlineData(
        "AnswerUpdated(int256 indexed current, uint256 indexed roundId, uint256 updatedAt)",
        "0x0559884fd3a460db3073b7fc896cc77986f16e378210ded43186175bf646fc5f")]
    [InlineData(
        "ProposalCreated(uint256,address,address[],uint256[],string[],bytes[],uint256,uint256,string)",
        "0x7d84a6263ae0d98d3329bd7b46bb4e8d6f98cd35a7adb45c274c8b7fd5ebd5e0")]
    [InlineData(
        "CallExecuted(bytes32 indexed id, uint256 indexed index, address target, uint256 value, bytes data)",
        "0xc2617efa69bab66782fa219543714338489c4e9e178271560a91b82c3f612b58")]
    [InlineData(
        "DiamondCut((address facet, uint8 action, bytes4[] selectors)[] cuts, address init, bytes data)",
        "0x8faa70878671ccd212d20771b795c50af8fd3ff6cf27f4bde57e5d4de0aeb673")]
    [InlineData("Upgraded(address)", "0xbc7cd75a20ee27fd9adebab32041f755214dbc6bffa90cc0225b39da2e5c2d3b")]
    [InlineData("Paused(address)", "0x62e78cea01bee320cd4e420270b5ea74000d11b0c9f74754ebdbfc544b05a258")]
    [InlineData(
        "Paused(address indexed,uint256)",
        "0xab40a374bc51de372200a8bc981af8c9ecdc08dfdaef0bb6e09f88f3c616ef3d")]
    [InlineData("Paused()", "0x9e87fac88ff661f02d44f95383c817fece4bce600a3dab7a54406878b965e752")]
    [InlineData(
        "ActionPaused(address,string,bool)",
        "0x71aec636243f9709bb0007ae15e9afb8150ab01716d75fd7573be5cc096e03b0")]
    [InlineData(
        "RoleGranted(bytes32 indexed role, address indexed account, address indexed sender)",
        "0x2f8788117e7eff1d82e926ec794901d17c78024a50270940304540a733656f0d")]
    [InlineData(
        "RoleGranted(uint64 indexed,address indexed,uint32,uint48,bool)",
        "0xf98448b987f1428e0e230e1f3c6e2ce15b5693eaf31827fbd0b1ec4b424ae7cf")]
    [InlineData("AddedOwner(address)", "0x9465fa0c962cc76958e6373a993326400c1c94f8be2fe3a952adfa7f60b2ea26")]
    [InlineData(
        "Withdrawal(address to, bytes32 nullifierHash, address indexed relayer, uint256 fee)",
        "0xe9e508bad6d4c3227e881ca19068f099da81b5164dd6d62b2eaf1e8bc6c34931")]
    public void Events_have_their_topics(string signature, string topic0) =>
        Assert.Equal(topic0, AbiEvent.Parse(signature).Topic0.ToString());

    [Theory]
    [InlineData("pause", "'(' is expected")]
    [InlineData("pause(", "a type is expected")]
    [InlineData("pause(uint265)", "265 bits")]
    [InlineData("pause(uint0)", "belongs here")]
    [InlineData("pause(uint08)", "belongs here")]
    [InlineData("pause(bytes33)", "'bytes33'")]
    [InlineData("pause(bytes0)", "belongs here")]
    [InlineData("pause(adress)", "'adress'")]
    [InlineData("pause(address,)", "a type is expected")]
    [InlineData("pause(address))", "nothing more")]
    [InlineData("pause(address) pure2", "'pure2'")]
    [InlineData("pause(uint256[0])", "belongs here")]
    [InlineData("pause(uint256[-1])", "']' is expected")]
    [InlineData("pause(uint256[99999999])", "belongs here")]
    [InlineData("pause(uint256[9999999])", "bytes; at most")]
    [InlineData("pause(uint256[1000][1000][1000])", "bytes; at most")]
    [InlineData("pause(())", "without components")]
    [InlineData("pause(address indexed who)", "'indexed'")]
    [InlineData("pause(address a, uint a)", "twice")]
    [InlineData("pause(address 1a)", "digit")]
    [InlineData("1pause()", "a name is expected")]
    [InlineData("pause() returns bool", "'(' is expected")]
    [InlineData("pause(uint256.)", "expected")]
    [InlineData("pause(ufixed128x18)", "'ufixed128x18'")]
    [InlineData("", "a name is expected")]
    public void A_typo_in_a_signature_is_an_error_that_says_what_is_wrong(string signature, string complaint)
    {
        var refused = Assert.Throws<AbiException>(() => AbiFunction.Parse(signature));
        Assert.Contains(complaint, refused.Message);
    }

    [Fact]
    public void Nesting_and_length_are_bounded_before_the_stack_is()
    {
        var deep = $"f({new string('(', 4_000)}uint256{new string(')', 4_000)})";
        Assert.Throws<AbiException>(() => AbiFunction.Parse(deep));
        Assert.Throws<AbiException>(() => AbiType.Parse("uint8" + string.Concat(Enumerable.Repeat("[]", 4_000))));
        Assert.Throws<AbiException>(() => AbiFunction.Parse("f(" + new string(' ', 1_000_000) + ")"));
        Assert.NotNull(AbiType.Parse("uint8" + string.Concat(Enumerable.Repeat("[]", AbiType.MaxDepth))));
        var tuples = $"{new string('(', AbiType.MaxDepth)}uint8{new string(')', AbiType.MaxDepth)}";
        Assert.Equal($"f({tuples})", AbiFunction.Parse($"f({tuples})").Signature);
    }

    [Fact]
    public void A_function_may_be_named_as_a_keyword_and_types_may_follow_at_once()
    {
        Assert.Equal("function(uint256)", AbiFunction.Parse("function(uint256)").Signature);
        Assert.Equal("error()", AbiError.Parse("error error()").Signature);
        var function = AbiFunction.Parse("f(tuple(uint a,bool)[2][] t,bytes memory b)returns(address payable to)");
        Assert.Equal("f((uint256,bool)[2][],bytes)", function.Signature);
        Assert.Equal(["t", "b"], function.Inputs.Select(input => input.Name));
        Assert.Equal("to", function.Outputs[0].Name);
    }

    [Fact]
    public void An_event_indexes_at_most_three_parameters()
    {
        Assert.Throws<AbiException>(() => AbiEvent.Parse("E(bool indexed, bool indexed, bool indexed, bool indexed)"));
        Assert.True(AbiEvent.Parse("E(bool indexed, bool indexed, bool indexed, bool indexed) anonymous").IsAnonymous);
    }
}
