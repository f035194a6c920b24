using System.IO.Compression;
using System.Text;
using Tocsin.Audit;
using Tocsin.Backups;
using Tocsin.Commands;
using Tocsin.Findings;
using Tocsin.Recording;
using Tocsin.Storage;
using Tocsin.Tests.Storage;
using Tocsin.Texts;
using static Tocsin.Tests.Storage.Samples;

namespace Tocsin.Tests.Backups;

public sealed class BackupTests(PrivateCluster cluster) : IDisposable
{
    private readonly StoreFolder from = new();
    private readonly StoreFolder to = new();

    private string File => from.PathOf("backup.jsonl.gz");

    public void Dispose()
    {
        from.Dispose();
        to.Dispose();
    }

    [Fact]
    public void What_is_restored_is_what_was_backed_up()
    {
        Fill(from);
        var (contents, _) = Write(from, File);

        Assert.Null(RestoreInto(to, File));

        Assert.Equal(Rows(from), Rows(to));
        Assert.Equal((3, 2, 1, 2, 1), (contents!.Entries, contents.Messages, contents.Unsent, contents.Checkpoints,
            contents.Keys));
        using var restored = to.Open();
        Assert.Equal(contents.Head, restored.Head);
        restored.Commit(Entries(4) with { Outbox = [Item("new")] });
        Assert.Null(LogChain.FirstBrokenLink(restored.Read()));
    }

    [Fact]
    public void A_store_moves_between_both_databases_and_back()
    {
        using var schema = cluster.NewSchema();
        Fill(from);
        Write(from, File);
        Assert.Null(RestoreInto(schema, File));
        var back = from.PathOf("back.jsonl");
        Write(schema, back);

        Assert.Null(RestoreInto(to, back));

        Assert.Equal(Rows(from), Rows(schema));
        Assert.Equal(Rows(from), Rows(to));
        using var moved = schema.Open();
        moved.Commit(Entries(4) with { Outbox = [Item("new")] });
        Assert.Equal(2, moved.UnsettledOutbox().Count);
    }

    [Fact]
    public void A_backup_is_made_beside_a_store_that_is_open_and_holds_one_state()
    {
        using var schema = cluster.NewSchema();
        foreach (var home in (StoreHome[])[from, schema])
        {
            Fill(home);
            using var store = home.Open();
            using var snapshot = home.OpenSnapshot();
            store.Commit(Entries(4) with { Checkpoint = new Checkpoint("watch", "later") });

            var rows = snapshot.Read().ToList();

            Assert.Equal(3, rows.OfType<StoreRow.Entry>().Count());
            Assert.DoesNotContain(new StoreRow.Mark(new Checkpoint("watch", "later")), rows);
        }
    }

    [Fact]
    public void An_empty_store_can_be_backed_up_and_restored()
    {
        from.Open().Dispose();
        var (contents, _) = Write(from, File);

        Assert.Null(RestoreInto(to, File));
        Assert.Equal(BackupContents.None, contents);
    }

    [Fact]
    public void A_backup_is_for_its_owner_alone_and_replaces_nothing()
    {
        Fill(from);
        Write(from, File);

        var refusal = Assert.Throws<InputException>(() => Write(from, File));

        Assert.Contains("cannot be written as a new file", refusal.Message);
        if (!OperatingSystem.IsWindows())
            Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, System.IO.File.GetUnixFileMode(File));
    }

    [Fact]
    public void A_log_with_a_broken_chain_is_not_backed_up()
    {
        Fill(from);
        from.DropTriggers();
        from.Tamper("UPDATE log SET payload = '{}' WHERE sequence = 2");

        var (contents, broken) = Write(from, File);

        Assert.Null(contents);
        Assert.Equal("entry 2 was changed after it was written", broken);
        Assert.False(System.IO.File.Exists(File));
    }

    [Fact]
    public void A_store_that_is_not_empty_is_not_restored_into()
    {
        Fill(from);
        Write(from, File);
        using (var store = to.Open())
            store.Key("acknowledge", () => [1]);

        Assert.Contains("is not empty",
            Assert.Throws<StorageException>(() => RestoreInto(to, File)).Message);
        Assert.Single(Rows(to));
    }

    [Fact]
    public void A_backup_that_was_cut_anywhere_restores_nothing()
    {
        Fill(from);
        var plain = from.PathOf("backup.jsonl");
        Write(from, plain);
        Write(from, File);
        foreach (var path in (string[])[plain, File])
        {
            var whole = System.IO.File.ReadAllBytes(path);
            for (var length = 0; length < whole.Length; length += Math.Max(1, whole.Length / 61))
                Refuses(path, whole[..length]);
            Refuses(path, whole[..^1]);
        }
    }

    [Fact]
    public void A_backup_in_which_anything_was_changed_restores_nothing()
    {
        Fill(from);
        var plain = from.PathOf("backup.jsonl");
        Write(from, plain);
        var whole = System.IO.File.ReadAllBytes(plain);

        for (var at = 0; at < whole.Length - 1; at += 7)
        {
            var changed = (byte[])whole.Clone();
            changed[at] ^= 0x01;
            Refuses(plain, changed);
        }
    }

    [Theory]
    [InlineData("", "ends after line 0")]
    [InlineData("\n", "is no line of a backup")]
    [InlineData("null\n", "is no line of a backup")]
    [InlineData("[]\n", "is no line of a backup")]
    [InlineData("{}\n", "is no line of a backup")]
    [InlineData("{\"end\":{\"lines\":1,\"sha256\":\"\"}}\n", "is no backup")]
    [InlineData("HEAD2\n", "has version 2")]
    [InlineData("HEAD\nHEAD\n", "begins a backup in the middle")]
    [InlineData("HEAD\n{\"key\":{\"name\":\"a\",\"value\":\"AA==\"},"
        + "\"checkpoint\":{\"name\":\"a\",\"payload\":\"\"}}\n", "is no line")]
    [InlineData("HEAD\n{\"key\":{\"name\":\"a\",\"value\":\"AA==\",\"more\":1}}\n", "is no line")]
    [InlineData("HEAD\n{\"key\":{\"name\":null,\"value\":\"AA==\"}}\n", "is no line")]
    [InlineData("HEAD\n{\"key\":{\"name\":\"a\",\"name\":\"b\",\"value\":\"AA==\"}}\n", "is no line")]
    [InlineData("HEAD\n{\"checkpoint\":{\"name\":\"\\ud83d\",\"payload\":\"\"}}\n", "is no line")]
    [InlineData("HEAD\n{\"checkpoint\":{\"name\":\"\\u0000\",\"payload\":\"\"}}\n", "U+0000")]
    [InlineData("HEAD\n{\"message\":{\"key\":\"a\",\"channel\":\"c\",\"severity\":9,\"created\":0,\"alert\":\"\","
        + "\"attempts\":0,\"next\":0,\"settled\":false}}\n", "no severity")]
    [InlineData("HEAD\n{\"message\":{\"key\":\"a\",\"channel\":\"c\",\"severity\":1,\"created\":-1,\"alert\":\"\","
        + "\"attempts\":0,\"next\":0,\"settled\":false}}\n", "no instant")]
    [InlineData("HEAD\n{\"entry\":{\"sequence\":1,\"ticks\":0,\"stream\":\"\",\"kind\":\"\",\"payload\":\"\","
        + "\"previous\":\"0x\",\"hash\":\"0x\"}}\n", "cannot have been written")]
    public void What_is_no_backup_is_refused_with_its_place(string text, string reason)
    {
        const string head = """{"backup":{"version":1,"made":"2026-03-01T12:00:00+00:00","head":"0:0x00"}}""";
        var path = from.PathOf("backup.jsonl");
        System.IO.File.WriteAllText(path, text.Replace("HEAD2", head.Replace(":1,", ":2,")).Replace("HEAD", head));

        var refusal = Assert.ThrowsAny<Exception>(() => RestoreInto(to, path));

        Assert.Contains(reason, refusal.Message);
        Assert.True(refusal is InputException or ArgumentException);
        Assert.Empty(Rows(to));
    }

    [Fact]
    public void What_stands_behind_the_end_is_refused()
    {
        Fill(from);
        var path = from.PathOf("backup.jsonl");
        Write(from, path);
        System.IO.File.AppendAllText(path, "{}\n");

        Assert.Contains("goes on after its end",
            Assert.Throws<InputException>(() => RestoreInto(to, path)).Message);
        Assert.Empty(Rows(to));
    }

    [Fact]
    public void A_line_without_end_is_refused_before_it_fills_the_memory()
    {
        var path = from.PathOf("bomb.jsonl.gz");
        using (var file = System.IO.File.Create(path))
        using (var compressed = new GZipStream(file, CompressionLevel.Fastest))
        {
            var block = Encoding.ASCII.GetBytes(new string('x', 1 << 20));
            for (var written = 0L; written <= BackupFile.LineBytesMax + (2 << 20); written += block.Length)
                compressed.Write(block);
        }

        var refusal = Assert.Throws<InputException>(() => RestoreInto(to, path));

        Assert.Contains("bytes: that is no backup", refusal.Message);
    }

    [Fact]
    public void An_entry_that_does_not_follow_is_named_and_nothing_is_restored()
    {
        Fill(from);
        List<StoreRow> rows = [.. Snapshot(from)];
        using var store = to.Open();

        Assert.Equal("entry 3 does not follow from entry 1", store.Restore([rows[0], rows[2]]));
        Assert.Equal("entry 2 does not follow from entry 0", store.Restore(rows.Skip(1)));

        Assert.Equal(LogHead.Empty, store.Head);
        Assert.Null(store.Restore(rows));
    }

    [Fact]
    public void The_commands_move_an_installation_into_another_database()
    {
        using var schema = cluster.NewSchema();
        using var old = new Tocsin.Tests.Configuration.ConfigurationFolder();
        using var another = new Tocsin.Tests.Configuration.ConfigurationFolder();
        var configured = old.Load("");
        using (var store = ConfiguredStore.Open(configured))
            store.Commit(Entries(1, 2));
        another.Write("address", schema.Address);
        another.Load("database: file:address\n");

        Assert.Equal(ExitCode.Done, BackupCommand.Run(old.Path, File, json: true, TimeProvider.System));
        Assert.Equal(ExitCode.Done, RestoreCommand.Run(File, another.Path, json: false));

        Assert.Equal(ExitCode.Done, AuditCommand.Verify(another.Path, null, []));
        Assert.Equal(2L, schema.Scalar("SELECT count(*) FROM log"));
        Assert.Throws<StorageException>(() => RestoreCommand.Run(File, another.Path, json: false));
    }

    [Fact]
    public void A_log_left_behind_in_the_file_does_not_begin_anew_in_an_empty_database()
    {
        using var schema = cluster.NewSchema();
        using var installation = new Tocsin.Tests.Configuration.ConfigurationFolder();
        using (var store = ConfiguredStore.Open(installation.Load("")))
            store.Commit(Entries(1, 2));
        Assert.Equal(ExitCode.Done, BackupCommand.Run(installation.Path, File, json: false, TimeProvider.System));
        installation.Write("address", schema.Address);
        var moved = installation.Load("database: file:address\n");

        var refusal = Assert.Throws<InputException>(() => ConfiguredStore.Open(moved));
        Assert.Equal(ExitCode.Done, RestoreCommand.Run(File, installation.Path, json: false));

        Assert.Contains("bring it over", refusal.Message);
        using var restored = ConfiguredStore.Open(moved);
        Assert.Equal(2, restored.Head.Sequence);
    }

    private void Refuses(string path, byte[] bytes)
    {
        System.IO.File.WriteAllBytes(path, bytes);
        string? broken = null;
        var fault = Record.Exception(() => broken = RestoreInto(to, path));
        Assert.True(fault is InputException or ArgumentException || broken is not null, $"{fault}");
        Assert.Empty(Rows(to));
    }

    private static void Fill(StoreHome home)
    {
        using var store = home.Open();
        store.Commit(Entries(1, 2) with
        {
            Outbox = [Item("Zürich \U0001F6A8", Severity.Minor, age: 3), Item("a")],
            Checkpoint = new Checkpoint("watch", "{\"text\":\"a\\nb\"}"),
        });
        store.Commit(Outcome("a", settled: true, Noon, "accepted") with
        {
            Entries = [Entry(3) with { Payload = "\"\\ \u2028 \n \U0001F6A8" }],
            Checkpoint = new Checkpoint("feed", "17"),
        });
        store.Key("acknowledge", () => [0, 1, 255]);
    }

    private static (BackupContents? Contents, string? Broken) Write(StoreHome home, string path)
    {
        using var snapshot = home.OpenSnapshot();
        return BackupFile.Write(snapshot, path, Noon);
    }

    private static string? RestoreInto(StoreHome home, string path)
    {
        using var store = home.Open();
        return store.Restore(BackupFile.Open(path).Read());
    }

    private static IEnumerable<StoreRow> Snapshot(StoreHome home)
    {
        using var snapshot = home.OpenSnapshot();
        return [.. snapshot.Read()];
    }

    private static List<string> Rows(StoreHome home) => [.. Snapshot(home).Select(row => row switch
    {
        StoreRow.Key(var name, var value) => $"{name} {Convert.ToHexString(value.Span)}",
        _ => row.ToString(),
    })];
}
