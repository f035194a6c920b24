using System.Text;
using Tocsin.Signing;
using Tocsin.Texts;
using static Tocsin.Tests.Signing.SignerDesk;

namespace Tocsin.Tests.Signing;

public sealed class SignerJournalTests : IDisposable
{
    private readonly SignerDesk desk = new();

    private string Path => desk.Policy.JournalPath;

    public void Dispose() => desk.Dispose();

    [Fact]
    public void What_was_signed_is_known_after_a_restart()
    {
        Sign(3);
        var entries = desk.Entries.ToList();

        desk.Restart();

        Assert.Equal(entries, desk.Entries);
        Assert.Equal(3, entries.Count);
    }

    [Theory]
    [InlineData("half a line")]
    [InlineData("\uFEFF")]
    public void A_line_torn_by_a_crash_is_dropped_and_the_next_one_follows(string torn)
    {
        Sign(2);
        desk.CloseJournal();
        var whole = File.ReadAllText(Path);
        File.AppendAllText(Path, torn);

        desk.Restart();

        Assert.Equal(2, desk.Entries.Count);
        Sign(3);
        desk.Restart();
        Assert.Equal(3, desk.Entries.Count);
        desk.CloseJournal();
        Assert.StartsWith(whole, File.ReadAllText(Path), StringComparison.Ordinal);
    }

    [Fact]
    public void A_last_line_cut_anywhere_is_dropped_alone()
    {
        Sign(2);
        desk.CloseJournal();
        var whole = File.ReadAllBytes(Path);
        var second = Array.IndexOf(whole, (byte)'\n') + 1;
        foreach (var length in Enumerable.Range(second, whole.Length - second))
        {
            File.WriteAllBytes(Path, whole[..length]);
            using var journal = SignerJournal.Open(Path);
            Assert.Single(journal.Entries);
        }
    }

    [Fact]
    public void A_changed_line_in_the_middle_is_refused_by_its_number()
    {
        Sign(3);
        desk.CloseJournal();
        var lines = File.ReadAllLines(Path);
        lines[1] = lines[1].Replace("\"nonce\":6", "\"nonce\":7", StringComparison.Ordinal);
        File.WriteAllText(Path, string.Join('\n', lines) + "\n");

        Assert.Contains($"{Path}:2: the signer's journal is not what was written", Refused(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    public void A_line_taken_out_is_refused(int line)
    {
        Sign(3);
        desk.CloseJournal();
        File.WriteAllText(Path, string.Join('\n', File.ReadAllLines(Path).Where((_, i) => i != line)) + "\n");

        Assert.Contains($":{line + 1}:", Refused(), StringComparison.Ordinal);
    }

    [Fact]
    public void A_mark_that_an_editor_put_before_it_is_refused_and_nothing_is_cut_off()
    {
        Sign(2);
        desk.CloseJournal();
        byte[] marked = [0xef, 0xbb, 0xbf, .. File.ReadAllBytes(Path)];
        File.WriteAllBytes(Path, marked);

        Assert.Contains(":1:", Refused(), StringComparison.Ordinal);
        Assert.Equal(marked, File.ReadAllBytes(Path));
    }

    [Fact]
    public void A_journal_that_was_refused_can_be_opened_once_it_is_restored()
    {
        Sign(2);
        desk.CloseJournal();
        var whole = File.ReadAllBytes(Path);
        File.WriteAllText(Path, "nonsense\n");
        Refused();

        File.WriteAllBytes(Path, whole);
        desk.Restart();

        Assert.Equal(2, desk.Entries.Count);
    }

    [Fact]
    public void A_second_opener_is_refused() =>
        Assert.Contains("cannot be opened", Refused(), StringComparison.Ordinal);

    [Fact]
    public void A_folder_that_is_not_there_is_refused() =>
        Assert.Throws<InputException>(() => SignerJournal.Open(desk.PathOf("nowhere/journal")));

    [Fact]
    public void Only_the_signers_user_can_read_it()
    {
        if (!OperatingSystem.IsWindows())
            Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(Path));
    }

    [Fact]
    public void It_holds_no_key()
    {
        Sign(2);
        desk.CloseJournal();
        var secret = new byte[32];
        Key.ExportTo(secret);

        Assert.DoesNotContain(Convert.ToHexString(secret), File.ReadAllText(Path, Encoding.UTF8),
            StringComparison.OrdinalIgnoreCase);
    }

    private void Sign(int uses)
    {
        for (var use = desk.Entries.Count; use < uses; use++)
            desk.Signed(Request(Decision((ulong)use)));
    }

    private string Refused() => Assert.Throws<InputException>(() => SignerJournal.Open(Path).Dispose()).Message;
}
