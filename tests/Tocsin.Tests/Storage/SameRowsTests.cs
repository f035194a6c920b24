using FsCheck;
using FsCheck.Fluent;
using Tocsin.Audit;
using Tocsin.Findings;
using Tocsin.Storage;
using static Tocsin.Tests.Storage.Samples;

namespace Tocsin.Tests.Storage;

/// <summary>Both databases hold the same after the same.</summary>
public sealed class SameRowsTests(PrivateCluster cluster)
{
    private const int Cases = 30; // each makes two stores

    [Fact]
    public void The_same_batches_give_the_same_rows_and_hashes_in_both_databases()
    {
        using var skipsWithoutPostgres = cluster.NewSchema();
        var names = Gen.Elements("a", "b", "Ä", "a b", "ｚ", "\U0001F6A8", "");
        var texts = ArbMap.Default.GeneratorFor<NonNull<string>>()
            .Select(text => text.Get.Replace('\0', '0')).Where(text => !text.Any(char.IsSurrogate));
        var entries =
            from seconds in Gen.Choose(-1_000_000, 1_000_000)
            from stream in names
            from payload in texts
            select new NewEntry(Noon.AddTicks(seconds), stream, "kind.1", payload);
        var items =
            from name in names
            from severity in Gen.Choose(1, 5)
            from age in Gen.Choose(-100, 100)
            select Item(name, (Severity)severity, age) with { Channel = severity > 3 ? "phone" : "war-room" };
        var outcomes =
            from name in names
            from settled in Gen.Elements(true, false)
            from seconds in Gen.Choose(-100, 100)
            from result in texts
            select new OutboxOutcome(name, settled, Noon.AddSeconds(seconds), result);
        var batches =
            from entry in entries.ListOf()
            from item in items.ListOf()
            from outcome in outcomes.ListOf()
            from payload in texts
            select new Batch
            {
                Entries = [.. entry],
                Outbox = [.. item],
                Settled = [.. outcome],
                Checkpoint = new Checkpoint(payload.Length % 2 == 0 ? "watch" : "Feed", payload),
            };

        Check.One(
            Config.QuickThrowOnFailure.WithMaxTest(Cases), Prop.ForAll(Arb.From(batches.ListOf()), GiveTheSame));
    }

    private void GiveTheSame(IList<Batch> batches)
    {
        using var folder = new StoreFolder();
        using var schema = cluster.NewSchema();

        Assert.Equal(AfterAll(folder, batches), AfterAll(schema, batches));
    }

    private static List<string> AfterAll(StoreHome home, IList<Batch> batches)
    {
        var seen = new List<string>();
        using (var store = home.Open())
        {
            foreach (var batch in batches)
                seen.Add(Committed(store, batch));
            seen.AddRange(store.UnsettledOutbox().Select(state => state.ToString()));
            seen.AddRange(store.DueOutbox("phone", Noon, 3).Select(state => state.ToString()));
            seen.Add($"{store.NextOutboxAttempt("war-room"):O} {store.ReadCheckpoint("Feed")}");
        }
        using var snapshot = home.OpenSnapshot();
        seen.AddRange(snapshot.Read().Select(row => row.ToString()));
        return seen;
    }

    // A batch with an outcome for what is not in the outbox is refused by both.
    private static string Committed(EventStore store, Batch batch)
    {
        try
        {
            return string.Join('\n', store.Commit(batch));
        }
        catch (ArgumentException e)
        {
            return e.Message;
        }
    }
}
