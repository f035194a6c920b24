using Microsoft.Extensions.Logging.Abstractions;
using Tocsin.Chains;
using Tocsin.Channels;
using Tocsin.Communications;
using Tocsin.Delivery;
using Tocsin.Findings;
using Tocsin.Incidents;
using Tocsin.Plans;
using Tocsin.Recording;
using Tocsin.Storage;
using Tocsin.Texts;

// The part of a server that owes alerts and delivers them, small enough to be started and killed a thousand times:
//     Tocsin.Courier LOG ADDRESS COUNT
// opens so many incidents of severity 1, says each once it is recorded, and delivers what is owed until it is killed.
// With none it ends when nothing is owed any more.
if (args is not [var log, var address, var text] || !int.TryParse(text, out var count))
{
    Console.Error.WriteLine("usage: Tocsin.Courier LOG ADDRESS COUNT");
    return 2;
}
var nowhere = new Uri("http://127.0.0.1/");
var store = EventStore.Open(log);
using var logbook = new Logbook(store, new Links(_ => nowhere, (_, _, _) => nowhere, nowhere), TimeProvider.System);
var plan = Courier.Plan();
logbook.Adopt(plan);
using var http = ChannelHttp.Create();
var channels = Courier.ChannelsOf(plan.Plan)
    .Select(name => new JsonWebhook(name, new Uri($"{address}/{name}"), null, http, TimeProvider.System))
    .ToList<IChannel>();
using var worker = new DeliveryWorker(
    channels, logbook, store, TimeProvider.System, NullLogger<DeliveryWorker>.Instance);
await worker.StartAsync(CancellationToken.None);
for (var i = 0; i < count; i++)
    Console.Out.WriteLine(Courier.Open(logbook, plan.Plan));
// With something opened it goes on until it is killed; else until nothing is owed. What is settled is in the log.
for (var head = logbook.Head; count > 0 || store.UnsettledOutbox().Count > 0; head = logbook.Head)
    await logbook.ChangedSince(head.Sequence, CancellationToken.None);
await worker.StopAsync(CancellationToken.None);
return 0;

internal static class Courier
{
    /// <summary>The plan that <c>tocsin init</c> writes.</summary>
    public static ReadPlan Plan()
    {
        var folder = Directory.CreateTempSubdirectory("tocsin-courier-");
        try
        {
            Templates.Write("startup", folder.FullName, new Dictionary<string, string>());
            return PlanReader.Read(PlanReader.Load(Path.Combine(folder.FullName, "plan")));
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    public static IEnumerable<string> ChannelsOf(Plan plan) => plan.People.SelectMany(person => person.Ways)
        .Concat(plan.Communications.SelectMany(one => new[] { one.Channel, one.Backup }).OfType<string>())
        .Distinct();

    /// <summary>The incident's name, once it is recorded.</summary>
    public static IncidentId Open(Logbook logbook, Plan plan) => logbook.Record((book, now) => book.Take(
        new Finding(
            new FindingId($"courier/{book.NextId}"), 1, FindingStatus.Confirmed, now, new ChainId(1),
            new BlockRef((ulong)book.NextId.Number, default), [HashOf(book.NextId.Number)], Threat.FlashLoanAttack,
            Severity.Critical, 0.95m, $"pool-{book.NextId}", [], 125_000m, [], "flash-loan", "a loan moved the price"),
        now, plan, DetectionLimits.Default)).OfType<IncidentEvent.Opened>().Single().Incident;

    private static Hash32 HashOf(int number)
    {
        var bytes = new byte[32];
        BitConverter.TryWriteBytes(bytes, number);
        return new Hash32(bytes);
    }
}
