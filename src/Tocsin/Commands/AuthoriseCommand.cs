using System.CommandLine;
using System.Text.Json;
using Tocsin.BreakGlass;
using Tocsin.Configuration;
using Tocsin.Decisions;
using Tocsin.Incidents;
using Tocsin.People;
using Tocsin.Plans;
using Tocsin.Recording;
using Tocsin.Signing;
using Tocsin.Texts;

namespace Tocsin.Commands;

/// <summary>What <c>tocsin authorise</c> was asked to do, as typed.</summary>
internal sealed record AuthoriseOptions(
    string Directory, string Action, string Until, IReadOnlyList<string> Approvals, string? By, string? Reason,
    string? Token)
{
    public string TypedDataPath => Path.Combine(Directory, $"authorise-{Action}.typed-data.json");

    /// <summary>The same in words, for whoever is sent the typed data.</summary>
    public string WordsPath => Path.Combine(Directory, $"authorise-{Action}.txt");
}

/// <summary><c>tocsin authorise</c>: approvals ahead of any incident, for one use of an action.</summary>
internal static class AuthoriseCommand
{
    private const int MaximumBytes = 1 << 20;

    public static Command Create()
    {
        var action = new Argument<string?>("ACTION")
        {
            Description = "The prepared action, by its id in the plan",
            Arity = ArgumentArity.ZeroOrOne,
        };
        var config = new Option<string>("--config") { Description = "The folder of tocsin.yaml", Required = true };
        var until = new Option<string>("--until")
        {
            Description = "How long the approvals count, from 1h to 90d",
            DefaultValueFactory = _ => "30d",
        };
        var approvals = new Option<string[]>("--approvals")
        {
            Description = "Files with approvals of what was written before: a signature a line, or JSON",
            AllowMultipleArgumentsPerToken = true,
        };
        var list = new Option<bool>("--list") { Description = "What is approved ahead, by whom and until when" };
        var withdraw = new Option<bool>("--withdraw") { Description = "Take back what is approved ahead of ACTION" };
        var by = new Option<string?>("--by") { Description = "With --withdraw, who says so: your 'id' in the plan" };
        var reason = new Option<string?>("--reason") { Description = "With --withdraw, why" };
        var json = new Option<bool>("--json") { Description = "With --list, print one JSON document" };
        var command = new Command(
            "authorise",
            "Approve one use of an action ahead of any incident, so that it can be taken by itself as the plan's "
            + "'automation' says. 0: all approvals are there; 1: some are missing or refused")
        {
            action, config, until, approvals, list, withdraw, by, reason, json, ServerToken.File,
        };
        command.Validators.Add(result =>
        {
            if (result.GetValue(list) == result.GetValue(action) is not null)
                result.AddError("authorise takes the ACTION to approve, or --list");
        });
        command.SetAction((parsed, cancellationToken) =>
        {
            if (parsed.GetValue(list))
                return ListAsync(
                    parsed.GetValue(config)!, ServerToken.Of(parsed), parsed.GetValue(json), cancellationToken);
            var options = new AuthoriseOptions(
                parsed.GetValue(config)!, parsed.GetValue(action)!, parsed.GetValue(until)!,
                parsed.GetValue(approvals) ?? [], parsed.GetValue(by), parsed.GetValue(reason), ServerToken.Of(parsed));
            return parsed.GetValue(withdraw)
                ? WithdrawAsync(options, cancellationToken)
                : RunAsync(options, cancellationToken);
        });
        return command;
    }

    private static async Task<int> RunAsync(AuthoriseOptions options, CancellationToken cancellationToken)
    {
        var (configuration, read) = PlanCommand.LoadChecked(options.Directory);
        var plan = read.Plan;
        if (MandateDesk.Unauthorisable(plan, options.Action) is { } why)
            throw new InputException($"'{options.Action}': {why}");
        var rule = plan.Decisions.First(one => one.Action == options.Action);
        var action = plan.Action(options.Action)!;
        using var installed = new Installed(configuration, options.Token);
        // Nobody should sign what will be refused when it is handed in.
        if (await installed.PlanInForceAsync(cancellationToken) is var inForce
            && inForce.DecisionsHash != plan.DecisionsHash)
            throw new InputException(
                (inForce.DecisionsHash is null
                    ? "no plan was ever in force here"
                    : "the plan in force here is another one than in the files, and approvals ahead are for the one in "
                        + "force")
                + $": start the server with it by 'tocsin serve --config {options.Directory}', then repeat this "
                + "command");
        if (options.Approvals.Count == 0)
        {
            var asked = await AskedAsync(options, configuration, plan, cancellationToken);
            await File.WriteAllTextAsync(
                options.TypedDataPath, DecisionTypedData.Of(asked).ToJson(), cancellationToken);
            var words = Words(action, plan, rule, asked);
            await File.WriteAllLinesAsync(options.WordsPath, words, cancellationToken);
            foreach (var line in words)
                Console.Out.WriteLine(line);
            Console.Out.WriteLine($"  typed data to sign (eth_signTypedData_v4): {options.TypedDataPath}");
            Console.Out.WriteLine($"  the words above, to send with it: {options.WordsPath}");
            Console.Out.WriteLine("hand the signatures in: the same command with --approvals FILE");
            return ExitCode.FoundWrong;
        }
        var text = File.Exists(options.TypedDataPath)
            ? PlainFile.Read(options.TypedDataPath, MaximumBytes)
            : throw new InputException(
                $"{options.TypedDataPath} is not there: run it without --approvals first, and have that signed");
        using var typed = JsonDocument.Parse(text);
        foreach (var approval in options.Approvals.SelectMany(ApprovalFile.Read))
        {
            var outcome = await installed.AuthoriseAsync(
                new SubmittedAuthorisation(options.Action, approval.Signature, typed.RootElement), cancellationToken);
            Console.Out.WriteLine(outcome.Refusal is null ? outcome.Message : $"refused: {outcome.Message}");
        }
        var decision = DecisionTypedData.Read(text)?.Id;
        var row = (await installed.AuthorisationsAsync(cancellationToken))
            .FirstOrDefault(one => one.Action == options.Action && one.Decision == decision);
        Console.Out.WriteLine(row is null
            ? "nothing of it stands: it was refused, or an open incident has taken it at once; see the war room"
            : Words(row));
        return row is { Counts: true } ? ExitCode.Done : ExitCode.FoundWrong;
    }

    private static async Task<EmergencyDecision> AskedAsync(
        AuthoriseOptions options, TocsinConfiguration configuration, Plan plan, CancellationToken cancellationToken)
    {
        if (YamlPart.ParseDuration(options.Until) is not { TotalHours: >= 1 } span || span > MandateDesk.Longest)
            throw new InputException($"--until takes a duration from 1h to 90d, not '{options.Until}'");
        var signer = configuration.Signer ?? throw new InputException("the configuration has no 'signer'");
        try
        {
            var asked = new SignerRequest(Use: new UseRequest(plan.DecisionsHash, options.Action));
            var use = (await new SignerClient(signer.Socket).AskAsync(asked, cancellationToken)).Use
                ?? throw new InputException("the signer did not name the open use of the action");
            return new EmergencyDecision(
                use.Decision, configuration.Exercise, plan.DecisionsHash,
                plan.Action(options.Action)!.Calls.Select(call => call.Call).ToValueList(),
                DateTimeOffset.FromUnixTimeSeconds((DateTimeOffset.UtcNow + span).ToUnixTimeSeconds()));
        }
        catch (SignerUnreachableException e)
        {
            throw new InputException(e.Message, e);
        }
    }

    private static List<string> Words(PlannedAction action, Plan plan, DecisionRule rule, EmergencyDecision asked)
    {
        var progress = DecisionProgress.Begin(
            new IncidentEvent.DecisionProposed(
                default, rule.Id, asked, action.Calls.Select(call => call.Scope).ToValueList()),
            DateTimeOffset.UtcNow);
        return
        [
            .. DecisionSheet.Lines(action, plan, progress, []),
            "WHOEVER SIGNS APPROVES THIS BEFORE ANYTHING HAPPENED: it is taken once, without asking, when what is said "
                + "above of being taken by itself holds.",
        ];
    }

    private static async Task<int> WithdrawAsync(AuthoriseOptions options, CancellationToken cancellationToken)
    {
        if (options.By is null || options.Reason is null)
            throw new InputException("--withdraw takes --by and --reason");
        using var installed = new Installed(TocsinConfiguration.Load(options.Directory), options.Token);
        var outcome = await installed.WithdrawAsync(
            new SubmittedWithdrawal(options.Action, options.By, options.Reason), cancellationToken);
        Console.Out.WriteLine(outcome.Message);
        if (outcome.Refusal is not null)
            return ExitCode.FoundWrong;
        Console.Out.WriteLine("the signer does not know of it: whoever kept the signatures and can ask the signer "
            + "could still have this one use signed until its expiry; take the action once, change the plan's action, "
            + "or revoke a wallet at the signer to be sure");
        return ExitCode.Done;
    }

    private static async Task<int> ListAsync(
        string directory, string? token, bool json, CancellationToken cancellationToken)
    {
        using var installed = new Installed(TocsinConfiguration.Load(directory), token);
        var rows = await installed.AuthorisationsAsync(cancellationToken);
        if (json)
            Console.Out.WriteLine(JsonSerializer.Serialize(rows, EventJson.Printed));
        else if (rows.Count == 0)
            Console.Out.WriteLine("nothing is approved ahead");
        else
            foreach (var row in rows)
                Console.Out.WriteLine(Words(row));
        return ExitCode.Done;
    }

    private static string Words(AuthorisationRow row) =>
        $"{row.Action}: {row.Standing}, until {row.ExpiresAt:yyyy-MM-dd HH:mm:ss} UTC, decision {row.Decision}"
        + string.Concat(row.Given.Select(given => $"{Environment.NewLine}  approved ahead by {given}"));
}
