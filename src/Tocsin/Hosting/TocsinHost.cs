using System.Diagnostics.Metrics;
using System.Net;
using Microsoft.AspNetCore.DataProtection.KeyManagement;
using Microsoft.Extensions.Logging.Console;
using Microsoft.Extensions.Options;
using Tocsin.Api;
using Tocsin.Callbacks;
using Tocsin.Chain;
using Tocsin.Configuration;
using Tocsin.Decisions;
using Tocsin.Delivery;
using Tocsin.Evm;
using Tocsin.Heartbeats;
using Tocsin.OutsideAlerts;
using Tocsin.People;
using Tocsin.Plans;
using Tocsin.Reachability;
using Tocsin.Recording;
using Tocsin.Signing;
using Tocsin.Storage;
using Tocsin.Texts;
using Tocsin.UserReports;
using Tocsin.Watching;

namespace Tocsin.Hosting;

/// <summary>The server: workers, API and pages in one process.</summary>
internal static class TocsinHost
{
    private const int MaximumRequestBytes = 256 * 1024;

    /// <summary>Starts everything, or says in one sentence why it cannot.</summary>
    /// <exception cref="InputException">
    /// The configuration, the plan, the node, the signer, the data folder or the port.
    /// </exception>
    public static async Task<WebApplication> StartAsync(
        TocsinConfiguration configuration,
        ReadPlan plan,
        TimeProvider time,
        LogLevel level,
        CancellationToken cancellationToken,
        ulong? from = null)
    {
        await CheckNodeAsync(configuration, plan.Plan, time, cancellationToken);
        await CheckSignerAsync(configuration, cancellationToken);
        return await StartAsync(
            Build(configuration, plan, new WatchFrom(from), time, level, null), configuration, cancellationToken);
    }

    /// <summary>
    /// Starts everything but the watch: to try plan, people and channels without a chain. Nothing can be signed, and
    /// every incident is an exercise.
    /// </summary>
    /// <param name="terminal">Is given what a channel without an address would have sent.</param>
    /// <exception cref="InputException">The configuration, the data folder or the port.</exception>
    public static Task<WebApplication> RehearseAsync(
        TocsinConfiguration configuration,
        ReadPlan plan,
        TimeProvider time,
        LogLevel level,
        TextWriter terminal,
        CancellationToken cancellationToken)
    {
        var harmless = configuration.ForRehearsal();
        return StartAsync(
            Build(harmless, plan, new WatchFrom(null), time, level, terminal), harmless, cancellationToken);
    }

    private static async Task<WebApplication> StartAsync(
        WebApplication app, TocsinConfiguration configuration, CancellationToken cancellationToken)
    {
        try
        {
            // Opens the log before anything listens: what cannot be kept must not be accepted.
            app.Services.GetRequiredService<Logbook>();
            await app.StartAsync(cancellationToken);
            return app;
        }
        catch (StorageException e)
        {
            await app.DisposeAsync();
            throw new InputException(e.Message, e);
        }
        catch (IOException e)
        {
            // The workers run already; stopped in order, they end without being reported dead.
            await app.StopAsync(CancellationToken.None);
            await app.DisposeAsync();
            throw new InputException(
                $"{configuration.Listen} cannot be listened on ({e.Message}): choose another port under 'listen'", e);
        }
    }

    /// <summary>Runs until asked to stop. A worker that died is an error: half a watch is none.</summary>
    public static async Task<string?> RunAsync(WebApplication app, CancellationToken cancellationToken)
    {
        await app.WaitForShutdownAsync(cancellationToken);
        return app.Services.GetServices<IHostedService>()
            .OfType<BackgroundService>()
            .Select(worker => worker.ExecuteTask?.Exception?.GetBaseException().Message)
            .FirstOrDefault(message => message is not null);
    }

    private static WebApplication Build(
        TocsinConfiguration configuration,
        ReadPlan plan,
        WatchFrom from,
        TimeProvider time,
        LogLevel level,
        TextWriter? rehearsal)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders()
            .SetMinimumLevel(level)
            .AddFilter("Microsoft", LogLevel.Warning)
            .AddFilter("Microsoft.AspNetCore", LogLevel.Error)
            // Its errors are those of the start, which we tell ourselves; a worker's death is critical to it.
            .AddFilter("Microsoft.Extensions.Hosting.Internal.Host", LogLevel.Critical)
            .AddSimpleConsole(console =>
            {
                console.SingleLine = true;
                console.TimestampFormat = "HH:mm:ss.fff ";
                console.UseUtcTimestamp = true;
            });
        builder.Services.Configure<ConsoleLoggerOptions>(o => o.LogToStandardErrorThreshold = LogLevel.Trace);
        builder.WebHost.ConfigureKestrel(kestrel =>
        {
            kestrel.Listen(IPAddress.Parse(configuration.Listen.Host.Trim('[', ']')), configuration.Listen.Port);
            kestrel.Limits.MaxRequestBodySize = MaximumRequestBytes;
            kestrel.AddServerHeader = false;
        });
        builder.Services.AddSingleton(new Metrics());
        builder.Services.AddTocsin(configuration, plan, from, time, rehearsal);
        builder.Services.AddPages().AddRazorComponents();
        builder.Services.AddAntiforgery();
        builder.Services.AddApiDocument();
        builder.Services.AddDataProtection();
        builder.Services.AddSingleton<IConfigureOptions<KeyManagementOptions>, StoredPageKeys>();
        builder.Services.Configure<HostOptions>(host => host.ShutdownTimeout = TimeSpan.FromSeconds(5));
        var app = builder.Build();
        // What is wrong with a token is told at the start, not to the first who shows one.
        app.Services.GetRequiredService<Access>();
        app.Use(Guards.RefuseStrangers(configuration.PublicUrl));
        app.UseStatusCodePages(Guards.SayWhyAsync);
        app.UseAntiforgery();
        app.MapPages();
        app.MapApi();
        MapIncident(app, configuration);
        var meter = app.Services.GetRequiredService<IMeterFactory>().Create("Tocsin.Watching");
        app.Services.GetRequiredService<Arrivals>().Measure(meter);
        app.Services.GetRequiredService<ReportDesk>().Measure(meter);
        app.MapPeople(app.Services.GetRequiredService<PeopleDesk>());
        app.MapPlan(app.Services.GetRequiredService<PlanDesk>());
        app.MapChannels(app.Services.GetRequiredService<ChannelDesk>());
        app.MapOperations(app.Services.GetRequiredService<OperationDesk>());
        app.MapSilences(app.Services.GetRequiredService<SilenceDesk>());
        app.MapChannelTrust(app.Services.GetRequiredService<DistrustDesk>());
        app.MapMandate(
            app.Services.GetRequiredService<MandateDesk>(), app.Services.GetRequiredService<TimeProvider>());
        app.MapOutside(app.Services.GetRequiredService<OutsideDesk>());
        app.Services.GetRequiredService<OutsideDesk>().Measure(meter);
        app.MapCallbacks(configuration.PublicUrl, meter);
        // What reports and beats are judged by is the watch.
        if (rehearsal is null)
        {
            app.MapReports(app.Services.GetRequiredService<ReportDesk>());
            app.MapBeats(app.Services.GetRequiredService<BeatDesk>());
        }
        if (configuration.Metrics)
            app.MapGet("/metrics", (Metrics metrics) => Results.Text(metrics.Text(), "text/plain; version=0.0.4"));
        app.MapApiDocument();
        app.CheckAccess();
        return app;
    }

    // What people do and write down in an incident.
    private static void MapIncident(WebApplication app, TocsinConfiguration configuration)
    {
        var (logbook, time) = (
            app.Services.GetRequiredService<Logbook>(), app.Services.GetRequiredService<TimeProvider>());
        app.MapCommand(logbook, configuration, time);
        app.MapLedger(logbook, time);
        app.MapUpdates(logbook, configuration.WarRoom, time);
        app.MapTracing(logbook);
        app.MapRecord(logbook, time);
    }

    private static async Task CheckNodeAsync(
        TocsinConfiguration configuration, Plan plan, TimeProvider time, CancellationToken cancellationToken)
    {
        if (plan.Protected.Chain != configuration.Chain.Id)
            throw new InputException(
                $"the plan protects chain {plan.Protected.Chain}, "
                    + $"but the configuration watches chain {configuration.Chain.Id}");
        try
        {
            // A node on another chain is refused with its first answer.
            await CheckCodeAsync(Installation.CreateNodes(configuration, time), plan, cancellationToken);
        }
        catch (NodeException e)
        {
            throw new InputException(e.Message, e);
        }
    }

    // An address without code would be watched in silence for ever.
    private static async Task CheckCodeAsync(Nodes nodes, Plan plan, CancellationToken cancellationToken)
    {
        var named = plan.Protected.Assets.Select(asset => (asset.Name, asset.Address, asset.At))
            .Concat(plan.Protected.Pools.Select(pool => (pool.Name, pool.Address, pool.At)))
            .Concat(plan.Protected.Contracts.Select(contract => (contract.Name, contract.Address, contract.At)))
            .Concat(plan.Actions.SelectMany(action => action.OnChain)
                .Where(call => call.Call.Chain == plan.Protected.Chain)
                .Select(call => (call.InWords, call.Call.Target, call.At)));
        foreach (var (name, address, at) in named.DistinctBy(thing => thing.Item2))
        {
            if ((await nodes.CodeAsync(address, cancellationToken)).Length == 0)
                throw new InputException(
                    $"{at}: '{name}' at {ChecksumAddress.Format(address)} is no contract "
                        + $"on chain {plan.Protected.Chain}: check the address");
        }
    }

    private static async Task CheckSignerAsync(TocsinConfiguration configuration, CancellationToken cancellationToken)
    {
        if (configuration.Signer is not { } signer)
            return;
        try
        {
            var client = new SignerClient(signer.Socket);
            var answer = await client.AskAsync(new SignerRequest(Status: new StatusRequest()), cancellationToken);
            var status = answer.Status;
            if (status is not null && status.Account != signer.Account)
                throw new InputException(
                    $"the signer signs as {status.Account}, but the configuration expects {signer.Account}: "
                    + "change 'signer: account'");
            if (status is not null && status.Exercise != configuration.Exercise)
                throw new InputException(
                    $"the signer's key is {(status.Exercise ? "for exercises" : "a real one")}, "
                    + $"but 'exercise' is {configuration.Exercise.ToString().ToLowerInvariant()}");
        }
        catch (SignerUnreachableException e)
        {
            // It may come up later; watching and waking people must not wait for it.
            await Console.Error.WriteLineAsync($"warning: {e.Message}; nothing can be signed until it is there");
        }
    }
}
