using Tocsin.Chain;
using Tocsin.Chains;
using Tocsin.Evm.Abi;
using Tocsin.Plans;
using Tocsin.Readiness;
using Tocsin.Tests.Plans;

namespace Tocsin.Tests.Readiness;

/// <summary>What the answers of a chain say against an action.</summary>
public sealed class ProbeResultTests
{
    private static readonly Address One = new([.. new byte[19], 1]);
    private static readonly Address Two = new([.. new byte[19], 2]);
    private static readonly Address Three = new([.. new byte[19], 3]);

    [Theory]
    [InlineData(new string[0], new string[0], ReadyState.Ready, "")]
    [InlineData(new string[0], new[] { "silent", "silent" }, ReadyState.Unknown, "silent")]
    [InlineData(new[] { "gone" }, new string[0], ReadyState.NotReady, "gone")]
    [InlineData(new[] { "gone", "poor" }, new[] { "silent" }, ReadyState.NotReady, "gone; poor")]
    public void What_is_certain_outweighs_what_is_not_known(
        string[] faults, string[] unknowns, ReadyState state, string words)
    {
        var result = ProbeResult.Of("pause", faults, unknowns, default);

        Assert.Equal((state, words), (result.State, result.Words));
    }

    [Theory]
    [InlineData("NotInRole(address account,uint8 needed)", true)]
    [InlineData("AccessControlUnauthorizedAccount(address account,bytes32 neededRole)", true)]
    [InlineData("OwnableUnauthorizedAccount(address account)", true)]
    [InlineData("CoolingDown(bytes32 module,uint64 armedAt)", false)]
    [InlineData("Foreign(uint256 number)", false)]
    public void A_role_that_is_gone_is_named(string error, bool isRole)
    {
        var function = AbiFunction.Parse(error);
        object[] values = [.. function.Inputs.Select(input => input.Type switch
        {
            AbiType.Account => One,
            AbiType.FixedBytes => Hash32.Zero,
            _ => (object)UInt256.One,
        })];

        var words = ProbeWords.Refused(MinimalPlan.Plan.Actions[0].Calls[0], One, Revert(function.Encode(values)));

        Assert.StartsWith("pause(market, 86400)", words, StringComparison.Ordinal);
        Assert.Equal(isRole, words.Contains("does not hold the role", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("execution reverted: Ownable: caller is not the owner", true)]
    [InlineData("execution reverted: AccessControl: account 0x01 is missing role 0x02", true)]
    [InlineData("execution reverted: paused", false)]
    public void Older_contracts_say_it_in_words(string message, bool isRole) => Assert.Equal(isRole,
        ProbeWords.Refused(MinimalPlan.Plan.Actions[0].Calls[0], One, Revert([], message))
            .Contains("does not hold the role", StringComparison.Ordinal));

    [Fact]
    public void An_account_that_cannot_pay_is_told_how_much_it_lacks()
    {
        Assert.Null(ProbeWords.Funds(One, "Local", 5UL, 5UL));
        Assert.Contains(
            "has 0.5 ETH on Local, and the calls may cost 1.25 ETH",
            ProbeWords.Funds(One, "Local", 500_000_000_000_000_000UL, 1_250_000_000_000_000_000UL),
            StringComparison.Ordinal);
    }

    [Fact]
    public void A_Safe_is_as_the_plan_says_or_each_difference_is_told()
    {
        var safe = new PlannedSafe("safe", new ChainId(1), Three, [], 2, [One, Two], 5, default);

        Assert.Empty(ProbeWords.Safe(safe, [Two, One], 2UL, 5UL));
        Assert.Empty(ProbeWords.Safe(safe with { Nonce = null }, [One, Two], 2UL, 9UL));
        Assert.Equal(4, ProbeWords.Safe(safe, [One, Three], 1UL, 6UL).Count());
    }

    private static NodeException Revert(byte[] data, string message = "execution reverted") =>
        new(NodeFault.Refused, message, new NodeError(3, message, data));
}
