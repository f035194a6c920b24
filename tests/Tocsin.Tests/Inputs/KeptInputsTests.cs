using Tocsin.Evm.Inputs;
using Tocsin.Findings;
using Tocsin.Inputs;
using Tocsin.Tests.Replay;

namespace Tocsin.Tests.Inputs;

public sealed class KeptInputsTests : IDisposable
{
    private static readonly FindingId Finding = new("stale-feed/1/../..//etc/passwd");
    private readonly ReplayFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Fact]
    public void Each_line_is_kept_once_in_order_whatever_a_crash_tore()
    {
        var kept = new KeptInputs(folder.PathOf("kept"));

        Assert.Equal(KeepOutcome.Kept, kept.Keep(Finding, KeptInput.OfBlock("{\"block\":1}"u8.ToArray()), Beat(1)));
        Assert.Equal(KeepOutcome.NothingNew, kept.Keep(Finding, Beat(1)));
        File.AppendAllText(kept.PathOf(Finding), "{\"torn");
        Assert.Equal(KeepOutcome.Kept, kept.Keep(Finding, Beat(1), Beat(2)));

        var lines = File.ReadAllLines(kept.PathOf(Finding));
        Assert.Equal(3, lines.Length);
        Assert.Equal("{\"block\":1}", lines[0]);
        Assert.Contains("\"2\"", lines[2], StringComparison.Ordinal);
    }

    [Fact]
    public void Names_of_findings_never_leave_the_folder_and_never_meet()
    {
        var kept = new KeptInputs(folder.PathOf("kept"));

        Assert.Equal(folder.PathOf("kept"), Path.GetDirectoryName(kept.PathOf(Finding)));
        Assert.NotEqual(kept.PathOf(new FindingId("a/b")), kept.PathOf(new FindingId("a-b")));
        Assert.InRange(Path.GetFileName(kept.PathOf(new FindingId(new string('x', 10_000)))).Length, 1, 200);
    }

    [Fact]
    public void All_or_nothing_is_kept_within_the_bounds()
    {
        var one = Beat(1).Line.Length + 1;
        var kept = new KeptInputs(folder.PathOf("kept"), findingBytesMax: 2 * one, bytesMax: 3 * one);

        Assert.Equal(KeepOutcome.FindingIsFull, kept.Keep(Finding, Beat(1), Beat(2), Beat(3)));
        Assert.Equal(KeepOutcome.Kept, kept.Keep(Finding, Beat(1), Beat(2)));
        Assert.Equal(KeepOutcome.FolderIsFull, kept.Keep(new FindingId("other"), Beat(1), Beat(2)));
        Assert.Equal(KeepOutcome.Kept, kept.Keep(new FindingId("other"), Beat(1)));
        var again = new KeptInputs(folder.PathOf("kept"), findingBytesMax: 2 * one, bytesMax: 3 * one);
        Assert.Equal(KeepOutcome.FolderIsFull, again.Keep(new FindingId("third"), Beat(1)));
    }

    private static KeptInput Beat(int n) =>
        KeptInput.Of(new Arrival.Beat(new DateTimeOffset(2026, 3, 1, 0, 0, 0, TimeSpan.Zero), $"{n}"));
}
