using System.Net;
using System.Net.Http.Json;
using System.Net.Sockets;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Tocsin.Api;
using Tocsin.Configuration;
using Tocsin.Findings;
using Tocsin.Hosting;
using Tocsin.Incidents;
using Tocsin.Plans;
using Tocsin.Recording;
using Tocsin.Reports;
using Tocsin.Storage;
using Tocsin.Tests.Configuration;
using Tocsin.Tests.Incidents;
using Tocsin.Watching;

namespace Tocsin.Tests.Nights;

/// <summary>
/// The real server without a chain on a clock of its own: its log in a file, its API on a port, its channels printed.
/// Time passes only here, from one due instant to the next, and never while something is still owed.
/// </summary>
internal sealed class NightHost : IAsyncDisposable
{
    private readonly ConfigurationFolder folder = new();
    private readonly ManualTime time;
    private readonly StringWriter printed = new();
    private readonly HttpClient http;
    private readonly TocsinConfiguration configuration;
    private WebApplication? app;

    private readonly ReadPlan plan;

    private NightHost(
        DateTimeOffset start, string settings, IReadOnlyDictionary<string, string> secrets, string main,
        ValueList<PlanFile> files)
    {
        time = new ManualTime(start);
        plan = NightPlan.Read(files);
        var port = FreePort();
        folder.Write(TocsinConfiguration.FileName, $$"""
            listen: http://127.0.0.1:{{port}}
            data: data
            plan: plan
            {{main}}
            {{NightOutside.Configuration}}

            """ + "\ncanaries: { channels: off, people: off }\n" + settings);
        foreach (var (name, token) in NightOutside.Tokens)
            folder.Write(name, token);
        foreach (var (name, secret) in secrets)
            folder.Write(name, secret);
        foreach (var file in files)
            folder.Write($"plan/{file.Name}", file.Text);
        configuration = TocsinConfiguration.Load(folder.Path);
        http = new HttpClient { BaseAddress = configuration.Listen };
    }

    public DateTimeOffset Now => time.GetUtcNow();

    public string Folder => folder.Path;

    public HttpClient Http => http;

    public long Head => Logbook.Head.Sequence;

    public IncidentBook Book => Logbook.Book;

    /// <summary>A part of the server, for what shows nowhere else.</summary>
    public T Part<T>()
        where T : notnull => app!.Services.GetRequiredService<T>();

    /// <summary>What is mapped below /api.</summary>
    public IReadOnlyList<RouteEndpoint> AllRoutes => [.. ApiRoutes.Of(app!)];

    /// <summary>Those that take a token of ours.</summary>
    public IReadOnlyList<RouteEndpoint> Routes =>
        [.. AllRoutes.Where(route => route.Metadata.GetMetadata<RouteAccess>()!.Least is not null)];

    public IReadOnlyList<Happened> Timeline =>
        [.. Logbook.Book.Incidents.Values.SelectMany(one => Logbook.TimelineOf(one.Id)).OrderBy(one => one.Sequence)];

    public Incident Incident(string id) =>
        IncidentId.TryParse(id, out var known) && Logbook.Book[known] is { } incident
            ? incident
            : throw new InvalidOperationException($"there is no {id}");

    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    private Logbook Logbook => app!.Services.GetRequiredService<Logbook>();

    /// <param name="settings">Added to the configuration.</param>
    /// <param name="secrets">Files beside it, by name.</param>
    /// <param name="main">In place of <see cref="NightPlan.Configuration"/>.</param>
    /// <param name="files">In place of <see cref="NightPlan.Files"/>.</param>
    public static async Task<NightHost> StartAsync(
        DateTimeOffset start, string settings = "", IReadOnlyDictionary<string, string>? secrets = null,
        string main = NightPlan.Configuration, ValueList<PlanFile>? files = null)
    {
        var night = new NightHost(
            start, settings, secrets ?? new Dictionary<string, string>(), main, files ?? NightPlan.Files);
        await night.StartServerAsync();
        return night;
    }

    public async ValueTask DisposeAsync()
    {
        await StopServerAsync();
        http.Dispose();
        folder.Dispose();
    }

    /// <summary>Lets time pass: everything that falls due meanwhile is done at its instant.</summary>
    public async Task UntilAsync(DateTimeOffset instant)
    {
        await QuietAsync();
        while (app is not null && NextDue() is { } next && next <= instant)
        {
            time.Advance(next - Now);
            await QuietAsync();
        }
        time.Advance(instant - Now);
        await QuietAsync();
    }

    /// <summary>Waits, while no time passes, until the log says so.</summary>
    public async Task UntilAsync(Func<IncidentBook, bool> isSo)
    {
        while (true)
        {
            var head = Logbook.Head.Sequence;
            if (isSo(Logbook.Book))
                return;
            await Logbook.ChangedSince(head, Cancelled);
        }
    }

    public async Task StartServerAsync()
    {
        app = await TocsinHost.RehearseAsync(
            configuration, plan, time, LogLevel.Critical, printed, Cancelled);
        await QuietAsync();
    }

    public async Task StopServerAsync()
    {
        if (app is not { } running)
            return;
        app = null;
        await running.StopAsync(CancellationToken.None);
        await running.DisposeAsync();
    }

    public IEnumerable<Finding> Findings => Logbook.Book.Findings.Values.Select(recorded => recorded.Finding);

    /// <summary>The clock of the machine is set forward; nothing is done at the instants between.</summary>
    public async Task JumpAsync(TimeSpan span)
    {
        await QuietAsync();
        time.Jump(span);
        await QuietAsync();
    }

    /// <summary>Approvals are asked for, as they are where there is a chain.</summary>
    public void Propose() => Logbook.Record((_, now) =>
    [
        Story.Proposed(Story.Decision with { ExpiresAt = now.AddMinutes(30) }),
    ]);

    /// <summary>What was proposed is approved, sent and read back, as where there is a chain.</summary>
    public void Pause(TimeSpan length) => Logbook.Record((_, now) => Story.PausedAt(now, now + length));

    /// <summary>As often as a change must have been seen to be taken.</summary>
    public async Task LookAtPlanAsync()
    {
        var watch = app!.Services.GetServices<IHostedService>().OfType<PlanWatch>().Single();
        watch.Look();
        watch.Look();
        await QuietAsync();
    }

    /// <summary>Everything that was sent, as the terminal shows it.</summary>
    public string Printed
    {
        get
        {
            lock (printed)
                return printed.ToString();
        }
    }

    public void WritePlan(string text) => folder.Write("plan/plan.yaml", text);

    public void DeletePlan() => Directory.Delete(Path.Combine(folder.Path, "plan"), recursive: true);

    public void Find(Finding finding) =>
        app!.Services.GetRequiredService<FindingDesk>().Record([finding with { Time = Now }], Now, null, null);

    /// <summary>Null where it was done, else why not.</summary>
    public async Task<string?> PostAsync(string path, JsonObject body)
    {
        using var answer = await http.PostAsJsonAsync(path, body, Cancelled);
        var node = JsonNode.Parse(await answer.Content.ReadAsStringAsync(Cancelled));
        await QuietAsync();
        return answer.IsSuccessStatusCode ? null : node!["error"]!.GetValue<string>();
    }

    /// <summary>What somebody who knows the incident up to a place in the log has missed of it.</summary>
    public async Task<(long Newest, IReadOnlyList<string> Words)> MissedAsync(long after)
    {
        var head = Logbook.Head;
        var missed = await GetAsync($"since?after={after}");
        Assert.Equal(head, Logbook.Head);
        return (
            missed["newest"]!.GetValue<long>(),
            [.. missed["lines"]!.AsArray().Select(line => line!["words"]!.GetValue<string>())]);
    }

    /// <summary>What the API answers of the incident.</summary>
    public async Task<JsonNode> GetAsync(string path) =>
        JsonNode.Parse(await http.GetStringAsync($"/api/incidents/INC-1/{path}", Cancelled))!;

    /// <summary>Up to where whoever joined late knows it.</summary>
    public long Known { get; set; }

    private IEnumerable<Incident> Open => Logbook.Book.Owing(Now);

    /// <summary>Posts as an outside system does; true where the answer says that it was taken.</summary>
    public async Task<bool> PostAsync(HttpRequestMessage request)
    {
        using var answer = await http.SendAsync(request, Cancelled);
        await QuietAsync();
        return answer.StatusCode == HttpStatusCode.Accepted;
    }

    /// <summary>How much has been recorded.</summary>
    public long Recorded => Logbook.Head.Sequence;

    public int Incidents => Logbook.Book.Incidents.Count;

    private DateTimeOffset? NextDue() => Open
        .Select(incident => Dues.NextDue(incident, Logbook.PlanOf(incident), Now))
        .Concat(Unsent().Select(item => (DateTimeOffset?)item.NextAttemptAt))
        .Where(due => due > Now)
        .Min();

    private IReadOnlyList<Tocsin.Communications.OutboxState> Unsent() =>
        app!.Services.GetRequiredService<EventStore>().UnsettledOutbox();

    // Nothing is owed at this instant, and nothing that is due to be sent is unsent.
    private async Task QuietAsync()
    {
        while (app is not null)
        {
            var head = Logbook.Head.Sequence;
            if (Open.All(one => Dues.Owed(one, Logbook.PlanOf(one), Now).Count == 0)
                && Unsent().All(item => item.NextAttemptAt > Now))
                return;
            await Logbook.ChangedSince(head, Cancelled);
        }
    }

    private static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }
}
