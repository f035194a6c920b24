using Tocsin.Storage;
using static Tocsin.Tests.Storage.Samples;
using static Tocsin.Tests.Storage.StoreFolder;

namespace Tocsin.Tests.Storage;

public sealed class StoreFileTests : IDisposable
{
    private readonly StoreFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Fact]
    public void Folder_and_files_are_made_for_the_owner_alone()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "Windows has no file modes");
        var path = folder.PathOf("made/here/tocsin.db");

        using var store = EventStore.Open(path);
        store.Commit(Entries(1));

        Assert.Equal("rwx------", Mode(Path.GetDirectoryName(path)!));
        var files = Directory.GetFiles(Path.GetDirectoryName(path)!).Order(StringComparer.Ordinal).ToList();
        Assert.Equal([path, path + "-shm", path + "-wal", path + ".lock"], files);
        Assert.All(files, file => Assert.Equal("rw-------", Mode(file)));
    }

    [Fact]
    public void A_second_opener_is_refused_until_the_first_is_closed()
    {
        using (folder.Open())
        {
            var refusal = Assert.Throws<StorageException>(folder.Open);
            Assert.Contains("is in use by another process", refusal.Message);
        }

        folder.Open().Dispose();
    }

    [Fact]
    public void A_second_opener_is_refused_under_another_name_of_the_file()
    {
        using var store = folder.Open();
        File.CreateSymbolicLink(folder.PathOf("alias.db"), folder.Database);

        Assert.Throws<StorageException>(() => EventStore.Open(folder.PathOf("alias.db")));
    }

    [Fact]
    public void A_folder_that_cannot_be_written_is_refused()
    {
        File.WriteAllText(folder.PathOf("file"), "");

        var refusal = Assert.Throws<StorageException>(() => EventStore.Open(folder.PathOf("file/below/tocsin.db")));

        Assert.Contains("cannot be written: give this user write access, or choose another path", refusal.Message);
    }

    [Fact]
    public void A_folder_without_write_permission_is_refused()
    {
        Assert.SkipWhen(Environment.IsPrivilegedProcess, "root may write wherever it likes");
        Assert.SkipWhen(OperatingSystem.IsWindows(), "Windows has no file modes");
        var closed = Directory.CreateDirectory(folder.PathOf("closed"));
        if (!OperatingSystem.IsWindows())
            closed.UnixFileMode = UnixFileMode.UserRead | UnixFileMode.UserExecute;

        var refusal = Assert.Throws<StorageException>(() => EventStore.Open(folder.PathOf("closed/tocsin.db")));

        Assert.Contains("cannot be written", refusal.Message);
    }

    [Fact]
    public void A_folder_in_the_place_of_the_file_is_refused()
    {
        Directory.CreateDirectory(folder.Database);

        Assert.Contains("as a file", Assert.Throws<StorageException>(folder.Open).Message);
    }

    [Fact]
    public void A_file_that_is_no_database_is_refused_and_left_alone()
    {
        var text = string.Concat(Enumerable.Repeat("not a database\n", 1000));
        File.WriteAllText(folder.Database, text);

        var refusal = Assert.Throws<StorageException>(folder.Open);

        Assert.Contains("is not a database: choose another path", refusal.Message);
        Assert.Equal(text, File.ReadAllText(folder.Database));
    }

    [Fact]
    public void A_database_of_another_program_is_refused_and_left_alone()
    {
        folder.Open().Dispose(); // loads SQLite
        var other = folder.PathOf("other.db");
        Tamper(other, "CREATE TABLE recipes (name TEXT)");
        var before = File.ReadAllBytes(other);

        var refusal = Assert.Throws<StorageException>(() => EventStore.Open(other));

        Assert.Contains("is a database of another program", refusal.Message);
        Assert.Equal(before, File.ReadAllBytes(other));
    }

    [Fact]
    public void A_newer_schema_is_refused()
    {
        folder.Open().Dispose();
        Tamper(folder.Database, "INSERT INTO schema_version (version) VALUES (99)");

        var refusal = Assert.Throws<StorageException>(folder.Open);

        Assert.Contains("has schema 99", refusal.Message);
        Assert.Contains("use the newer program", refusal.Message);
    }

    [Fact]
    public void A_refused_store_can_be_opened_once_the_cause_is_gone()
    {
        File.WriteAllText(folder.Database, new string('x', 5000));
        Assert.Throws<StorageException>(folder.Open);

        File.Delete(folder.Database);

        folder.Open().Dispose();
    }

    private static string Mode(string path)
    {
        var mode = OperatingSystem.IsWindows() ? UnixFileMode.None : File.GetUnixFileMode(path);
        var bits = Enumerable.Range(0, 9).Select(bit => ((int)mode >> (8 - bit) & 1) == 1 ? "rwx"[bit % 3] : '-');
        return string.Concat(bits);
    }
}
