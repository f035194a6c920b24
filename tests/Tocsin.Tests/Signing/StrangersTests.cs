using Tocsin.Chains;
using Tocsin.Signing;
using static Tocsin.Tests.Signing.SignerDesk;

namespace Tocsin.Tests.Signing;

public sealed class StrangersTests
{
    private readonly Strangers strangers = new();

    [Fact]
    public void What_was_refused_before_we_looked_is_not_judged() => Assert.Equal(0, Look(refused: 12, own: 0));

    [Fact]
    public void Our_own_refusals_are_no_strangers()
    {
        Look(refused: 2, own: 0);

        Assert.Equal(0, Look(refused: 5, own: 3));
        Assert.Equal(0, Look(refused: 6, own: 3, underWay: 1));
    }

    [Fact]
    public void What_is_beyond_them_is_told_once_and_again_when_it_grows()
    {
        Look(refused: 2, own: 0);

        Assert.Equal(1, Look(refused: 4, own: 1));
        Assert.Equal(0, Look(refused: 4, own: 1));
        Assert.Equal(3, Look(refused: 6, own: 1));
    }

    [Fact]
    public void A_signer_that_began_anew_is_looked_at_anew()
    {
        Look(refused: 9, own: 0);

        Assert.Equal(0, strangers.Look(Status(3) with { Since = Noon.AddHours(1) }, (0, 0)));
        Assert.Equal(2, strangers.Look(Status(5) with { Since = Noon.AddHours(1) }, (0, 0)));
    }

    private long Look(long refused, long own, long underWay = 0) => strangers.Look(Status(refused), (own, underWay));

    private static StatusAnswer Status(long refused) => new(
        Key.Address, false, 0, 0, UInt256.Zero,
        refused == 0 ? [] : [new RefusalCount(SignerRefusal.NotAllowed, refused)], Noon, []);
}
