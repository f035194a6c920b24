using FsCheck;
using FsCheck.Fluent;
using Tocsin.Chains;
using Tocsin.Readiness;

namespace Tocsin.Tests.Readiness;

/// <summary>An upgrade makes an action not ready until people who were told of it change the plan.</summary>
public sealed class KnownCodeTests
{
    private static readonly Address Target = new([.. new byte[19], 7]);

    private readonly KnownCode first = KnownCode.None.Under(Plan(1)).With([Seen(1)]);

    [Fact]
    public void What_is_seen_first_is_what_is_held_against()
    {
        Assert.Null(first.Judge(Seen(1)));
        Assert.Contains("was upgraded, to 0x", first.Judge(Seen(2)), StringComparison.Ordinal);
    }

    [Fact]
    public void An_upgrade_stays_told_under_the_same_plan()
    {
        var known = first.With([Seen(2)]).Under(Plan(1)).With([Seen(2)]);

        Assert.NotNull(known.Judge(Seen(2)));
        Assert.Null(known.Judge(Seen(1)));
    }

    [Fact]
    public void A_plan_that_changes_after_it_was_told_accepts_it() =>
        Assert.Null(first.With([Seen(2)]).Under(Plan(2)).Judge(Seen(2)));

    [Fact]
    public void A_plan_that_changes_before_it_was_told_does_not() =>
        Assert.NotNull(first.Under(Plan(2)).Judge(Seen(2)));

    [Fact]
    public void Other_code_is_told_as_that() => Assert.Contains(
        "has other code", first.Judge(Seen(1) with { Mark = Mark(1) with { Code = Hash(9) } }),
        StringComparison.Ordinal);

    [Fact]
    public void Whatever_happens_only_what_was_seen_before_a_change_of_the_plan_is_accepted() => Prop.ForAll(
        Gen.Choose(0, 5).ListOf().ToArbitrary(),
        steps =>
        {
            var (known, plan, accepted, seen) = (first, 1, 1, 1);
            foreach (var step in steps)
            {
                if (step == 0)
                    (known, accepted) = (known.Under(Plan(++plan)), seen);
                else
                    (known, seen) = (known.With([Seen(step)]), step);
            }
            return Enumerable.Range(1, 5).All(code => known.Judge(Seen(code)) is null == (code == accepted));
        }).QuickCheckThrowOnFailure();

    private static SeenCode Seen(int implementation) => new(new ChainId(1), Target, Mark(implementation));

    private static CodeMark Mark(int implementation) => new(Hash(1), Hash((byte)implementation), Hash32.Zero);

    private static Hash32 Plan(int version) => Hash((byte)(100 + version));

    private static Hash32 Hash(byte number) => new([.. new byte[31], number]);
}
