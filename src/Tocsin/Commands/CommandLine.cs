using System.CommandLine;
using Tocsin.Configuration;
using Tocsin.Demo;
using Tocsin.Demo.Scenarios;
using Tocsin.Storage;
using Tocsin.Texts;

namespace Tocsin.Commands;

/// <summary>The commands as people type them. Faults end here, once, as one sentence and an exit code.</summary>
internal static partial class CommandLine
{
    public static async Task<int> RunAsync(string[] arguments, RootCommand root)
    {
        var parsed = root.Parse(arguments);
        if (parsed.Errors.Count > 0)
        {
            foreach (var error in parsed.Errors)
                await Console.Error.WriteLineAsync(Words(error.Message));
            await Console.Error.WriteLineAsync(
                "'tocsin --help' lists the commands; 'tocsin COMMAND --help' explains one");
            return ExitCode.NotUsable;
        }
        try
        {
            // Faults are told below, not as a stack trace; time to stop in order after Ctrl-C is given.
            return await parsed.InvokeAsync(new InvocationConfiguration
            {
                EnableDefaultExceptionHandler = false,
                ProcessTerminationTimeout = TimeSpan.FromSeconds(10),
            });
        }
        catch (Exception e) when (e is InputException or StorageException or IOException or UnauthorizedAccessException)
        {
            await Console.Error.WriteLineAsync(e.Message);
            return ExitCode.NotUsable;
        }
        catch (OperationCanceledException)
        {
            return ExitCode.Done;
        }
    }

    /// <summary>The parser names the types of .NET, which are none of a person's business.</summary>
    internal static string Words(string message)
    {
        // A list of what is possible comes as a line for each.
        message = string.Join(' ', message.Split((char[])['\r', '\n', '\t'], StringSplitOptions.RemoveEmptyEntries));
        var at = message.IndexOf(" as expected type ", StringComparison.Ordinal);
        if (at < 0)
            return message;
        var expected = message.Contains(nameof(Boolean), StringComparison.Ordinal) ? "true or false" : "a whole number";
        return $"{message[..at]}: it takes {expected}";
    }

    public static Command Demo()
    {
        var once = Flag("--once", "End when the story is over: 0 only if every stage was verified from outside");
        var json = Flag("--json", "Print one JSON document on standard output; the story goes to standard error");
        var port = Value<int?>("--port", "Where the pages are served; 8420, or any free port with --once");
        port.Validators.Add(result =>
        {
            if (result.Tokens is [{ Value: var text }] && int.TryParse(text, out var number)
                && number is < 1 or > 65_535)
                result.AddError($"--port takes a number from 1 to 65535, not {number}");
        });
        var scenario = Value<string>("--scenario", "What happens; 'list' tells what there is");
        scenario.DefaultValueFactory = _ => ScenarioList.Default;
        scenario.AcceptOnlyFromAmong([.. ScenarioList.All().Select(one => one.Name), ScenarioList.ListWord]);
        var alone = Flag(
            "--alone", "Only measure what the contracts keep with nobody there; every scenario unless one is named");
        var ways = Flag(
            "--ways",
            "Only measure what attacks take with nobody there, with people, and pre-authorised; limits off and on");
        var markdown = Flag("--markdown", "With --alone or --ways: print a table in Markdown");
        var keep = Flag("--keep", "Leave the folder of configuration, plan, log and post-mortem behind");
        var command = new Command(
            "demo", "The main job on this machine: a local chain, a protocol, an attack, and everything that follows")
        {
            once, json, port, scenario, alone, ways, markdown, keep,
        };
        command.Validators.Add(result =>
        {
            if (result.GetValue(markdown) && !result.GetValue(alone) && !result.GetValue(ways))
                result.AddError("--markdown goes with --alone or --ways");
            if (result.GetValue(alone) && result.GetValue(ways))
                result.AddError("--alone and --ways measure different things: give one of them");
        });
        command.SetAction((parsed, cancellationToken) =>
        {
            var only = parsed.GetResult(scenario) is { Implicit: false } ? parsed.GetValue(scenario) : null;
            var form = parsed.GetValue(markdown) ? AloneForm.Markdown
                : parsed.GetValue(json) ? AloneForm.Json : AloneForm.Text;
            if (parsed.GetValue(alone))
                return AloneTable.RunAsync(only, form, cancellationToken);
            if (parsed.GetValue(ways))
                return WayTable.RunAsync(only, form, cancellationToken);
            return DemoCommand.RunAsync(
                parsed.GetValue(scenario)!, parsed.GetValue(once), parsed.GetValue(json), parsed.GetValue(port),
                parsed.GetValue(keep), cancellationToken);
        });
        return command;
    }

    public static Command Init()
    {
        var directory = Folder("An empty or new folder");
        var from = Value<string>(
            "--from",
            "The plan to begin from. "
            + string.Join("; ", InitCommand.Plans.Select(plan => $"{plan.Key}: {plan.Value}")));
        from.DefaultValueFactory = _ => InitCommand.Startup;
        from.AcceptOnlyFromAmong([.. InitCommand.Plans.Keys]);
        var command = new Command("init", "Write a commented configuration with a plan to begin from")
        {
            directory, from,
        };
        command.SetAction(parsed => InitCommand.Run(parsed.GetValue(directory)!, parsed.GetValue(from)!));
        return command;
    }

    public static Command Serve()
    {
        var config = Config();
        var from = Value<ulong?>(
            "--from", "Begin at this block and forget where the watch stood: the way out of a reorg that is too deep");
        from.Validators.Add(result =>
        {
            if (result.Tokens is [{ Value: var text }] && ulong.TryParse(text, out var block)
                && block > ChainSettings.HighestBlock)
                result.AddError($"--from takes a block number up to {ChainSettings.HighestBlock}");
        });
        var rehearse = Flag(
            "--rehearse", "Try plan, people and channels without a chain: every incident is an EXERCISE, and channels "
            + "without an address are printed");
        var command = new Command("serve", "Watch, respond, web pages and API") { config, from, rehearse };
        command.SetAction((parsed, cancellationToken) => parsed.GetValue(rehearse)
            ? ServeCommand.RehearseAsync(parsed.GetValue(config)!, cancellationToken)
            : ServeCommand.RunAsync(parsed.GetValue(config)!, parsed.GetValue(from), cancellationToken));
        return command;
    }

    public static Command Signer()
    {
        var policy = Value<string>("--policy", "What is signed, and for whom");
        policy.Required = true;
        var user = Value<string?>("--user", "UID:GID to become before the key is read; needs root");
        var file = new Argument<string>("POLICY") { Description = "The policy's file, signer.yaml" };
        var json = Flag("--json", "Print one JSON document on standard output");
        var check = new Command(
            "check",
            "Say in words what a policy allows, and the worst that it allows. "
            + "0: in order, or warnings alone; 1: errors")
        {
            file, json,
        };
        check.SetAction(parsed => SignerCheckCommand.Run(parsed.GetValue(file)!, parsed.GetValue(json)));
        var command = new Command("signer", "The key-holding process, on a Unix socket")
        {
            policy, user, check, SignerRevokeCommand.Create(),
        };
        command.SetAction((parsed, cancellationToken) =>
            SignerCommand.RunAsync(parsed.GetValue(policy)!, parsed.GetValue(user), cancellationToken));
        return command;
    }

    public static Command Plan()
    {
        var directory = Folder("The folder of tocsin.yaml, or of plan.yaml");
        var strict = Flag("--strict", "Warnings too are an error");
        var json = Flag("--json", "Print one JSON document on standard output");
        var check = new Command(
            "check", "Lint configuration and plan. 0: in order, or warnings alone; 1: errors; 2: no plan to check")
        {
            directory, strict, json,
        };
        check.SetAction(parsed => PlanCommand.Check(
            parsed.GetValue(directory)!, parsed.GetValue(strict), parsed.GetValue(json)));
        var schema = new Command("schema", "Print the JSON Schema of plan.yaml, for editors");
        schema.SetAction(_ => PlanCommand.Schema());
        var folder = Value<string>("--out", "The folder to write to; what it printed there before is written anew");
        folder.DefaultValueFactory = _ => "tocsin-plan";
        var render = new Command(
            "render", "Print the plan for drawers: people, who is on call, procedures, decisions. plan.html, plan.md")
        {
            directory, folder,
        };
        render.SetAction(parsed => PlanCommand.Render(parsed.GetValue(directory)!, parsed.GetValue(folder)!));
        var plan = new Command("plan", "The emergency response plan") { check, render, schema, ServerToken.File };
        foreach (var command in PlanProposalCommand.All())
            plan.Subcommands.Add(command);
        return plan;
    }

    public static Command Replay()
    {
        var config = Config();
        var findings = Value<string>("--findings", "Where findings are written: JSON Lines, a revision a line");
        findings.Required = true;
        var rpc = Value<string?>("--rpc", "A node whose blocks are replayed: its address, env:NAME or file:PATH");
        var from = Value<ulong?>("--from", "The first block, with --rpc");
        var to = Value<ulong?>("--to", "The last block, with --rpc");
        var blocks = Files("--blocks", "Recorded blocks, JSON Lines, also .gz; several files in order");
        var transactions = Value<string?>("--transactions", "Recorded transactions, each on its own; also .gz");
        var prices = Files("--prices", "ASSET:SOURCE=FILE: CSV time,open,high,low,close,volume; also .gz");
        var inputs = Value<string?>("--inputs", "A recorded input log, with --rpc or --blocks for its blocks");
        var json = Flag("--json", "Print a summary as one JSON document on standard output");
        var restart = Flag("--restart", "Begin anew instead of going on where a stopped replay was");
        var strict = Flag("--strict", "End at the first thing that is rejected or missing");
        var command = new Command(
            "replay",
            "The same detection over history; nothing is sent to anyone. "
            + "1 if anything was missing, 2 if it cannot be read")
        {
            config, findings, rpc, from, to, blocks, transactions, prices, inputs, json, restart, strict,
        };
        command.SetAction((parsed, cancellationToken) => ReplayCommand.RunAsync(
            new ReplayOptions(
                parsed.GetValue(config)!, parsed.GetValue(findings)!, parsed.GetValue(rpc), parsed.GetValue(from),
                parsed.GetValue(to), parsed.GetValue(blocks) ?? [], parsed.GetValue(transactions),
                parsed.GetValue(prices) ?? [], parsed.GetValue(inputs), parsed.GetValue(json),
                parsed.GetValue(restart), parsed.GetValue(strict)),
            cancellationToken));
        return command;
    }

    public static Command Record()
    {
        var rpc = Value<string>("--rpc", "The node: its address, env:NAME or file:PATH");
        rpc.Required = true;
        var from = Value<ulong>("--from", "The first block");
        from.Required = true;
        var to = Value<ulong>("--to", "The last block");
        to.Required = true;
        var traces = Flag("--traces", "With the calls of each transaction (debug_traceBlockByNumber)");
        var file = Value<string>("--out", "The file, compressed where it ends with .gz");
        file.Required = true;
        var restart = Flag("--restart", "Write the file anew instead of going on where a recording was stopped");
        var command = new Command("record", "Write blocks of a node into a file that 'replay --blocks' reads")
        {
            rpc, from, to, traces, file, restart,
        };
        command.SetAction((parsed, cancellationToken) => RecordCommand.RunAsync(
            parsed.GetValue(rpc)!, parsed.GetValue(from), parsed.GetValue(to), parsed.GetValue(traces),
            parsed.GetValue(file)!, parsed.GetValue(restart), cancellationToken));
        return command;
    }

    public static Command Evaluate()
    {
        var data = Value<string>(
            "--data", "A folder of labelled history: 'prices', 'transactions', 'governance', 'flows' in it");
        var part = Value<string?>("--part", "One part alone");
        part.AcceptOnlyFromAmong(EvaluateCommand.Parts);
        data.Required = true;
        var mode = Value<string?>("--mode", "Of transactions: blind, nothing is known; protected, what they touch is");
        mode.AcceptOnlyFromAmong(EvaluateCommand.Modes);
        var findings = Value<string?>(
            "--findings", "Where findings of all but transactions are written: JSON Lines, a revision a line");
        var json = Flag("--json", "Print one JSON document on standard output");
        var markdown = Flag("--markdown", "Print the page of the documentation on standard output");
        var precision = Value<string?>("--precision", "Where to write how many alarms were true, for a plan");
        var command = new Command("evaluate", "The detection over labelled history: what it found, missed, invented")
        {
            data, part, mode, findings, json, markdown, precision,
        };
        command.SetAction((parsed, cancellationToken) => EvaluateCommand.RunAsync(
            new EvaluateOptions(
                parsed.GetValue(data)!, parsed.GetValue(part), EvaluateCommand.Mode(parsed.GetValue(mode)),
                parsed.GetValue(findings), parsed.GetValue(json), parsed.GetValue(markdown),
                parsed.GetValue(precision)),
            cancellationToken));
        return command;
    }

    public static Command Detectors()
    {
        var json = Flag("--json", "Print one JSON document on standard output");
        var markdown = Flag("--markdown", "Print the page of the documentation");
        var command = new Command("detectors", "What recognises what, and what each does not see") { json, markdown };
        command.SetAction(parsed => DetectorsCommand.Run(parsed.GetValue(json), parsed.GetValue(markdown)));
        return command;
    }

    public static Command Adapters()
    {
        var name = new Argument<string?>("NAME") { Description = "One alone, with actions for plan.yaml" };
        name.Arity = ArgumentArity.ZeroOrOne;
        var json = Flag("--json", "Print one JSON document on standard output");
        var markdown = Flag("--markdown", "Print the page of the documentation");
        var command = new Command(
            "adapters", "How the emergency controls of protocols that exist are used, and when they are of no use")
        {
            name, json, markdown,
        };
        command.SetAction(parsed => AdaptersCommand.Run(
            parsed.GetValue(name), parsed.GetValue(json), parsed.GetValue(markdown)));
        return command;
    }

    public static Command Node()
    {
        var config = Config();
        var json = Flag("--json", "Print one JSON document on standard output");
        var check = new Command("check", "Ask each node what it gives, and so what the watch can see through it")
        {
            config, json,
        };
        check.SetAction((parsed, cancellationToken) => NodeCommand.CheckAsync(
            parsed.GetValue(config)!, parsed.GetValue(json), cancellationToken));
        return new Command("node", "The nodes of the chain") { check };
    }

    public static Command Contracts()
    {
        var file = new Argument<string>("DEPLOYMENT") { Description = "What the deployment script wrote, as JSON" };
        var rpc = Value<string>("--rpc", "A node of that chain: its address, env:NAME or file:PATH");
        rpc.Required = true;
        var json = Flag("--json", "Print one JSON document on standard output");
        var check = new Command(
            "check",
            "Read a live deployment of the brake and list its weaknesses. 0: none; 1: some; 2: it could not be read")
        {
            file, rpc, json,
        };
        check.SetAction((parsed, cancellationToken) => ContractsCommand.CheckAsync(
            parsed.GetValue(file)!, parsed.GetValue(rpc)!, parsed.GetValue(json), cancellationToken));
        return new Command("contracts", "The brake on chain") { check };
    }

    public static Command Audit()
    {
        var config = Value<string?>("--config", "The folder of tocsin.yaml");
        var bundle = Value<string?>("--bundle", "What 'incident evidence' wrote, in the place of the log");
        var head = Value<string?>("--head", "A head that you kept, NUMBER:HASH, as alerts carry it");
        var signer = Files("--signer", "The account that countersigned the log, if not the one configured");
        var rehearsal = IncidentRecordCommand.OfRehearsal();
        var verify = new Command(
            "verify",
            "Check the hash chain of the event log, the server not running; or an incident's bundle, by itself. "
            + "0: in order; 1: broken; 2: not to be checked")
        {
            config, bundle, head, signer, rehearsal,
        };
        verify.Validators.Add(result =>
        {
            if (result.GetValue(config) is null == result.GetValue(bundle) is null)
                result.AddError("audit verify takes --config DIR, or --bundle FILE");
        });
        verify.SetAction(parsed => parsed.GetValue(bundle) is { } file
            ? AuditCommand.VerifyBundle(file, parsed.GetValue(head), parsed.GetValue(signer) ?? [])
            : AuditCommand.Verify(
                parsed.GetValue(config)!, parsed.GetValue(head), parsed.GetValue(signer) ?? [],
                parsed.GetValue(rehearsal)));
        return new Command("audit", "The event log as evidence") { verify };
    }

    private static Option<string> Config()
    {
        var config = Value<string>("--config", "The folder of tocsin.yaml");
        config.Required = true;
        return config;
    }

    private static Option<string[]> Files(string name, string description)
    {
        var files = Value<string[]>(name, description);
        files.AllowMultipleArgumentsPerToken = true;
        return files;
    }

    private static Argument<string> Folder(string description) => new("DIR") { Description = description };

    private static Option<bool> Flag(string name, string description) => Value<bool>(name, description);

    private static Option<T> Value<T>(string name, string description) => new(name) { Description = description };
}
