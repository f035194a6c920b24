using Tocsin.Audit;
using Tocsin.Chains;
using Tocsin.Decisions;
using Tocsin.Evm;
using Tocsin.Recording;
using Tocsin.Signing;
using Tocsin.Tests.Plans;
using static Tocsin.Tests.Signing.SignerDesk;

namespace Tocsin.Tests.Signing;

public sealed class LogHeadTests : IDisposable
{
    private readonly SignerDesk desk = new();

    public void Dispose() => desk.Dispose();

    [Fact]
    public void A_head_is_signed_with_the_signers_own_instant()
    {
        desk.Time.Now = Noon.AddMilliseconds(700);

        var given = Countersigned(Head(7));

        Assert.Equal((Head(7), Noon), (given.Head, given.At));
        Assert.Equal(
            Key.Address, LogHeadTypedData.Signer(new HeadCountersigned(given.Head, given.At, given.Signature)));
    }

    [Fact]
    public void The_same_head_gives_the_same_bytes_also_after_a_restart()
    {
        var first = Countersigned(Head(7));
        desk.Time.Now = Noon.AddHours(1);
        desk.Restart();

        Assert.Equal(first, Countersigned(Head(7)));
    }

    [Theory]
    [InlineData(6, 6)]
    [InlineData(7, 8)]
    [InlineData(1, 7)]
    public void A_log_that_was_taken_back_or_rewritten_is_refused_also_after_a_restart(long sequence, byte hash)
    {
        Countersigned(Head(7));
        desk.Restart();

        Assert.Equal(SignerRefusal.LogRewound, Ask(new LogHead(sequence, Hash(hash))).Refused?.Code);
        Assert.Equal(8, Countersigned(Head(8)).Head.Sequence);
    }

    [Fact]
    public void A_day_has_so_many_heads_also_after_a_restart()
    {
        for (var head = 1; head <= Signer.HeadsPerDay; head++)
            Countersigned(Head(1) with { Sequence = head });
        desk.Restart();

        var next = Head(1) with { Sequence = Signer.HeadsPerDay + 1 };
        Assert.Equal(SignerRefusal.TooManySignatures, Ask(next).Refused?.Code);
        desk.Time.Now = Noon.AddDays(1);
        Assert.Equal(next, Countersigned(next).Head);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(-1)]
    [InlineData(long.MinValue)]
    public void A_head_of_nothing_is_refused(long sequence) =>
        Assert.Equal(SignerRefusal.Malformed, Ask(new LogHead(sequence, Hash(1))).Refused?.Code);

    /// <summary>The digests differ whatever is in them: another domain, another type.</summary>
    [Fact]
    public void A_countersignature_is_no_decision()
    {
        var given = Countersigned(Head(7));

        Assert.NotEqual(Key.Address, DecisionTypedData.Signer(Decision(), given.Signature));
        Assert.NotEqual(
            DecisionTypedData.Of(Decision()).Digest(), LogHeadTypedData.Of(given.Head, given.At).Digest());
    }

    [Fact]
    public void A_decision_or_a_transaction_is_not_taken_up_by_a_head()
    {
        Countersigned(Head(7));

        Assert.Empty(desk.Entries);
        Assert.Equal(5UL, desk.Signed(Request(Decision())).Nonce);
    }

    [Fact]
    public void A_log_whose_countersignatures_fit_is_said_to()
    {
        var entries = Log();

        Assert.Null(Countersignatures.FirstMisfit(entries, [Key.Address]));
        Assert.Null(Countersignatures.FirstMisfit(entries, []));
        Assert.Equal("2 countersignatures of the signer up to entry 4",
            Countersignatures.InWords(entries, [Key.Address]));
        Assert.Contains("by whom was not checked", Countersignatures.InWords(entries, []), StringComparison.Ordinal);
        Assert.Equal("nothing in it is countersigned", Countersignatures.InWords(entries.Take(2).ToList(), []));
    }

    /// <summary>The whole chain is made anew, as one who holds the database can; the signer's key he has not.</summary>
    [Fact]
    public void A_log_that_was_rewritten_does_not_fit()
    {
        var entries = Log();
        var rewritten = Chain(entries.Select((entry, i) =>
            new NewEntry(entry.Instant, entry.Stream, entry.Kind, i == 1 ? "{\"other\":1}" : entry.Payload)));

        Assert.Null(LogChain.FirstBrokenLink(rewritten));
        Assert.Equal("entry 3, a countersignature: entry 2 is not the one that was countersigned",
            Countersignatures.FirstMisfit(rewritten, [Key.Address]));
    }

    [Fact]
    public void A_countersignature_by_somebody_else_does_not_fit()
    {
        Assert.Contains(
            $"{ChecksumAddress.Format(Key.Address)} made it, who is not the signer",
            Countersignatures.FirstMisfit(Log(), [MinimalPlan.Stranger.Address]), StringComparison.Ordinal);
    }

    [Fact]
    public void A_countersignature_of_what_comes_later_does_not_fit()
    {
        var entries = Chain([Note(), Countersignature(new LogHead(2, Hash(1)))]);

        Assert.Contains("is not before it", Countersignatures.FirstMisfit(entries, []), StringComparison.Ordinal);
    }

    private static LogHead Head(byte number) => new(number, Hash(number));

    private static Hash32 Hash(byte number) => new([.. new byte[31], number]);

    private SignerAnswer Ask(LogHead head) => desk.Answer(new SignerRequest(Head: new HeadRequest(head)));

    private CountersignedHead Countersigned(LogHead head)
    {
        var answer = Ask(head);
        Assert.Null(answer.Refused);
        return answer.Head!;
    }

    // Two notes, a countersignature of them, a note, a countersignature of all.
    private List<LogEntry> Log()
    {
        var entries = Chain([Note(), Note()]);
        Append(entries, Countersignature(new LogHead(2, entries[1].Hash)));
        Append(entries, Note());
        Append(entries, Countersignature(new LogHead(4, entries[3].Hash)));
        return entries;
    }

    private static NewEntry Note() => new(Noon, "watch", "note", "{}");

    private NewEntry Countersignature(LogHead head)
    {
        var given = Countersigned(head);
        var happened = new HeadCountersigned(given.Head, given.At, given.Signature);
        return new NewEntry(Noon, "audit", EventJson.Kind(happened), EventJson.Write(happened));
    }

    private static List<LogEntry> Chain(IEnumerable<NewEntry> events)
    {
        var entries = new List<LogEntry>();
        foreach (var happened in events)
            Append(entries, happened);
        return entries;
    }

    private static void Append(List<LogEntry> entries, NewEntry happened) => entries.Add(LogChain.Append(
        entries.Count == 0 ? LogHead.Empty : new LogHead(entries[^1].Sequence, entries[^1].Hash), happened));
}
