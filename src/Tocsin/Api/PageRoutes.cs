using Markdig;
using Microsoft.AspNetCore.Antiforgery;
using Microsoft.AspNetCore.Http.HttpResults;
using Tocsin.Communications;
using Tocsin.Configuration;
using Tocsin.Deadlines;
using Tocsin.Decisions;
using Tocsin.Delivery;
using Tocsin.Incidents;
using Tocsin.Pages;
using Tocsin.Paging;
using Tocsin.Plans;
using Tocsin.Reachability;
using Tocsin.Readiness;
using Tocsin.Recording;
using Tocsin.Reports;
using Tocsin.Safes;
using Tocsin.Watching;

namespace Tocsin.Api;

/// <summary>The pages: each answers a GET with what is known, and a form's POST with the page that follows.</summary>
internal static class PageRoutes
{
    private static readonly MarkdownPipeline Markdown = new MarkdownPipelineBuilder()
        .UsePipeTables()
        .UseTaskLists()
        .DisableHtml()
        .Build();

    public static void MapPages(this WebApplication app)
    {
        app.MapGet("/", (Logbook logbook, WatchReading watch) =>
            Page<IncidentListPage>(new IncidentListView([.. logbook.Book.Incidents.Values], watch.Line, watch.Now)));
        app.MapGet("/findings", (Logbook logbook, WatchReading watch) =>
            Page<FindingListPage>(FindingListView.Of(logbook.Book, watch.Line, watch.Now)));
        app.MapGet("/actions", (HttpContext context, ActionPages pages) => pages.Show(context));
        app.MapPost("/actions/probe", (IFormCollection form, ActionPages pages, CancellationToken cancellationToken) =>
            pages.ProbeAsync(cancellationToken));
        app.MapGet("/assets/tocsin.css", () => Results.Text(Assets.Css, "text/css; charset=utf-8"));
        app.MapChannelPages();
        app.MapGet("/assets/live.js", () => Results.Text(Assets.Script, "text/javascript; charset=utf-8"));
        var incidents = app.MapGroup("/incidents/{id}");
        incidents.MapGet("/", (string id, HttpContext context, WarRoom room) => room.Show(id, context, null));
        incidents.MapGet("/live", LiveAsync);
        incidents.MapGet("/decision.json", (string id, WarRoom room) => room.TypedData(id));
        incidents.MapGet("/report", (string id, WarRoom room) => room.Report(id));
        incidents.MapGet("/report.md", (string id, WarRoom room) => room.ReportText(id));
        incidents.MapGet("/procedure", (string id, WarRoom room) => room.Procedure(id));
        incidents.MapPost("/approve", (string id, HttpContext context, IFormCollection form, WarRoom room) =>
            room.Approve(id, context, form));
        incidents.MapGet("/calls/{call:int}/safe.json", (string id, int call, WarRoom room) => room.SafeData(id, call));
        incidents.MapPost(
            "/calls/{call:int}/signatures",
            (string id, int call, HttpContext context, IFormCollection form, WarRoom room) =>
                room.OwnerSigns(id, call, context, form));
        incidents.MapPost(
            "/steps/{step}",
            (string id, string step, HttpContext context, IFormCollection form, WarRoom room) =>
                room.Act(id, context, incident => IncidentCommands.FinishStep(
                    room.Logbook, incident, step, Field(form, "person"), Field(form, "result"))));
        incidents.MapPost(
            "/roles/{role}/{action}",
            (string id, string role, string action, HttpContext context, IFormCollection form, WarRoom room) =>
                room.Act(id, context, incident => IncidentCommands.FinishStep(
                    room.Logbook, incident, $"{role}/{action}", Field(form, "person"), Field(form, "result"))));
        incidents.MapPost(
            "/hooks/{action}",
            (string id, string action, HttpContext context, IFormCollection form, WarRoom room) =>
                room.Act(id, context, incident =>
                    IncidentCommands.SendHook(room.Logbook, incident, action, Field(form, "person"))));
        incidents.MapPost(
            "/updates/{communication}",
            (string id, string communication, HttpContext context, IFormCollection form, WarRoom room) =>
                room.Rule(id, context, (incident, plan, now) => Updating.Draft(
                    incident, plan,
                    new UpdateRequest(communication, Field(form, "text"), null, false, Field(form, "person")),
                    room.Address(incident.Id), now)));
        incidents.MapPost(
            "/updates/{communication}/{number:int}/approve",
            (string id, string communication, int number, HttpContext context, IFormCollection form, WarRoom room) =>
                room.Say(id, context, form, (incident, plan, now) =>
                    Updating.Approve(incident, plan, communication, number, Field(form, "person"), now)));
        incidents.MapPost(
            "/phases/{phase}",
            (string id, string phase, HttpContext context, IFormCollection form, WarRoom room) =>
                room.Rule(id, context, (incident, plan, _) => Phases.Reach(
                    incident, plan, CommandApi.Phase(phase), Field(form, "person"), Field(form, "words"))));
        incidents.MapLedgerForms();
        incidents.MapRecordForms();
        incidents.MapPost("/decision", (string id, HttpContext context, IFormCollection form, WarRoom room) =>
            room.Act(id, context, incident =>
                IncidentCommands.RequestDecision(room.Logbook, incident, Field(form, "person"))));
        incidents.MapPost("/resolve", (string id, HttpContext context, IFormCollection form, WarRoom room) =>
            room.Act(id, context, incident =>
                IncidentCommands.Resolve(room.Logbook, incident, Field(form, "person"), Field(form, "summary"))));
        app.MapGet("/acknowledge/{token}", (string token, HttpContext context, AcknowledgePages pages) =>
            pages.Ask(token, context));
        app.MapPost(
            "/acknowledge/{token}",
            (string token, HttpContext context, IFormCollection form, AcknowledgePages pages) =>
                pages.Do(token, context, Field(form, "answer")));
    }

    private static void MapChannelPages(this WebApplication app)
    {
        app.MapGet("/channels", (ChannelDesk channels, WatchReading watch) =>
            Page<ChannelListPage>(new ChannelListView(channels.List(), watch.Line, watch.Now)));
        app.MapGet("/siren", (Logbook logbook, WatchReading watch) =>
            Page<SirenPage>(SirenView.Of(logbook.Book, watch.Line, watch.Now)));
        app.MapGet("/assets/siren.js", () => Results.Text(Assets.Siren, "text/javascript; charset=utf-8"));
    }

    public static IServiceCollection AddPages(this IServiceCollection services) =>
        services.AddSingleton<WatchReading>()
            .AddSingleton<WarRoom>()
            .AddSingleton<AcknowledgePages>()
            .AddSingleton<ActionPages>();

    /// <summary>Tells an open page that its incident has changed; it then fetches itself again.</summary>
    private static async Task LiveAsync(string id, HttpContext context, Logbook logbook, AfterPauseWatch after)
    {
        if (!IncidentId.TryParse(id, out var incident) || logbook.Book[incident] is null)
        {
            context.Response.StatusCode = StatusCodes.Status404NotFound;
            return;
        }
        context.Response.ContentType = "text/event-stream";
        var told = (-1L, -1L);
        while (!context.RequestAborted.IsCancellationRequested)
        {
            var head = logbook.Head.Sequence;
            var last = logbook.TimelineOf(incident) is [.., var newest] ? newest.Sequence : 0;
            var now = (last, after.ChangesOf(incident));
            await context.Response.WriteAsync(
                told == now ? ": still here\n\n" : $"data: {last}\n\n", context.RequestAborted);
            await context.Response.Body.FlushAsync(context.RequestAborted);
            told = now;
            // A line now and then shows both ends that the connection lives.
            await Task.WhenAny(
                logbook.ChangedSince(head, context.RequestAborted),
                Task.Delay(TimeSpan.FromSeconds(15), context.RequestAborted));
        }
    }

    public static RazorComponentResult<T> Page<T>(object view)
        where T : Microsoft.AspNetCore.Components.IComponent =>
            new(new Dictionary<string, object?> { ["View"] = view });

    public static RazorComponentResult<MessagePage> NotFound(string what) =>
        new(new Dictionary<string, object?> { ["View"] = new MessageView(404, "Not here", what) })
        {
            StatusCode = StatusCodes.Status404NotFound,
        };

    public static string ToHtml(string markdown) => Markdig.Markdown.ToHtml(markdown, Markdown);

    internal static string Field(IFormCollection form, string name) => form[name].ToString().Trim();
}

/// <summary>How the watch stands now, for the head of every page.</summary>
internal sealed class WatchReading(ChainWatcher watcher, Plan plan, Logbook logbook, TimeProvider time)
{
    public DateTimeOffset Now => time.GetUtcNow();

    public WatchLine Line => (watcher.State is { } state
        ? new WatchLine(
            plan.Protected.ChainName, state.Head.Number, Now - state.BlockTime, watcher.Preview?.InWords())
        : new WatchLine(plan.Protected.ChainName, null, null, watcher.Preview?.InWords())) with
    {
        Weakened = logbook.Book.Silences.Holding(Now).Select(one => one.InWords)
            .Concat(logbook.Book.Distrusts.Now.Select(one => one.InWords)).ToValueList(),
    };
}

/// <summary>The war room of one incident and what is reached from it.</summary>
internal sealed class WarRoom(
    Logbook logbook,
    ApprovalDesk desk,
    OwnerDesk owners,
    WatchReading watch,
    IAntiforgery antiforgery,
    AfterPauseWatch after,
    Access access,
    TocsinConfiguration configuration)
{
    public Logbook Logbook => logbook;

    public IResult Show(string id, HttpContext context, string? message)
    {
        if (Find(id) is not { } incident)
            return PageRoutes.NotFound($"There is no incident '{id}'.");
        var plan = logbook.PlanOf(incident);
        var tokens = antiforgery.GetAndStoreTokens(context);
        return PageRoutes.Page<WarRoomPage>(new WarRoomView(
            incident,
            plan,
            logbook.TimelineOf(incident.Id),
            IncidentDeadlines.Of(incident, plan),
            watch.Line,
            incident.Decision is { } decision ? DecisionTypedData.Of(decision.Decision).ToJson() : null,
            tokens.FormFieldName,
            tokens.RequestToken!,
            message,
            watch.Now,
            context.Request.Query.ContainsKey("still"),
            configuration.Signer is not null,
            after.Of(incident))
        {
            Address = configuration.WarRoom(incident.Id),
            AsksTokens = access.AsksTokens,
            LastHere = long.TryParse(context.Request.Query["since"], out var since) ? since : 0,
        });
    }

    public IResult Approve(string id, HttpContext context, IFormCollection form) => Act(id, context, incident =>
    {
        var outcome = desk.Submit(incident, new SubmittedApproval(form["signature"].ToString()));
        return outcome.Refusal is null ? null : $"The approval was refused: {outcome.Message}.";
    });

    public IResult OwnerSigns(string id, int call, HttpContext context, IFormCollection form) =>
        Act(id, context, incident =>
        {
            var signature = form["signature"].ToString();
            var outcome = owners.Submit(incident, call - 1, signature.Length <= 1_000 ? signature : "");
            return outcome.Refusal is null ? null : $"The owner's signature was refused: {outcome.Message}.";
        });

    public IResult SafeData(string id, int call) =>
        Find(id) is { } incident && OwnerDesk.ToSign(incident, call - 1) is { } typed
            ? Results.Text(typed.ToJson(), "application/json")
            : PageRoutes.NotFound($"Incident '{id}' asks no owner of a Safe to sign call {call}.");

    /// <summary>Does it and goes back to the page; a refusal is shown there.</summary>
    public IResult Act(string id, HttpContext context, Func<IncidentId, string?> act)
    {
        if (Find(id) is not { } incident)
            return PageRoutes.NotFound($"There is no incident '{id}'.");
        return act(incident.Id) is { } refusal
            ? Show(id, context, refusal)
            : Results.Redirect($"/incidents/{incident.Id}");
    }

    /// <summary>As <see cref="Act"/>, for what is decided by a pure function.</summary>
    public IResult Rule(
        string id, HttpContext context, Func<Incident, Plan, DateTimeOffset, Ruling> rule) =>
        Act(id, context, incident => CommandApi.Rule(
            logbook, incident, (_, present, plan, now) => rule(present, plan, now)));

    /// <summary>As <see cref="Rule"/>, for what somebody says as one of several: by their own token, as over HTTP.
    /// </summary>
    public IResult Say(
        string id,
        HttpContext context,
        IFormCollection form,
        Func<Incident, Plan, DateTimeOffset, Ruling> rule)
    {
        var (shown, person) = (PageRoutes.Field(form, "token"), PageRoutes.Field(form, "person"));
        return access.WhyNotSaid(context, TokenRole.Responder, shown, person) is { } refusal
            ? Act(id, context, _ => refusal)
            : Rule(id, context, rule);
    }

    public Uri Address(IncidentId incident) => configuration.WarRoom(incident);

    public IResult TypedData(string id) => Find(id)?.Decision is { } decision
        ? Results.Text(DecisionTypedData.Of(decision.Decision).ToJson(), "application/json")
        : PageRoutes.NotFound($"Incident '{id}' has no decision.");

    public IResult Report(string id) => Find(id) is { } incident
        ? PageRoutes.Page<ReportPage>(new ReportView(
            incident.Id.ToString(), PageRoutes.ToHtml(Write(incident)), watch.Line, incident.Exercise))
        : PageRoutes.NotFound($"There is no incident '{id}'.");

    public IResult ReportText(string id) => Find(id) is { } incident
        ? Results.Text(Write(incident), "text/markdown")
        : PageRoutes.NotFound($"There is no incident '{id}'.");

    public IResult Procedure(string id) =>
        Find(id) is { } incident && logbook.PlanOf(incident).Procedure(incident.Procedure) is { } procedure
            ? PageRoutes.Page<ReportPage>(new ReportView(
                incident.Id.ToString(), PageRoutes.ToHtml(procedure.Markdown), watch.Line, incident.Exercise,
                procedure.Title))
            : PageRoutes.NotFound($"Incident '{id}' has no procedure.");

    private string Write(Incident incident) =>
        PostMortem.Write(incident, logbook.PlanOf(incident), logbook.TimelineOf(incident.Id));

    private Incident? Find(string id) => IncidentId.TryParse(id, out var parsed) ? logbook.Book[parsed] : null;
}

/// <summary>
/// The two pages behind a personal link. Looking at it acknowledges nothing: mail scanners look at links.
/// </summary>
internal sealed class AcknowledgePages(
    Logbook logbook, AcknowledgeLinks links, ChannelDesk channels, IAntiforgery antiforgery, TimeProvider time)
{
    private const string Means = "personal link";

    public IResult Ask(string token, HttpContext context) => Show(token, context, said: null);

    public IResult Do(string token, HttpContext context, string answer)
    {
        if (Read(token) is not { } link)
            return Show(token, context, said: null);
        if (CanaryId.TryParse(link.Of, out var canary))
        {
            var why = channels.Answer(canary, link.Person, Means);
            return Show(token, context, why is null ? PageAnswer.Informed : null, why);
        }
        if (Incident(link.Of) is not { } incident)
            return Show(token, context, said: null);
        var said = answer switch
        {
            "able" => PageAnswer.AbleToSign,
            "unable" => PageAnswer.Unable,
            _ => PageAnswer.Informed,
        };
        var refusal = IncidentCommands.Answer(logbook, incident.Id, link.Person, said, Means);
        return Show(token, context, refusal is null ? said : null, refusal);
    }

    // A link that a person had when they were revoked stays void, also where they act again.
    private (string Of, string Person, DateTimeOffset IssuedAt)? Read(string token) =>
        links.Read(token, time.GetUtcNow()) is { } link
        && !logbook.Book.Revocations.IsVoid(link.Person, link.IssuedAt)
        && !(logbook.InForce?.Person(link.Person) is { } person
            && logbook.Book.Distrusts.IsVoid(person, link.IssuedAt))
            ? link
            : null;

    // What was merged is answered where it goes on.
    private Incident? Incident(string id) =>
        IncidentId.TryParse(id, out var incident) ? logbook.Book.Present(incident) : null;

    private RazorComponentResult<AcknowledgePage> Show(
        string token, HttpContext context, PageAnswer? said, string? refusal = null)
    {
        var link = Read(token);
        var tokens = antiforgery.GetAndStoreTokens(context);
        if (link is { } of && CanaryId.TryParse(of.Of, out var canary))
            return PageRoutes.Page<AcknowledgePage>(new AcknowledgeView(
                channels.Find(canary)?.Id.ToString(), logbook.InForce?.Person(of.Person)?.Name, null, said, token,
                tokens.FormFieldName, tokens.RequestToken!, Refusal: refusal)
            { IsCanary = true });
        var incident = link is { } named ? Incident(named.Of) : null;
        var plan = incident is null ? null : logbook.PlanOf(incident);
        return PageRoutes.Page<AcknowledgePage>(new AcknowledgeView(
            incident?.Id.ToString(),
            plan?.Person(link!.Value.Person)?.Name,
            plan?.Issues.FirstOrDefault(issue => issue.Id == incident!.Issue)?.Name,
            said,
            token,
            tokens.FormFieldName,
            tokens.RequestToken!,
            incident is not null && MaySign(incident, plan!, link!.Value.Person),
            refusal));
    }

    private static bool MaySign(Incident incident, Plan plan, string person) =>
        plan.Procedure(incident.Procedure)?.Decision is { } id && plan.Decision(id) is { } rule
        && plan.Person(person)?.Wallet is { } wallet && plan.ApprovalRule(rule).IsApprover(wallet);
}
