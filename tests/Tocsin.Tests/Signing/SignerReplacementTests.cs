using Tocsin.Chains;
using Tocsin.Signing;
using static Tocsin.Tests.Signing.SignerDesk;

namespace Tocsin.Tests.Signing;

/// <summary>A signed call may be paid more for, and nothing else may become of it.</summary>
public sealed class SignerReplacementTests : IDisposable
{
    private static readonly SignRequest First = Request(Decision()) with
    {
        MaxFeePerGasWei = 400,
        MaxPriorityFeePerGasWei = 8,
    };

    private readonly SignerDesk desk = new();

    public void Dispose() => desk.Dispose();

    [Fact]
    public void A_replacement_is_the_same_call_under_the_same_nonce_with_a_higher_fee()
    {
        var before = Read(desk.Signed(First));

        var after = Read(Replaced(450, 9));

        Assert.Equal(before with { MaxFeePerGasWei = 450, MaxPriorityFeePerGasWei = 9 }, after);
        Assert.Equal([null, 1], desk.Entries.Select(entry => entry.Replacement));
        Assert.Equal(6UL, desk.Signed(Request(Decision(), 1)).Nonce);
    }

    [Fact]
    public void The_last_bytes_are_given_again_also_after_a_crash_between_journal_and_answer()
    {
        desk.Signed(First);
        var last = Replaced(450, 9);
        desk.Restart();

        Assert.Equal(last, Replaced(450, 9));
        Assert.Equal(last, Replaced(500, 10));
        Assert.Equal(last, desk.Signed(First));
        Assert.Equal(2, desk.Entries.Count);
        Assert.NotEqual(last, Replaced(507, 11));
    }

    [Theory]
    [InlineData(449, 9)]
    [InlineData(450, 8)]
    [InlineData(400, 8)]
    [InlineData(0, 0)]
    [InlineData(1_001, 8)]
    public void What_no_node_would_take_in_its_place_is_not_signed(long fee, long tip)
    {
        var first = desk.Signed(First);

        Assert.Equal(first, Replaced((ulong)fee, (ulong)tip));
        Assert.Single(desk.Entries);
    }

    [Theory]
    [InlineData(1_001, 9)]
    [InlineData(450, 451)]
    public void Nothing_is_paid_above_the_ceiling(long fee, long tip)
    {
        desk.Signed(First);

        Assert.Equal(SignerRefusal.FeeAboveCeiling, Ask(Decision().Id, 0, (ulong)fee, (ulong)tip).Refused!.Code);
        Assert.Single(desk.Entries);
    }

    [Fact]
    public void The_ceiling_itself_is_paid() => Assert.Equal((UInt256)1_000, Read(Raise(1_000, 9)).MaxFeePerGasWei);

    [Fact]
    public void What_was_signed_may_be_replaced_after_its_expiry_and_however_many_signatures_were_given()
    {
        using var strict = new SignerDesk(policy => policy with { SignaturesPerDay = 1 });
        strict.Signed(First);
        strict.Time.Now = Noon.AddDays(2);

        var answer = strict.Answer(new SignerRequest(Replace: new(Decision().Id, 0, 450, 9)));

        Assert.NotNull(answer.Signed);
        var next = Decision(use: 1) with { ExpiresAt = Noon.AddDays(3) };
        strict.Signed(Request(next));
    }

    [Fact]
    public void So_many_replacements_and_no_more()
    {
        using var strict = new SignerDesk(policy => policy with { Replacements = 2 });
        strict.Signed(First);
        SignerAnswer Ask(ulong fee, ulong tip) =>
            strict.Answer(new SignerRequest(Replace: new(Decision().Id, 0, fee, tip)));
        Ask(450, 9);
        var last = Ask(600, 12).Signed;

        Assert.Equal(SignerRefusal.TooManyReplacements, Ask(700, 20).Refused!.Code);
        Assert.Equal(last, Ask(600, 12).Signed);
        Assert.Equal([5UL, 5UL, 5UL], strict.Entries.Select(entry => entry.Nonce));
    }

    [Fact]
    public void However_the_replacements_were_wasted_one_at_the_whole_ceiling_is_given()
    {
        using var strict = new SignerDesk(policy => policy with { Replacements = 2 });
        strict.Signed(First with { MaxFeePerGasWei = 0, MaxPriorityFeePerGasWei = 0 });
        SignerAnswer Ask(ulong fee, ulong tip) =>
            strict.Answer(new SignerRequest(Replace: new(Decision().Id, 0, fee, tip)));
        Ask(1, 1);
        Ask(2, 2);
        Assert.Equal(SignerRefusal.TooManyReplacements, Ask(999, 999).Refused!.Code);

        var last = Ask(1_000, 1_000).Signed!;

        Assert.Equal((UInt256)1_000, Read(last).MaxFeePerGasWei);
        Assert.Equal((UInt256)1_000, Read(last).MaxPriorityFeePerGasWei);
        Assert.Equal(last, Ask(1_000, 1_000).Signed);
        Assert.Equal(4, strict.Entries.Count);
    }

    [Fact]
    public void A_tip_too_low_under_the_whole_fee_is_no_dead_end()
    {
        desk.Signed(First with { MaxFeePerGasWei = 1_000, MaxPriorityFeePerGasWei = 0 });

        Assert.Equal((UInt256)1_000, Read(Replaced(1_000, 1_000)).MaxPriorityFeePerGasWei);
    }

    [Fact]
    public void What_was_never_signed_is_not_replaced()
    {
        desk.Signed(First);

        Assert.Equal(SignerRefusal.NeverSigned, Ask(Decision().Id, 1, 900, 90).Refused!.Code);
        Assert.Equal(SignerRefusal.NeverSigned, Ask(Decision(use: 1).Id, 0, 900, 90).Refused!.Code);
        Assert.Equal(SignerRefusal.NeverSigned, Ask(Decision().Id, -1, 900, 90).Refused!.Code);
    }

    private SignAnswer Raise(ulong fee, ulong tip)
    {
        desk.Signed(First);
        return Replaced(fee, tip);
    }

    private SignAnswer Replaced(ulong fee, ulong tip) => Ask(Decision().Id, 0, fee, tip).Signed!;

    private SignerAnswer Ask(Hash32 decision, int call, ulong fee, ulong tip) =>
        desk.Answer(new SignerRequest(Replace: new ReplaceRequest(decision, call, fee, tip)));
}
