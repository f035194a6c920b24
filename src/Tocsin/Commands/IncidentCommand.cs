using System.CommandLine;
using System.Text.Json.Nodes;
using Tocsin.Recording;
using static Tocsin.Commands.ServerCommand;

namespace Tocsin.Commands;

/// <summary><c>tocsin incident</c>: what people do with an incident, over the running server.</summary>
internal static class IncidentCommand
{
    /// <param name="import">What works while no server runs.</param>
    public static Command Create(Command import)
    {
        var command = new Command(
            "incident", "Incidents: open, look, answer, lead, close; 'export', 'evidence', 'import' ask no server")
        {
            Open(), List(), Show(), Missed(), Acknowledge(), Assign(), Step(), Note(), Assess(), Severity(), Issue(),
            Decide(), Deviate(), UpdateCommand.Create(), FalseAlarm(), Reopen(), Merge(), Split(), Resolve(),
            Phase(),
            IncidentRecordCommand.Export(), IncidentRecordCommand.Evidence(), import, ServerToken.File,
        };
        foreach (var traced in TracingCommand.All())
            command.Subcommands.Add(traced);
        return command;
    }

    private static Command Open()
    {
        var words = new Argument<string>("WORDS") { Description = "What was seen, in a sentence" };
        var issue = new Option<string?>("--issue")
        {
            Description = "Of the plan, by its id; without it what people report",
        };
        var severity = new Option<int?>("--severity") { Description = "1 (worst) to 5; without it that of the issue" };
        var test = new Option<bool>("--test") { Description = "An exercise: every alert says so" };
        var acknowledged = new Option<bool>("--ack") { Description = "Acknowledge it as well: you have it" };
        return Acting("open", "Open an incident by hand; whoever the plan names is called at once", [words],
            [issue, severity, test, acknowledged], parsed => "/api/incidents/", (parsed, by) => new JsonObject
            {
                ["by"] = by,
                ["words"] = parsed.GetValue(words),
                ["issue"] = parsed.GetValue(issue),
                ["severity"] = parsed.GetValue(severity),
                ["exercise"] = parsed.GetValue(test),
                ["acknowledged"] = parsed.GetValue(acknowledged),
            }, IncidentWords.Done);
    }

    private static Command List()
    {
        var (config, json) = (Config(), Json());
        var all = new Option<bool>("--all") { Description = "Closed ones too" };
        var command = new Command("list", "Open incidents, the worst first") { config, all, json };
        command.SetAction(async (parsed, cancellationToken) =>
        {
            using var server = Server(parsed, config);
            var rows = IncidentWords.Rows(await server.GetAsync("/api/incidents/", cancellationToken),
                parsed.GetValue(all));
            Console.Out.WriteLine(parsed.GetValue(json)
                ? new JsonArray([.. rows.Select(row => row.DeepClone())]).ToJsonString(EventJson.Printed)
                : IncidentWords.List(rows));
            return ExitCode.Done;
        });
        return command;
    }

    private static Command Show()
    {
        var (incident, config, json) = (Incident(), Config(), Json());
        var command = new Command("show", "One incident: how it stands, what is due, and what happened")
        {
            incident, config, json,
        };
        command.SetAction(async (parsed, cancellationToken) =>
        {
            using var server = Server(parsed, config);
            var path = $"/api/incidents/{Uri.EscapeDataString(parsed.GetValue(incident)!)}";
            var whole = await server.GetAsync(path, cancellationToken);
            whole["checklist"] = (await server.GetAsync($"{path}/steps", cancellationToken)).DeepClone();
            whole["due"] = (await server.GetAsync($"{path}/deadlines", cancellationToken)).DeepClone();
            whole["roles"] = (await server.GetAsync($"{path}/roles", cancellationToken)).DeepClone();
            whole["now"] = (await server.GetAsync($"{path}/now", cancellationToken)).DeepClone();
            whole["timeline"] = (await server.GetAsync($"{path}/timeline", cancellationToken)).DeepClone();
            Console.Out.WriteLine(
                parsed.GetValue(json) ? whole.ToJsonString(EventJson.Printed) : IncidentWords.Show(whole));
            return ExitCode.Done;
        });
        return command;
    }

    private static Command Missed()
    {
        var (incident, config, json) = (Incident(), Config(), Json());
        var after = new Option<long>("--after")
        {
            Description = "The number of the last event that you know, as this command printed it; all without",
        };
        var command = new Command("since", "What happened since you were last there, the weightiest first")
        {
            incident, after, config, json,
        };
        command.SetAction(async (parsed, cancellationToken) =>
        {
            using var server = Server(parsed, config);
            var path = $"/api/incidents/{Uri.EscapeDataString(parsed.GetValue(incident)!)}/since";
            var missed = await server.GetAsync($"{path}?after={parsed.GetValue(after)}", cancellationToken);
            Console.Out.WriteLine(
                parsed.GetValue(json) ? missed.ToJsonString(EventJson.Printed) : IncidentWords.Since(missed));
            return ExitCode.Done;
        });
        return command;
    }

    private static Command Acknowledge()
    {
        var answer = new Option<string?>("--answer") { Description = "informed, able-to-sign or unable" };
        answer.AcceptOnlyFromAmong("informed", "able-to-sign", "unable");
        return OnOne("ack", "Say that you have it, that you can sign now, or that you cannot help", "ack", [], [answer],
            (parsed, by) => new JsonObject { ["person"] = by, ["answer"] = parsed.GetValue(answer) });
    }

    private static Command Assign()
    {
        var role = new Argument<string>("ROLE") { Description = "For example commander or scribe" };
        var person = new Argument<string>("PERSON") { Description = "Who takes it, by their 'id' in the plan" };
        var reason = new Option<string?>("--reason") { Description = "Why it is handed over" };
        return OnOne("assign", "Give a role to a person, or hand it over", "roles", [role, person], [reason],
            (parsed, by) => new JsonObject
            {
                ["role"] = parsed.GetValue(role),
                ["person"] = parsed.GetValue(person),
                ["by"] = by,
                ["reason"] = parsed.GetValue(reason) ?? "",
            });
    }

    private static Command Step()
    {
        var step = new Argument<string>("STEP")
        {
            Description = "By its id in the procedure, or ROLE/ACTION for what a role has to do",
        };
        var result = new Argument<string>("RESULT") { Description = "What came of it" };
        return OnOne("step", "Check a step of the procedure off", "steps", [step, result], [], (parsed, by) =>
            new JsonObject
            {
                ["step"] = parsed.GetValue(step),
                ["person"] = by,
                ["result"] = parsed.GetValue(result),
            });
    }

    private static Command Note()
    {
        var text = new Argument<string>("TEXT") { Description = "For the timeline" };
        return OnOne("note", "Write something into the timeline", "notes", [text], [], (parsed, by) =>
            new JsonObject { ["person"] = by, ["text"] = parsed.GetValue(text) });
    }

    private static Command Assess()
    {
        var words = new Argument<string>("WORDS") { Description = "What it is, in a sentence" };
        return OnOne("assess", "Say that it is real, and what it is", "assessment", [words], [], (parsed, by) =>
            new JsonObject { ["by"] = by, ["words"] = parsed.GetValue(words) });
    }

    private static Command Severity()
    {
        var (severity, reason) = (new Argument<int>("SEVERITY") { Description = "1 (worst) to 5" }, Reason());
        return OnOne("severity", "Rate it anew; every time to answer counts from now", "severity", [severity], [reason],
            (parsed, by) => new JsonObject
            {
                ["severity"] = parsed.GetValue(severity),
                ["by"] = by,
                ["reason"] = parsed.GetValue(reason),
            });
    }

    private static Command Issue()
    {
        var (issue, reason) = (new Argument<string>("ISSUE") { Description = "Of the plan, by its id" }, Reason());
        return OnOne("issue", "Say that it is another issue, whose procedure answers it", "issue", [issue], [reason],
            (parsed, by) => new JsonObject
            {
                ["issue"] = parsed.GetValue(issue),
                ["by"] = by,
                ["reason"] = parsed.GetValue(reason),
            });
    }

    private static Command Decide()
    {
        var command = OnOne(
            "decide", "Have the procedure's decision prepared and its approvers asked; it is never an approval",
            "decision", [], [], (_, by) => new JsonObject { ["person"] = by });
        foreach (var one in DecideCommand.All())
            command.Subcommands.Add(one);
        return command;
    }

    private static Command Deviate()
    {
        var (from, reason) = (new Argument<string>("FROM") { Description = "What of the plan, for example a step" },
            Reason());
        return OnOne("deviate", "Record that something is done otherwise than the plan says", "deviations", [from],
            [reason], (parsed, by) => new JsonObject
            {
                ["from"] = parsed.GetValue(from),
                ["by"] = by,
                ["reason"] = parsed.GetValue(reason),
            });
    }

    private static Command FalseAlarm() => WithReason("false-alarm", "Say that it was none", "false-alarm");

    private static Command Reopen() => WithReason("reopen", "Open it again; people are called anew", "reopen");

    private static Command Merge()
    {
        var into = new Argument<string>("INTO") { Description = "The incident in which it goes on" };
        var reason = Reason();
        return OnOne("merge", "Say that it is the same attack as another incident", "merge", [into], [reason],
            (parsed, by) => new JsonObject
            {
                ["into"] = parsed.GetValue(into),
                ["by"] = by,
                ["reason"] = parsed.GetValue(reason),
            });
    }

    private static Command Split()
    {
        var findings = new Option<string[]>("--findings")
        {
            Description = "The findings that are another attack, by their ids as 'incident show --json' has them",
            Required = true,
            AllowMultipleArgumentsPerToken = true,
        };
        var reason = Reason();
        return OnOne("split", "Say that some of its findings are another attack, with an incident of its own", "split",
            [], [findings, reason], (parsed, by) => new JsonObject
            {
                ["findings"] = new JsonArray([.. parsed.GetValue(findings)!.Select(id => (JsonNode)id)]),
                ["by"] = by,
                ["reason"] = parsed.GetValue(reason),
            });
    }

    private static Command Resolve()
    {
        var summary = new Argument<string>("SUMMARY") { Description = "What it was and how it ended" };
        return OnOne("resolve", "Close it", "resolve", [summary], [], (parsed, by) =>
            new JsonObject { ["person"] = by, ["summary"] = parsed.GetValue(summary) });
    }

    private static Command Phase()
    {
        var phase = new Argument<string>("PHASE") { Description = "eradicated, recovered or, once closed, reviewed" };
        phase.AcceptOnlyFromAmong("eradicated", "recovered", "reviewed");
        var words = new Argument<string>("WORDS") { Description = "What was done, in a sentence" };
        return OnOne("phase", "Say how far it is", "phase", [phase, words], [], (parsed, by) => new JsonObject
        {
            ["phase"] = parsed.GetValue(phase),
            ["by"] = by,
            ["words"] = parsed.GetValue(words),
        });
    }

    private static Command WithReason(string name, string description, string route)
    {
        var reason = Reason();
        return OnOne(name, description, route, [], [reason], (parsed, by) =>
            new JsonObject { ["by"] = by, ["reason"] = parsed.GetValue(reason) });
    }

    /// <summary>Asks the server about one incident and prints its answer.</summary>
    internal static Command Looking(
        string name, string description, Argument[] arguments, Func<ParseResult, string, string> path,
        Func<JsonNode, string> inWords)
    {
        var (incident, config, json) = (Incident(), Config(), Json());
        var command = new Command(name, description) { incident };
        foreach (var argument in arguments)
            command.Arguments.Add(argument);
        command.Options.Add(config);
        command.Options.Add(json);
        command.SetAction(async (parsed, cancellationToken) =>
        {
            using var server = Server(parsed, config);
            var answer = await server.GetAsync(
                $"/api/incidents/{path(parsed, Uri.EscapeDataString(parsed.GetValue(incident)!))}", cancellationToken);
            Console.Out.WriteLine(
                parsed.GetValue(json) ? answer.ToJsonString(EventJson.Printed) : inWords(answer));
            return ExitCode.Done;
        });
        return command;
    }

    internal static Command OnOne(
        string name,
        string description,
        string route,
        Argument[] arguments,
        Option[] options,
        Func<ParseResult, string?, JsonObject> body) =>
        OnOne(name, description, _ => route, arguments, options, body);

    internal static Command OnOne(
        string name,
        string description,
        Func<ParseResult, string> route,
        Argument[] arguments,
        Option[] options,
        Func<ParseResult, string?, JsonObject> body)
    {
        var incident = Incident();
        return Acting(
            name, description, [incident, .. arguments], options,
            parsed => $"/api/incidents/{Uri.EscapeDataString(parsed.GetValue(incident)!)}/{route(parsed)}", body,
            IncidentWords.Done);
    }

    internal static Argument<string> Incident() => new("INCIDENT") { Description = "For example INC-7" };
}
