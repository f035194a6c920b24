using Tocsin.Chains;
using Tocsin.Detection.Governance;
using Tocsin.Evm.Abi;

namespace Tocsin.Tests.Governance;

public sealed class ProposalReadingTests
{
    private static readonly Address Target = DaoStory.Account(0x77);

    [Theory]
    [InlineData("upgradeToAndCall(address,bytes)", Power.Code)]
    [InlineData("_setPendingImplementation(address)", Power.Code)]
    [InlineData("transferOwnership(address)", Power.Ownership)]
    [InlineData("setPendingAdmin(address)", Power.Ownership)]
    [InlineData("grantRole(bytes32,address)", Power.Roles)]
    [InlineData("enableModule(address)", Power.Roles)]
    [InlineData("updateDelay(uint256)", Power.Delays)]
    [InlineData("setVotingPeriod(uint256)", Power.Delays)]
    [InlineData("executeProposal()", Power.Execution)]
    [InlineData("mint(address,uint256)", Power.Minting)]
    [InlineData("transfer(address,uint256)", Power.Treasury)]
    [InlineData("approve(address,uint256)", Power.Treasury)]
    [InlineData("pause()", Power.Pausing)]
    public void A_function_is_known_by_its_selector_and_by_its_name(string function, Power power)
    {
        var bySelector = ProposalReading.Of(
            [new ProposalCall(Target, UInt256.Zero, AbiSelector.Of(function).ToArray().ToValueList())]);
        var byName = ProposalReading.Of([ProposalCall.Of(Target, UInt256.Zero, function, [])]);

        Assert.Equal([new Touch(power, Target, function)], bySelector.Touches);
        Assert.Equal(bySelector, byName);
        Assert.Equal(power != Power.Pausing, bySelector.IsDangerous);
    }

    [Fact]
    public void What_a_timelock_or_an_agent_carries_is_read_instead_of_it()
    {
        var inner = AbiFunction.Parse("upgradeTo(address)").Encode(Target);
        var batch = AbiFunction.Parse("scheduleBatch(address[],uint256[],bytes[],bytes32,bytes32,uint256)").Encode(
            new object[] { Target }, new object[] { UInt256.Zero }, new object[] { inner }, Hash32.Zero, Hash32.Zero,
            5UL);
        var outer = AbiFunction.Parse("execute(address,uint256,bytes)").Encode(DaoStory.Timelock, UInt256.Zero, batch);

        var reading = ProposalReading.Of(
            [new ProposalCall(DaoStory.Safe, UInt256.Zero, outer.ToValueList())]);

        Assert.Equal([new Touch(Power.Code, Target, "upgradeTo(address)")], reading.Touches);
        Assert.Equal(0, reading.Unread);
    }

    [Fact]
    public void What_nests_without_end_is_code_from_elsewhere()
    {
        var data = AbiFunction.Parse("pause()").Encode();
        for (var depth = 0; depth < 50; depth++)
            data = AbiFunction.Parse("multicall(bytes[])").Encode(new object[] { new object[] { data } });

        var reading = ProposalReading.Of([new ProposalCall(Target, UInt256.Zero, data.ToValueList())]);

        Assert.Equal(Power.Execution, Assert.Single(reading.Touches).Power);
    }

    [Fact]
    public void A_payment_is_of_the_treasury_and_nothing_known_is_unread()
    {
        var reading = ProposalReading.Of(
        [
            new ProposalCall(Target, 5, []),
            new ProposalCall(Target, UInt256.Zero, [1, 2, 3, 4]),
            new ProposalCall(Target, UInt256.Zero, [1]),
        ]);

        Assert.Equal([new Touch(Power.Treasury, Target, "")], reading.Touches);
        Assert.Equal(2, reading.Unread);
    }

    [Fact]
    public void A_script_is_read_call_by_call_as_far_as_it_goes()
    {
        byte[] one = [.. Target.ToArray(), 0, 0, 0, 4, 1, 2, 3, 4];

        Assert.Equal(2, ProposalReading.Script([0, 0, 0, 1, .. one, .. one]).Count);
        Assert.Single(ProposalReading.Script([0, 0, 0, 1, .. one, .. one[..27]]));
        Assert.Single(ProposalReading.Script([0, 0, 0, 1, .. one, .. Target.ToArray(), 255, 255, 255, 255, 9]));
        Assert.Empty(ProposalReading.Script([0, 0, 0, 2, .. one]));
        Assert.Empty(ProposalReading.Script([]));
    }
}
