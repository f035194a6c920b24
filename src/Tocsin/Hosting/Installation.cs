using Tocsin.Api;
using Tocsin.Callbacks;
using Tocsin.Chain;
using Tocsin.Channels;
using Tocsin.Commands;
using Tocsin.Communications;
using Tocsin.Configuration;
using Tocsin.Decisions;
using Tocsin.Delivery;
using Tocsin.Dispatch;
using Tocsin.Heartbeats;
using Tocsin.Hooks;
using Tocsin.OutsideAlerts;
using Tocsin.People;
using Tocsin.Plans;
using Tocsin.Reachability;
using Tocsin.Readiness;
using Tocsin.Recording;
using Tocsin.Response;
using Tocsin.Safes;
using Tocsin.Signing;
using Tocsin.Storage;
using Tocsin.Texts;
using Tocsin.UserReports;
using Tocsin.Watching;

namespace Tocsin.Hosting;

/// <summary>
/// Wires one installation together, in the order of the data's way: chain, detection, log, people, chain.
/// </summary>
internal static class Installation
{
    /// <param name="rehearsal">Is given what channels without an address would send; null where it is none.</param>
    public static IServiceCollection AddTocsin(
        this IServiceCollection services,
        TocsinConfiguration configuration,
        ReadPlan plan,
        WatchFrom from,
        TimeProvider time,
        TextWriter? rehearsal) =>
            services
        .AddSingleton(time)
        .AddSingleton(configuration)
        .AddSingleton(plan.Plan)
        .AddSingleton(_ => ConfiguredStore.Open(configuration))
        .AddSingleton(provider => OpenLinks(provider.GetRequiredService<EventStore>(), configuration))
        .AddSingleton(provider => OpenLogbook(provider, configuration, plan, time))
        .AddSingleton<IIncidentLog>(provider => provider.GetRequiredService<Logbook>())
        .AddSingleton(from)
        .AddSingleton<Arrivals>()
        .AddSingleton<AttackNews>()
        .AddSingleton(provider => CreateNodes(configuration, time, provider.GetRequiredService<Arrivals>().Hear))
        .AddSingleton(provider => new FindingDesk(
            provider.GetRequiredService<Logbook>(), configuration.Exercise))
        .AddSingleton(provider => BeatDesk.Open(
            configuration, provider.GetRequiredService<ChainWatcher>().TakeAsync, time))
        .AddSingleton(provider => new ReportDesk(
            ReportDesk.SubjectsOf(plan.Plan.Protected), provider.GetRequiredService<ChainWatcher>().TakeAsync, time,
            provider.GetRequiredService<ILogger<ReportDesk>>()))
        .AddSingleton(provider => OutsideDesk.Open(
            configuration, provider.GetRequiredService<Logbook>(), time,
            provider.GetRequiredService<ILogger<OutsideDesk>>()))
        .AddSingleton(provider => Access.Open(
            configuration, () => provider.GetRequiredService<Logbook>().Book.Revocations, time,
            provider.GetRequiredService<ILogger<Access>>()))
        .AddSingleton<SecondOpinion>()
        .AddSingleton<ApprovalDesk>()
        .AddSingleton<OwnerDesk>()
        .AddSingleton(provider => new PeopleDesk(
            provider.GetRequiredService<Logbook>(), configuration.Exercise))
        .AddSingleton(provider => new MandateDesk(
            provider.GetRequiredService<Logbook>(), provider.GetService<SignerClient>(), configuration.Exercise))
        .AddSingleton<ChainWatcher>()
        .AddSingleton<Hush>()
        .AddSingleton<IReadOnlyList<IChannel>>(provider => CreateChannels(
            configuration, time, rehearsal, provider.GetRequiredService<Hush>()))
        .AddSingleton(configuration.Chain)
        .AddSingleton(provider => ActingChains.Create(
            configuration,
            provider.GetRequiredService<Nodes>(),
            time,
            _ => Task.FromResult(provider.GetRequiredService<ChainWatcher>().State?.Head)))
        .AddSingleton<PauseWatch>()
        .AddSingleton<OutflowWatch>()
        .AddSingleton<ImpactAssessment>()
        .AddSingleton<HookSender>()
        .AddContainment(configuration.Signer)
        .AddSingleton<ReadinessBoard>()
        .AddSingleton(provider => Probing.Create(
            configuration, provider.GetRequiredService<ActingChains>(), time))
        .AddSingleton<ReadinessWatch>()
        .AddSingleton<AfterPauseWatch>()
        .AddSingleton<Responder>()
        .AddSingleton<ChannelDesk>()
        .AddSingleton(provider => new OperationDesk(provider.GetRequiredService<Logbook>()))
        .AddSingleton(provider => new SilenceDesk(provider.GetRequiredService<Logbook>()))
        .AddSingleton(provider => new DistrustDesk(
            provider.GetRequiredService<Logbook>(), configuration.Channels, configuration.Exercise))
        .AddSingleton(provider => new PlanDesk(
            plan.Plan, configuration.PlanDirectory, files => PlanCommand.Checked(files, configuration),
            (files, now) => PlanCommand.Lint(files, configuration, now), rehearsal is null,
            provider.GetRequiredService<Logbook>(), time, provider.GetRequiredService<ILogger<PlanDesk>>()))
        .AddHostedService(provider => new PlanWatch(
            plan, configuration.PlanDirectory, files => PlanCommand.Checked(files, configuration),
            provider.GetRequiredService<Logbook>(), provider.GetRequiredService<FindingDesk>(),
            provider.GetRequiredService<PlanDesk>().Mend,
            provider.GetRequiredService<ReadinessWatch>().ProbeSoon, time,
            provider.GetRequiredService<ILogger<PlanWatch>>()))
        .AddHostedService<Dispatcher>()
        .AddHostedService<Auditor>()
        .AddHostedService<DeliveryWorker>()
        .AddReachability(configuration, rehearsal is not null)
        .AddHostedService<RoomKeeper>()
        .AddSingleton<ShownAnswers>()
        .AddSingleton<CallbackDesk>()
        .AddHostedService<CallbackWorker>()
        .AddWatching(rehearsal is not null);

    // A rehearsal has no watch to tell.
    private static IServiceCollection AddReachability(
        this IServiceCollection services, TocsinConfiguration configuration, bool isRehearsal)
    {
        services.AddHostedService(provider => new CanaryWatch(
            provider.GetRequiredService<Logbook>(), provider.GetRequiredService<IReadOnlyList<IChannel>>(),
            configuration, isRehearsal ? null : provider.GetRequiredService<ChainWatcher>(),
            provider.GetRequiredService<TimeProvider>(), provider.GetRequiredService<ILogger<CanaryWatch>>()));
        if (!isRehearsal)
            services.AddHostedService<SilenceWatch>();
        if (configuration.DeadMan is { } signal)
            services.AddHostedService(provider => new DeadManSignal(
                signal, Addresses.Reveal(signal.Url, configuration, "http", "https"),
                ChannelHttp.Create(configuration.PrivateNetworks),
                () => provider.GetRequiredService<ChainWatcher>().State?.BlockTime,
                provider.GetRequiredService<Logbook>(), provider.GetRequiredService<TimeProvider>(),
                provider.GetRequiredService<ILogger<DeadManSignal>>()));
        return services;
    }

    // A rehearsal has plan, people and channels, and no chain.
    private static IServiceCollection AddWatching(this IServiceCollection services, bool isRehearsal) => isRehearsal
        ? services
        : services
            .AddHostedService(provider => provider.GetRequiredService<ChainWatcher>())
            .AddHostedService(provider => provider.GetRequiredService<Responder>())
            .AddHostedService(provider => provider.GetRequiredService<ReadinessWatch>())
            .AddHostedService(provider => provider.GetRequiredService<AfterPauseWatch>())
            .AddHostedService<EvidenceKeeper>();

    /// <param name="tell">Hears what is wrong with a node.</param>
    public static Nodes CreateNodes(
        TocsinConfiguration configuration, TimeProvider time, Action<NodeNotice>? tell = null)
    {
        var http = new HttpClient { Timeout = Timeout.InfiniteTimeSpan };
        var nodes = configuration.Chain.Nodes.Select(settings => new NamedNode(
            settings.Name,
            new Node(
                http,
                new Uri(Addresses.Reveal(settings.Rpc, configuration)),
                time,
                new NodeOptions { RequestsPerSecond = settings.RequestsPerSecond }),
            settings.Weight));
        var options = new NodesOptions
        {
            ExpectedChain = configuration.Chain.Id,
            AgreeingNodes = configuration.Chain.Agreement,
        };
        return new Nodes([.. nodes], time, options, tell);
    }

    private static Logbook OpenLogbook(
        IServiceProvider provider, TocsinConfiguration configuration, ReadPlan plan, TimeProvider time)
    {
        var logbook = OpenLogbook(
            provider.GetRequiredService<EventStore>(), provider.GetRequiredService<AcknowledgeLinks>(), configuration,
            time);
        Tell(logbook, provider.GetRequiredService<ILogger<Logbook>>());
        logbook.Adopt(plan);
        return logbook;
    }

    private static void Tell(Logbook logbook, ILogger logger)
    {
        foreach (var plan in logbook.Unreadable)
        {
            var judged = logbook.Book.Incidents.Values.Where(one => one.Plan == plan.ContentHash).ToList();
            logger.LogError(
                "The plan {Plan} in the log cannot be read by this version, so nothing is decided, sent or told by it: "
                    + "{Fault}. Incidents judged by it: {All}; still open: {Open}. End those with the version that "
                    + "wrote it",
                plan.ContentHash, plan.Fault, judged.Count,
                string.Join(", ", judged.Where(incident => incident.ResolvedAt is null).Select(one => one.Id)));
        }
    }

    /// <summary>The log of an installation whose server is off.</summary>
    public static Logbook OpenLogbook(EventStore store, TocsinConfiguration configuration, TimeProvider time) =>
        OpenLogbook(store, OpenLinks(store, configuration), configuration, time);

    private static Logbook OpenLogbook(
        EventStore store, AcknowledgeLinks acknowledge, TocsinConfiguration configuration, TimeProvider time) =>
        new(
            store,
            new Links(configuration.WarRoom, acknowledge.Create, configuration.ChannelPage),
            time);

    private static AcknowledgeLinks OpenLinks(EventStore store, TocsinConfiguration configuration) =>
        new(store.Key("acknowledge-links", AcknowledgeLinks.CreateKey), configuration.PublicUrl);

    // Without a signer the procedures are for people alone.
    private static IServiceCollection AddContainment(this IServiceCollection services, SignerSettings? signer) =>
        signer is null
            ? services
            : services
                .AddSingleton(signer)
                .AddSingleton(new SignerClient(signer.Socket))
                .AddSingleton<CallRecord>()
                .AddSingleton<Containment>()
                .AddSingleton<Sending>()
                .AddSingleton<InclusionWatch>()
                .AddSingleton<AgentWatch>()
                .AddHostedService(provider => new SignerRounds(
                    provider.GetRequiredService<Logbook>(),
                    provider.GetRequiredService<SignerClient>(),
                    provider.GetRequiredService<FindingDesk>(),
                    new PauserBeats(
                        provider.GetRequiredService<Nodes>(),
                        provider.GetRequiredService<SignerClient>(),
                        provider.GetRequiredService<FindingDesk>(),
                        provider.GetRequiredService<ChainSettings>().Id,
                        provider.GetRequiredService<TimeProvider>()),
                    provider.GetRequiredService<AgentWatch>(),
                    provider.GetRequiredService<ChainSettings>().Id,
                    provider.GetRequiredService<TimeProvider>(),
                    provider.GetRequiredService<ILogger<SignerRounds>>()));

    private static IChannel[] CreateChannels(
        TocsinConfiguration configuration, TimeProvider time, TextWriter? rehearsal, Hush hush)
    {
        var tools = new ChannelTools(
            ChannelHttp.Create(configuration.PrivateNetworks), time, configuration.PrivateNetworks);
        return
        [
            .. configuration.Channels.Select(channel => rehearsal is not null && !References.Has(channel, configuration)
                ? new TerminalChannel(channel.Name, rehearsal)
                : CreateChannel(channel, tools, configuration, hush)),
        ];
    }

    public static IChannel CreateChannel(
        ChannelSettings channel, ChannelTools tools, TocsinConfiguration configuration, Hush hush)
    {
        try
        {
            var section = channel.Reveal(configuration);
            hush.Learn(channel, section);
            return channel.Kind.Create(section, tools);
        }
        catch (Exception e) when (e is ArgumentException or FormatException or PrivateNetworkException)
        {
            throw new InputException($"channel '{channel.Name}' cannot be used: {e.Message}", e);
        }
    }
}
