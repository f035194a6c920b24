using System.Buffers.Binary;
using System.IO.Compression;
using System.Text;
using System.Text.Json.Nodes;
using FsCheck;
using FsCheck.Fluent;
using Tocsin.Audit;
using Tocsin.Commands;
using Tocsin.Decisions;
using Tocsin.Incidents;
using Tocsin.Records;
using Tocsin.Tests.Configuration;
using Tocsin.Tests.Plans;
using Tocsin.Texts;
using static Tocsin.Tests.Incidents.Story;

namespace Tocsin.Tests.Records;

public sealed class EvidenceBundleTests : IDisposable
{
    private static readonly byte[] Bundle = EvidenceBundle.Write(KeptStory.Countersigned, First);

    private readonly ConfigurationFolder folder = new();

    private string File => Path.Combine(folder.Path, "INC-1.zip");

    public void Dispose() => folder.Dispose();

    [Fact]
    public void A_bundle_holds_the_log_from_the_first_event_to_the_countersignature_after_the_last()
    {
        var (bundle, wrong) = BundleCheck.Check(Bundle);

        Assert.Null(wrong);
        var own = KeptIncident.Of(KeptStory.Countersigned, First);
        Assert.Equal(own[0].PreviousHash, bundle!.Log.Before.Hash);
        Assert.Equal(own[0].Sequence - 1, bundle.Log.Before.Sequence);
        Assert.Equal(own[^1].Sequence, bundle.Manifest.Last);
        Assert.Equal("head-countersigned.1", bundle.Log.Entries[^1].Kind);
        // What happened to another incident meanwhile is in it, what happened to it before and after is not.
        Assert.Equal(
            ["looks like the first", "after it"],
            bundle.Log.Entries.Where(entry => entry.Stream == "INC-2")
                .Select(entry => JsonNode.Parse(entry.Payload)!["text"]!.GetValue<string>()));
    }

    [Fact]
    public void Where_nothing_is_countersigned_a_bundle_ends_with_the_incident()
    {
        var (bundle, _) = BundleCheck.Check(EvidenceBundle.Write(KeptStory.Log, First));

        Assert.Equal(bundle!.Manifest.Last, bundle.Log.End.Sequence);
        Assert.Contains("nothing in it is countersigned", bundle.Countersigned([]).Words);
        Assert.NotNull(bundle.Countersigned([KeptStory.Signer.Address]).Misfit);
    }

    [Fact]
    public void What_people_decided_is_in_a_bundle_that_is_accepted()
    {
        var written = EvidenceBundle.Write(
            KeptStory.Chained(
            [
                (0, new PlanAdopted(Plan.ContentHash, KeptStory.PlanFiles)),
                .. KeptStory.Events.Take(2),
                (20, new LedgerEvent.ActedFirst(First, "1", "emergency-pause", "Ben Engineer", "no time", At(900))),
                (21, new LedgerEvent.ApprovalGiven(First, "1", "Ada Commander", ["Cem Deputy", "Dee Auditor"])),
                (901, new LedgerEvent.Unratified(First, "1", "emergency-pause", "Ben Engineer", "not in time")),
            ]),
            First);

        Assert.Null(BundleCheck.Check(written).Wrong);
        var record = StoredZip.Read(written).Single(file => file.Name == "incident.json");
        var choice = JsonNode.Parse(record.Bytes.ToArray())!["ledger"]!.AsArray().Single()!;
        Assert.Equal("overdue", choice["state"]!.GetValue<string>());
        Assert.Equal(
            ["acted-first", "approved", "unratified"],
            choice["said"]!.AsArray().Select(word => word!["says"]!.GetValue<string>()));
    }

    [Fact]
    public void The_same_log_gives_the_same_bytes_and_any_unpacker_reads_them()
    {
        Assert.Equal(Bundle, EvidenceBundle.Write(KeptStory.Countersigned, First));

        using var zip = new ZipArchive(new MemoryStream(Bundle));
        Assert.Equal(
            [
                "manifest.json", "log.jsonl", "incident.json", "report.md", "plan/plan.yaml",
                "plan/procedures/pause-markets.md",
            ],
            zip.Entries.Select(entry => entry.FullName));
        using var plan = new StreamReader(zip.GetEntry("plan/plan.yaml")!.Open());
        Assert.Equal(MinimalPlan.Main, plan.ReadToEnd());
    }

    [Fact]
    public void A_byte_that_was_changed_anywhere_is_refused()
    {
        for (var at = 0; at < Bundle.Length; at += 7)
        {
            var changed = (byte[])Bundle.Clone();
            changed[at] ^= 0x20;
            Assert.True(BundleCheck.Check(changed).Wrong is not null, $"byte {at}");
        }
    }

    [Fact]
    public void The_file_that_was_changed_is_named()
    {
        foreach (var file in StoredZip.Read(Bundle))
        {
            var changed = (byte[])Bundle.Clone();
            changed[changed.AsSpan().IndexOf(file.Bytes) + (file.Bytes.Length / 2)] ^= 1;
            Assert.Contains($": {file.Name} was changed", BundleCheck.Check(changed).Wrong, StringComparison.Ordinal);
        }
    }

    [Fact]
    public void What_was_cut_off_or_hung_on_is_refused()
    {
        foreach (var length in (int[])[0, 1, 29, 30, 31, Bundle.Length / 2, Bundle.Length - 22, Bundle.Length - 1])
            Assert.NotNull(BundleCheck.Check(Bundle.AsSpan(0, length)).Wrong);
        Assert.NotNull(BundleCheck.Check([.. Bundle, 0]).Wrong);
        Assert.NotNull(BundleCheck.Check([0, .. Bundle]).Wrong);
    }

    /// <summary>Whatever is done to the files, also with new sums: nothing but what was written passes.</summary>
    [Fact]
    public void Files_that_were_changed_taken_out_added_or_swapped_are_refused() =>
        Prop.ForAll(Changes().ToArbitrary(), change =>
        {
            var files = StoredZip.Read(Bundle).ToList();
            change.Do(files);
            if (change.WithNewSums)
                Sum(files);
            return Refused(files);
        }).QuickCheckThrowOnFailure();

    [Fact]
    public void A_history_that_was_written_anew_is_found_out_by_what_was_kept_outside()
    {
        var kept = new LogHead(KeptStory.Log[^1].Sequence, KeptStory.Log[^1].Hash);
        var forged = KeptStory.Chained(KeptStory.Countersigned
            .Where(entry => entry.Kind != "head-countersigned.1")
            .Select(entry => ((entry.Instant - Noon).TotalSeconds, Read(entry)))
            .Select(step => step.Item2 is IncidentEvent.NoteAdded { Text: "users were told" } note
                ? (step.TotalSeconds, note with { Text = "users were told at once" })
                : step));
        var signed = KeptStory.Chained(
        [
            .. forged.SkipLast(1).Select(entry => ((entry.Instant - Noon).TotalSeconds, Read(entry))),
            (3660, KeptStory.Sign(new LogHead(forged[^2].Sequence, forged[^2].Hash), MinimalPlan.Stranger)),
        ]);

        var (bundle, wrong) = BundleCheck.Check(EvidenceBundle.Write(signed, First));

        Assert.Null(wrong);
        Assert.Contains("is not the one whose head you kept", bundle!.Misfit(kept));
        Assert.Contains("who is not the signer", bundle.Countersigned([KeptStory.Signer.Address]).Misfit);
    }

    [Fact]
    public void What_was_kept_outside_fits()
    {
        var (bundle, _) = BundleCheck.Check(Bundle);

        foreach (var entry in bundle!.Log.Entries)
            Assert.Null(bundle.Misfit(new LogHead(entry.Sequence, entry.Hash)));
        Assert.Null(bundle.Misfit(bundle.Log.Before));
        Assert.NotNull(bundle.Misfit(bundle.Log.End with { Hash = Hash(9) }));
        Assert.Contains("1 countersignature of the signer", bundle.Countersigned([KeptStory.Signer.Address]).Words);
        Assert.NotNull(bundle.Countersigned([MinimalPlan.Stranger.Address]).Misfit);
        Assert.Throws<InputException>(() => bundle.Misfit(bundle.Log.End with { Sequence = 4_000 }));
        Assert.Throws<InputException>(() => bundle.Misfit(LogHead.Empty));
    }

    [Theory]
    [InlineData("../outside")]
    [InlineData("/outside")]
    [InlineData("plan/../../outside")]
    [InlineData("plan//outside")]
    [InlineData("C:outside")]
    [InlineData("plan\\outside")]
    [InlineData("out\nside")]
    [InlineData("LOG.JSONL")]
    public void A_name_that_leads_elsewhere_or_is_there_already_is_refused(string name)
    {
        var files = StoredZip.Read(Bundle).ToList();
        files.Add(new BundledFile(name, [1]));

        Assert.Throws<FormatException>(() => StoredZip.Write(files));
        Assert.NotNull(BundleCheck.Check(Packed(files, CompressionLevel.NoCompression)).Wrong);
    }

    [Fact]
    public void What_is_packed_otherwise_is_refused_without_unpacking()
    {
        List<BundledFile> files = [new("log.jsonl", new byte[32 << 20])];
        var bomb = Packed(files, CompressionLevel.SmallestSize);
        Assert.InRange(bomb.Length, 0, 64 << 10);

        Assert.NotNull(BundleCheck.Check(bomb).Wrong);
        Assert.NotNull(BundleCheck.Check(Packed([.. StoredZip.Read(Bundle)], CompressionLevel.Fastest)).Wrong);
    }

    [Fact]
    public void A_file_that_says_it_is_huge_is_refused()
    {
        var changed = (byte[])Bundle.Clone();
        BinaryPrimitives.WriteUInt32LittleEndian(changed.AsSpan(18), uint.MaxValue);
        BinaryPrimitives.WriteUInt32LittleEndian(changed.AsSpan(22), uint.MaxValue);

        Assert.Contains("in the middle of a file", BundleCheck.Check(changed).Wrong);
    }

    [Fact]
    public void A_bundle_is_written_beside_the_server_and_checked_without_it()
    {
        using (var store = Tocsin.Recording.ConfiguredStore.Open(folder.Load("")))
        {
            IncidentRecordTests.Keep(store);
            Assert.Equal(ExitCode.Done, IncidentRecordCommand.Evidence(folder.Path, "INC-1", File, json: true));
        }
        Assert.Equal(Bundle, System.IO.File.ReadAllBytes(File));
        var head = KeptStory.Log[^1];
        var signer = Tocsin.Evm.ChecksumAddress.Format(KeptStory.Signer.Address);

        Assert.Equal(ExitCode.Done, AuditCommand.VerifyBundle(File, null, []));
        Assert.Equal(ExitCode.Done, AuditCommand.VerifyBundle(File, $"{head.Sequence}:{head.Hash}", [signer]));
        Assert.Equal(
            ExitCode.FoundWrong, AuditCommand.VerifyBundle(File, $"{head.Sequence}:{head.PreviousHash}", [signer]));
        Assert.Throws<InputException>(() => IncidentRecordCommand.Evidence(folder.Path, "INC-1", File, json: false));
        System.IO.File.WriteAllBytes(File, [.. Bundle.Take(900), .. "x"u8, .. Bundle.Skip(901)]);
        Assert.Equal(ExitCode.FoundWrong, AuditCommand.VerifyBundle(File, null, []));
        Assert.Throws<InputException>(() => AuditCommand.VerifyBundle(File + "x", null, []));
        Assert.Throws<InputException>(() => AuditCommand.VerifyBundle(folder.Path, null, []));
    }

    private sealed record Change(string Name, Action<List<BundledFile>> Do, bool WithNewSums)
    {
        public override string ToString() => $"{Name}, new sums: {WithNewSums}";
    }

    private static Gen<Change> Changes()
    {
        var count = StoredZip.Read(Bundle).Count;
        var flip =
            from file in Gen.Choose(0, count - 1)
            from at in Gen.Choose(0, int.MaxValue)
            from bit in Gen.Choose(0, 7)
            select ("flip", (Action<List<BundledFile>>)(files => Flip(files, file, at, bit)), file > 0);
        var remove =
            from file in Gen.Choose(1, count - 1)
            select ("remove", (Action<List<BundledFile>>)(files => files.RemoveAt(file)), true);
        var swap =
            from one in Gen.Choose(1, count - 1)
            from other in Gen.Choose(1, count - 1).Where(other => other != one)
            select ("swap", (Action<List<BundledFile>>)(files => Swap(files, one, other)), true);
        var add =
            from name in Gen.Elements("other.txt", "plan/procedures/other.md", "plan/zz.md")
            select ("add", (Action<List<BundledFile>>)(files => files.Add(new(name, "# x"u8.ToArray()))), true);
        var line =
            from at in Gen.Choose(0, 45)
            select ("take a line out", (Action<List<BundledFile>>)(files => WithoutLine(files, at)), true);
        return
            from change in Gen.OneOf(flip, remove, swap, add, line)
            from anew in Gen.Elements(true, false)
                // A manifest that was changed may be none any more.
            select new Change(change.Item1, change.Item2, anew && change.Item3);
    }

    private static bool Refused(List<BundledFile> files) => BundleCheck.Check(StoredZip.Write(files)).Wrong is not null;

    private static void Flip(List<BundledFile> files, int file, int at, int bit)
    {
        var bytes = (byte[])files[file].Bytes.Clone();
        bytes[at % bytes.Length] ^= (byte)(1 << bit);
        files[file] = files[file] with { Bytes = bytes };
    }

    // The contents alone: the names stay where they are.
    private static void Swap(List<BundledFile> files, int one, int other)
    {
        var bytes = files[one].Bytes;
        files[one] = files[one] with { Bytes = files[other].Bytes };
        files[other] = files[other] with { Bytes = bytes };
    }

    private static void WithoutLine(List<BundledFile> files, int at)
    {
        var lines = Encoding.UTF8.GetString(files[1].Bytes).Split('\n').ToList();
        lines.RemoveAt(at % (lines.Count - 1));
        files[1] = files[1] with { Bytes = Encoding.UTF8.GetBytes(string.Join('\n', lines)) };
    }

    private static void Sum(List<BundledFile> files)
    {
        var manifest = BundleManifest.Read(files[0].Bytes);
        files[0] = files[0] with
        {
            Bytes = (manifest with { Files = files.Skip(1).Select(BundleSum.Of).ToValueList() }).Write(),
        };
    }

    private static LogEvent Read(LogEntry entry) => Tocsin.Recording.EventJson.Read(entry.Kind, entry.Payload);

    private static byte[] Packed(List<BundledFile> files, CompressionLevel level)
    {
        using var bytes = new MemoryStream();
        using (var zip = new ZipArchive(bytes, ZipArchiveMode.Create, leaveOpen: true))
        {
            foreach (var file in files)
            {
                using var entry = zip.CreateEntry(file.Name, level).Open();
                entry.Write(file.Bytes);
            }
        }
        return bytes.ToArray();
    }
}
