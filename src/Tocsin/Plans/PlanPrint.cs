using Tocsin.BreakGlass;
using Tocsin.Evm;
using Tocsin.Findings;
using Tocsin.Schedules;
using static Tocsin.BreakGlass.PageText;

namespace Tocsin.Plans;

/// <summary>
/// The plan for a drawer: everything that people need of it where there is no server, no chat and no name of a page.
/// The same plan gives the same text at the same instant.
/// </summary>
internal sealed class PlanPrint
{
    /// <summary>For so long it is printed who will be on call.</summary>
    private static readonly TimeSpan Ahead = TimeSpan.FromDays(28);

    private readonly PageText page;
    private readonly Plan plan;
    private readonly DateTimeOffset now;

    private PlanPrint(Plan plan, DateTimeOffset now)
    {
        (this.plan, this.now) = (plan, now);
        var secret = plan.About?.IsConfidential == true ? "CONFIDENTIAL. " : "";
        page = new PageText { Foot = $"{secret}{Plain(plan.Name)}, version `{plan.ContentHash}`, {Day(now)}" };
    }

    public static PageText Of(Plan plan, DateTimeOffset now)
    {
        var print = new PlanPrint(plan, now);
        print.Begin();
        print.Times();
        print.People();
        print.Schedules();
        print.Issues();
        print.Escalations();
        print.Roles();
        print.Procedures();
        print.Decisions();
        PlanPrintOutside.Write(print.page, plan);
        return print.page;
    }

    private void Begin()
    {
        page.Title(Plain(plan.Name));
        page.Words($"Version `{plan.ContentHash}` of the plan, printed {Day(now)} UTC. A newer version replaces this "
            + "paper: destroy it then.");
        if (plan.About is { } about)
            page.Words($"Kept by {Keeper(about.Owner)}; read through {Known(about.Reviewed)}, drilled "
                + $"{Known(about.Tested)}.{(about.IsConfidential ? " CONFIDENTIAL." : "")}");
        page.Section("What counts as an incident");
        page.Words(Plain(plan.Opens.What));
        page.Words($"A finding of severity {(int)plan.Opens.Severity} or worse, as sure as {plan.Opens.Confidence}, "
            + "opens one by itself. People open one whenever they think so.");
    }

    // Whoever holds a role is whom people ask for.
    private string Keeper(string? owner) => owner is null ? "nobody named"
        : plan.Person(owner) is { } person ? Plain(person.Name)
        : plan.Holders(owner).ToList() is { Count: > 0 } holders
            ? $"{Names(holders.Select(holder => holder.Name))} ({Plain(owner)})"
        : Plain(owner);

    private void Times()
    {
        page.Section("How long we have");
        foreach (var severity in Enum.GetValues<Findings.Severity>().Order())
        {
            var times = plan.TimesOf(severity);
            var spans = new (string Name, TimeSpan? Span)[]
            {
                ("acknowledge", times.Acknowledge), ("assemble", times.Assemble), ("assess", times.Assess),
                ("decide", times.Decide), ("contain", times.Contain), ("update", times.Update),
                ("review", times.Review),
            };
            page.Item($"severity {(int)severity}: " + string.Join(", ", spans
                .Where(one => one.Span is not null)
                .Select(one => $"{one.Name} {InWords(one.Span!.Value)}")));
        }
    }

    private void People()
    {
        page.Section("Who we are, and how we are reached");
        foreach (var (team, people) in new[]
        {
            ("Core team", plan.People.Where(person => person.Core)),
            ("Extended team", plan.People.Where(person => !person.Core)),
        })
        {
            page.Part(team);
            foreach (var person in people)
                page.Item(Person(person));
        }
    }

    private static string Person(Person person)
    {
        var ways = string.Join(
            ", then ", person.WaysInOrder.Select(way => $"{Plain(way.Channel)} ({InWords(way.Wait)})"));
        string?[] facts =
        [
            $"{Plain(person.Name)} (`{Plain(person.Id)}`), {Names(person.Roles)}",
            person.Phone is { } phone ? $"phone {Plain(phone)}" : null,
            person.Email is { } email ? $"mail {Plain(email)}" : null,
            person.Chat is { } chat ? $"chat {Plain(chat)}" : null,
            ways.Length > 0 ? $"paged by {ways}" : null,
            person.Zone is { } zone ? $"in {Plain(zone.Id)}" : null,
            person.Awake is { } awake ? $"awake {awake}" : null,
            person.Categories.Count > 0 ? $"for {Names(person.Categories)}" : null,
            person.Substitutes.Count > 0 ? $"else {Names(person.Substitutes)}" : null,
            person.Wallet is { } wallet ? $"wallet `{ChecksumAddress.Format(wallet)}`" : null,
        ];
        return string.Join("; ", facts.OfType<string>());
    }

    private void Schedules()
    {
        if (plan.Schedules.Count == 0)
            return;
        page.Section("Who is on call");
        page.Words($"The four weeks from {Day(now)} on. What is changed after that day is not on this paper.");
        foreach (var schedule in plan.Schedules)
        {
            page.Part($"{Plain(schedule.Id)}, on the clock of {Plain(schedule.Zone.Id)}");
            foreach (var shift in OnCall.Shifts(schedule, now, now + Ahead))
                page.Item($"{Local(schedule, shift.From)} to {Local(schedule, shift.To)}: "
                    + (shift.People.Count == 0 ? "NOBODY" : string.Join(", ", shift.People.Select(Reached))));
        }
    }

    private string Reached(string id) => plan.Person(id) is { } person
        ? $"{Plain(person.Name)}{(person.Phone is { } phone ? $" {Plain(phone)}" : "")}"
        : Plain(id);

    private void Issues()
    {
        page.Section("What can go wrong, and which procedure answers it");
        foreach (var issue in plan.Issues)
        {
            page.Part(Plain(issue.Name));
            page.Words($"{Plain(issue.Category)}, usually severity {(int)issue.Severity}. Procedure: "
                + $"{Plain(plan.Procedure(issue.Procedure)?.Title ?? issue.Procedure)}.");
            if (issue.Detection.Count > 0)
                page.Item($"noticed by detectors: {Names(issue.Detection.Select(threat => threat.ToName()))}");
            if (issue.Heartbeats.Count > 0)
                page.Item($"noticed by the silence of: {Names(issue.Heartbeats)}");
            foreach (var sign in issue.Manual)
                page.Item($"noticed by people: {Plain(sign)}");
            foreach (var sign in issue.Unlike)
                page.Item($"unlike it: {Plain(sign)}");
        }
    }

    private void Escalations()
    {
        page.Section("Who is woken");
        foreach (var escalation in plan.Escalations)
        {
            var levels = escalation.Then.Select(level =>
                $"; after {InWords(level.After)} {Names(level.Notify)} ({Answers(level.Answer)})");
            page.Item($"{Plain(escalation.Category)}, severity {(int)escalation.Severity} or worse, upon "
                + $"{Plain(escalation.Upon)}: {Names(escalation.Notify)} ({Answers(escalation.Answer)})"
                + string.Concat(levels)
                + (escalation.Again > 0 ? $"; all of it {escalation.Again} times again" : "")
                + (escalation.Nobody.Count > 0 ? $"; at last {Names(escalation.Nobody)}" : ""));
        }
    }

    private static string Answers(AnswersNeeded answers) => answers == AnswersNeeded.Each ? "each" : "one answers";

    private void Roles()
    {
        if (plan.Roles.Count == 0)
            return;
        page.Section("Roles of an incident");
        foreach (var role in plan.Roles)
        {
            page.Part(Plain(role.Id));
            page.Words(Plain(role.What)
                + (role.From is { } from ? $" Taken by whoever '{Plain(from)}' has on call." : "")
                + (role.Deputy is { } deputy ? $" Deputy: {Plain(deputy)}." : ""));
            foreach (var action in role.Actions)
                page.Item($"☐ {Plain(action.What)}"
                    + (action.Within is { } within ? $" (within {InWords(within)})" : ""));
        }
    }

    private void Procedures()
    {
        foreach (var procedure in plan.Procedures)
        {
            page.Section($"Procedure: {Plain(procedure.Title)}");
            if (procedure.Decision is { } decision)
                page.Words($"Decision: {Plain(plan.Decision(decision)?.Name ?? decision)}.");
            foreach (var step in plan.StepsOf(procedure))
                page.Item(Step(step));
            foreach (var paragraph in Paragraphs(procedure.Prose))
                page.Words(paragraph);
        }
    }

    private static string Step(ProcedureStep step) => string.Concat(
        $"☐ {Plain(step.What)} ({Plain(step.Role)}",
        step.IsTimed ? $", {InWords(step.Expected)}" : "",
        step.Part is { } part ? $", {part})" : ")",
        step.When is { } when ? $" Only if: {Plain(when)}." : "",
        step.How is { } how ? $" How: {Plain(how)}" : "",
        step.Tool is { } tool ? $" With: {Plain(tool)}." : "");

    // Lines of a list each, running text by paragraph; the head of the page has the title already.
    private static IEnumerable<string> Paragraphs(string markdown) => markdown
        .Split("\n\n")
        .SelectMany(block => block.Split("\n").Aggregate(new List<string>(), (lines, line) =>
        {
            if (lines.Count > 0 && line.StartsWith(' '))
                lines[^1] += line.TrimStart().Insert(0, " ");
            else
                lines.Add(line);
            return lines;
        }))
        .Where(line => line.Length > 0 && !line.StartsWith('#'))
        .Select(line => Plain(line.Replace("**", "", StringComparison.Ordinal)
            .Replace("*", "", StringComparison.Ordinal)));

    private void Decisions()
    {
        page.Section("Who decides");
        foreach (var decision in plan.Decisions)
        {
            page.Part(Plain(decision.Name));
            page.Words(Plain(plan.Action(decision.Action)?.What ?? decision.Action));
            foreach (var required in decision.Required)
                page.Item($"{Plain(required.Role)}: {Holders(required.Role)}"
                    + string.Concat(required.Substitutes.Select(role => $", or {Plain(role)}: {Holders(role)}")));
            foreach (var group in decision.Additional)
                page.Item($"{group.AtLeast} of {Plain(group.Group)}: {Holders(group.Group)}");
            if (decision.Reviewer is { } reviewer)
                page.Item($"{Plain(reviewer)} reads the calldata: {Holders(reviewer)}");
            if (decision.Attested is { } attested)
                page.Item($"what was said by voice counts if {attested.By} others heard it; it signs nothing on chain");
            if (decision.Ratify is { } ratify)
                page.Item($"{Names(ratify.Roles)} may act first; approved within {InWords(ratify.Within)}");
            if (decision.Unreachable is { } other)
                page.Item($"nobody answers for {InWords(other.After)}: "
                    + Plain(plan.Decision(other.Then)?.Name ?? other.Then));
            page.Item($"approvals are collected for {InWords(decision.ValidFor)}");
        }
    }

    private string Holders(string role) => string.Join(", ", plan.Holders(role).Select(person => Reached(person.Id)));

    private static string Local(Schedule schedule, DateTimeOffset at) =>
        $"{schedule.Zone.LocalAt(at):ddd yyyy-MM-dd HH:mm}";

    internal static string Names(IEnumerable<string> names) => string.Join(", ", names.Select(Plain));

    internal static string InWords(TimeSpan span) => Spoken.Of(span);

    private static string Day(DateTimeOffset at) => $"{at.UtcDateTime:yyyy-MM-dd}";

    private static string Known(DateOnly? day) => day is { } known ? $"{known:yyyy-MM-dd}" : "never";
}
