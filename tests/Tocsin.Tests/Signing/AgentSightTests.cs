using Tocsin.Chains;
using Tocsin.Signing;

namespace Tocsin.Tests.Signing;

/// <summary>Whether what the signer's account did on chain is what its journal says.</summary>
public sealed class AgentSightTests
{
    /// <summary>What nodes count, the journal's next nonce, its entries, calls under way, minutes behind.</summary>
    [Theory]
    [InlineData("5,5", 5, 5, 0, 0, null)]
    [InlineData("5,5", 6, 6, 1, 60, null)]
    [InlineData("5,4", 5, 5, 0, 0, null)]
    [InlineData("", 5, 5, 0, 0, null)]
    [InlineData("6,6", 5, 5, 0, 0, "somebody else has its key")]
    [InlineData("6", 5, 5, 0, 0, "somebody else has its key")]
    [InlineData("6,5", 5, 5, 0, 0, null)]
    [InlineData("0", 3, 0, 0, 0, "'first_nonce' in its policy is too high")]
    [InlineData("0,0", 3, 2, 0, 9, null)]
    [InlineData("0,0", 3, 2, 0, 10, "'first_nonce' in its policy is too high")]
    [InlineData("1,1", 3, 2, 2, 10, null)]
    [InlineData("18446744073709551615,1", 3, 2, 2, 10, null)]
    [InlineData("0", 1, 1, 2, 10, null)]
    public void Each_nonce_is_explained_or_told(
        string used, ulong next, int entries, int underWay, int behind, string? fault)
    {
        var told = See(used, next, entries, underWay, behind).Fault();

        if (fault is null)
            Assert.Null(told);
        else
            Assert.Contains(fault, told, StringComparison.Ordinal);
    }

    [Fact]
    public void An_account_that_holds_code_is_told_whatever_its_nonce_is() => Assert.Contains(
        "holds code", (See("5", 5, 5, 0, 0) with { HasCode = true }).Fault(), StringComparison.Ordinal);

    private static AgentSight See(string used, ulong next, int entries, int underWay, int behind) => new(
        Address.Zero, new ChainId(1),
        [.. used.Split(',', StringSplitOptions.RemoveEmptyEntries).Select(ulong.Parse)], next, entries, underWay, false,
        TimeSpan.FromMinutes(behind));
}
