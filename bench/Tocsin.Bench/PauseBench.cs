using System.Diagnostics;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Tocsin.Api;
using Tocsin.Chains;
using Tocsin.Commands;
using Tocsin.Configuration;
using Tocsin.Decisions;
using Tocsin.Demo;
using Tocsin.Evm;
using Tocsin.Findings;
using Tocsin.Hosting;
using Tocsin.Incidents;
using Tocsin.Recording;
using Tocsin.Signing;
using Tocsin.Watching;

namespace Tocsin.Bench;

/// <summary>
/// Budget: from a finding that is about to be recorded to every call of its pause accepted by the node, p99 at most 100
/// ms, where nobody has to be waited for. The whole server runs, against a signer of its own process and a real brake.
/// </summary>
internal static class PauseBench
{
    private const double WorstMax = 100;
    private const int Incidents = 200;
    private const int WarmUp = 10;

    private static readonly TimeSpan Between = TimeSpan.FromMilliseconds(900);

    /// <summary>When each step was done, in milliseconds since the start, and what one step costs by itself.</summary>
    private sealed record Course(
        double Opened, double Proposed, double Simulated, double Taken, double Signed, double Accepted, double Rpc,
        double Socket, double Disk);

    public static bool Run(BenchOptions options) => RunAsync().GetAwaiter().GetResult();

    private static async Task<bool> RunAsync()
    {
        await using var site = await PauseSite.StartAsync(CancellationToken.None);
        var configuration = TocsinConfiguration.Load(site.Folder);
        await using var app = await TocsinHost.StartAsync(
            configuration, PlanCommand.ReadChecked(configuration), TimeProvider.System, LogLevel.Error,
            CancellationToken.None);
        await site.Anvil.MineEveryAsync(TimeSpan.FromSeconds(1), CancellationToken.None);
        while (app.Services.GetRequiredService<ChainWatcher>().State is null)
            await Task.Delay(Between / 10);
        var courses = new List<Course>();
        await using var disk = new FileStream(Path.Combine(site.Folder, "disk"), FileMode.Create);
        for (var incident = 0; incident < WarmUp + Incidents; incident++)
        {
            var course = await PauseAsync(app, incident);
            var (rpc, socket) = await BareAsync(site);
            if (incident == 0)
                Console.WriteLine(
                    $"the first one, with nothing of it compiled yet: {course.Accepted:0} ms (not held to the budget)");
            if (incident >= WarmUp)
                courses.Add(course with { Rpc = rpc, Socket = socket, Disk = OneWrite(disk) });
            await Task.Delay(Between);
            Resolve(app.Services.GetRequiredService<Logbook>());
        }
        await app.StopAsync();
        return Tell(courses);
    }

    private static async Task<Course> PauseAsync(WebApplication app, int number)
    {
        var logbook = app.Services.GetRequiredService<Logbook>();
        var finding = Finding(app, number);
        var watching = Task.Run(() => WatchAsync(app, logbook, finding.Id));
        // The one who waits must wait before there is anything.
        await Task.Delay(Between / 90);
        var start = Stopwatch.GetTimestamp();
        app.Services.GetRequiredService<FindingDesk>().Record([finding], finding.Time, null, null);
        var at = await watching;
        double Since(int step) => Stopwatch.GetElapsedTime(start, at[step]).TotalMilliseconds;
        return new Course(Since(0), Since(1), Since(2), Since(3), Since(4), Since(5), 0, 0, 0);
    }

    /// <summary>When each of the six steps was first seen done.</summary>
    private static async Task<long[]> WatchAsync(WebApplication app, Logbook logbook, FindingId finding)
    {
        var at = new long[6];
        var isApproved = false;
        while (at[5] == 0)
        {
            var seen = logbook.Head.Sequence;
            var incident = logbook.Book.Findings.TryGetValue(finding, out var known) && known.Incident is { } id
                ? logbook.Book[id]
                : null;
            var decision = incident?.Decision;
            bool[] done =
            [
                incident is not null,
                decision is not null,
                decision?.Calls.All(call => call.Simulation is { Succeeded: true }) == true,
                decision?.TakenAt is not null,
                decision?.Calls.All(call => call.Signed is not null) == true,
                decision?.Calls.All(call => call.BroadcastAt is not null) == true,
            ];
            for (var step = 0; step < done.Length; step++)
                if (done[step] && at[step] == 0)
                    at[step] = Stopwatch.GetTimestamp();
            if (decision is not null && !isApproved)
            {
                isApproved = true;
                // In the place of approvals given in advance: with those there, this line has nothing to do.
                Approve(app, incident!);
                continue;
            }
            await logbook.ChangedSince(seen, CancellationToken.None);
        }
        return at;
    }

    private static void Approve(WebApplication app, Incident incident)
    {
        var digest = DecisionTypedData.Of(incident.Decision!.Decision).Digest();
        var desk = app.Services.GetRequiredService<ApprovalDesk>();
        foreach (var officer in (PrivateKey[])[Officers.Chief, Officers.Security])
            if (desk.Submit(incident.Id, new SubmittedApproval(officer.Sign(digest).ToHex())).Refusal is { } refusal)
                throw new InvalidOperationException(refusal.InWords());
    }

    private static Finding Finding(WebApplication app, int number)
    {
        var state = app.Services.GetRequiredService<ChainWatcher>().State!;
        var account = new Address([.. new byte[16], .. BitConverter.GetBytes(number + 1)]);
        return new Finding(
            new FindingId($"bench/{number}"), 1, FindingStatus.Seen, TimeProvider.System.GetUtcNow(), Anvil.Chain,
            state.Head, [Keccak256.Hash($"transaction {number}")], Threat.FlashLoanAttack, Severity.Critical, 1,
            "market", [account], 0, [], "bench", "made up to be measured");
    }

    // So that there are never more of them open than a bad night has.
    private static void Resolve(Logbook logbook)
    {
        foreach (var incident in logbook.Book.Incidents.Values.Where(incident => incident.ResolvedAt is null))
            IncidentCommands.Resolve(logbook, incident.Id, "chief", "measured");
    }

    // One question to the node, one to the signer, one write that reaches the disk.
    private static async Task<(double Rpc, double Socket)> BareAsync(PauseSite site)
    {
        var start = Stopwatch.GetTimestamp();
        await site.Anvil.Node.ChainIdAsync(CancellationToken.None);
        var rpc = Stopwatch.GetElapsedTime(start).TotalMilliseconds;
        start = Stopwatch.GetTimestamp();
        await new SignerClient(site.SignerSocket).AskAsync(
            new SignerRequest(Status: new StatusRequest()), CancellationToken.None);
        return (rpc, Stopwatch.GetElapsedTime(start).TotalMilliseconds);
    }

    private static double OneWrite(FileStream disk)
    {
        var start = Stopwatch.GetTimestamp();
        disk.Write(new byte[4096]);
        disk.Flush(flushToDisk: true);
        return Stopwatch.GetElapsedTime(start).TotalMilliseconds;
    }

    private static bool Tell(List<Course> courses)
    {
        Console.WriteLine();
        Console.WriteLine($"{courses.Count} incidents, a pause of two calls each; milliseconds:");
        Row("finding -> incident recorded", course => course.Opened);
        Row("-> decision proposed", course => course.Proposed - course.Opened);
        Row("-> approvals recorded, decision taken", course => course.Taken - course.Proposed);
        Row("proposed -> both calls simulated", course => course.Simulated - course.Proposed);
        Row("taken and simulated -> both calls signed", course =>
            course.Signed - Math.Max(course.Taken, course.Simulated));
        Row("signed -> accepted by the node", course => course.Accepted - course.Signed);
        Row("finding -> pause accepted by the node", course => course.Accepted);
        Row("  one question to the node, alone", course => course.Rpc);
        Row("  one question to the signer, alone", course => course.Socket);
        Row("  one write to the same disk, alone", course => course.Disk);
        return Budget.AtMost(
            "finding -> pause accepted, p99, ms", Share(courses.ConvertAll(course => course.Accepted), 0.99), WorstMax);

        void Row(string what, Func<Course, double> of)
        {
            var all = courses.ConvertAll(course => of(course));
            Console.WriteLine($"  {what,-42} p50 {Share(all, 0.5),6:0.00}  p99 {Share(all, 0.99),6:0.00}");
        }
    }

    private static double Share(List<double> values, double share) =>
        values.Order().ElementAt((int)Math.Ceiling(share * values.Count) - 1);
}
