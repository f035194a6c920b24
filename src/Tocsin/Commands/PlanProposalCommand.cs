using System.CommandLine;
using System.Globalization;
using System.Text;
using System.Text.Json.Nodes;
using Tocsin.Channels;
using Tocsin.Incidents;
using Tocsin.Plans;
using Tocsin.Recording;
using Tocsin.Texts;

namespace Tocsin.Commands;

/// <summary><c>tocsin plan copy</c>, <c>plan propose</c> and what follows: a change of the plan by people who do not
/// use git.</summary>
internal static class PlanProposalCommand
{
    private const string Plan = "/api/plan/";
    private const string Proposals = "/api/plan/proposals";

    // Where a copy says of which plan it is one.
    private const string BaseFile = ".base";
    private const int MaximumBaseBytes = 1_000;

    public static IReadOnlyList<Command> All() =>
        [Copy(), Propose(), List(),
            Settle("accept", "Have it written into the plan's folder; somebody else proposed it", true),
            Settle("reject", "Leave the plan as it is", false)];

    private static Command Copy()
    {
        var folder = new Argument<string>("DIR") { Description = "A folder that is new or empty" };
        var config = ServerCommand.Config();
        var command = new Command("copy", "Have the server's plan in a folder of your own, to change and propose it")
        {
            folder, config,
        };
        command.SetAction(async (parsed, cancellationToken) =>
        {
            var directory = parsed.GetValue(folder)!;
            if (Directory.Exists(directory) && Directory.EnumerateFileSystemEntries(directory).Any())
                throw new InputException($"{directory} is not empty");
            using var server = ServerCommand.Server(parsed, config);
            var present = await server.GetAsync(Plan, cancellationToken);
            Write(directory, HashOf(present), FilesOf(present));
            Console.Out.WriteLine($"the plan {HashOf(present)} is in {directory}: change it there, then "
                + $"'tocsin plan propose {directory} --reason WHY --by YOU'");
            return ExitCode.Done;
        });
        return command;
    }

    private static Command Propose()
    {
        var folder = new Argument<string?>("DIR")
        {
            Description = "A changed copy of the plan's folder: what differs in it is proposed",
            Arity = ArgumentArity.ZeroOrOne,
        };
        var file = new Option<string[]>("--file")
        {
            Description = "A changed plan.yaml, or the file of a procedure; may be given again",
        };
        var (reason, by) = (ServerCommand.Reason(), By());
        var (config, json) = (ServerCommand.Config(), ServerCommand.Json());
        var of = new Option<string?>("--base")
        {
            Description = "The hash of the plan that was changed, as 'plan proposals --plan' prints it; a folder that "
                + "'plan copy' wrote knows it",
        };
        var command = new Command("propose", "Ask for a change of the plan, which somebody else settles")
        {
            folder, file, of, reason, by, config, json,
        };
        command.SetAction(async (parsed, cancellationToken) =>
        {
            var changed = Changed(parsed.GetValue(folder), parsed.GetValue(file) ?? []);
            var changedFrom = parsed.GetValue(of) ?? BaseOf(parsed.GetValue(folder), parsed.GetValue(file) ?? []);
            using var server = ServerCommand.Server(parsed, config);
            var present = await server.GetAsync(Plan, cancellationToken);
            var answer = await server.PostAsync(
                Proposals,
                new JsonObject
                {
                    ["by"] = parsed.GetValue(by),
                    ["reason"] = parsed.GetValue(reason),
                    ["base"] = changedFrom,
                    ["files"] = new JsonArray([.. Different(changed, present).Select(one =>
                        (JsonNode)new JsonObject { ["name"] = one.Name, ["text"] = one.Text })]),
                },
                cancellationToken);
            Console.Out.WriteLine(parsed.GetValue(json)
                ? answer.ToJsonString(EventJson.Printed)
                : $"proposal {answer["proposal"]}: {AlertText.OneLine(answer["message"]!.ToString())}");
            return ExitCode.Done;
        });
        return command;
    }

    private static Command List()
    {
        var number = new Argument<int?>("NUMBER")
        {
            Description = "One alone: what differs, line by line, and what 'plan check' says of it",
            Arity = ArgumentArity.ZeroOrOne,
        };
        var plan = new Option<bool>("--plan") { Description = "The hash of the plan in the folder, and in force" };
        var (config, json) = (ServerCommand.Config(), ServerCommand.Json());
        var command = new Command("proposals", "The changes of the plan that were asked for")
        {
            number, plan, config, json,
        };
        command.SetAction(async (parsed, cancellationToken) =>
        {
            using var server = ServerCommand.Server(parsed, config);
            var (path, inWords) = parsed.GetValue(plan)
                ? (Plan, (Func<JsonNode, string>)Present)
                : parsed.GetValue(number) is { } one ? (Path(one), One) : (Proposals, Rows);
            var answer = await server.GetAsync(path, cancellationToken);
            Console.Out.WriteLine(parsed.GetValue(json) ? answer.ToJsonString(EventJson.Printed) : inWords(answer));
            return ExitCode.Done;
        });
        return command;
    }

    private static Command Settle(string name, string description, bool accept)
    {
        var number = new Argument<int>("NUMBER") { Description = "As 'plan proposals' says it" };
        var (reason, by) = (ServerCommand.Reason(), By());
        var (config, json) = (ServerCommand.Config(), ServerCommand.Json());
        var command = new Command(name, description) { number, reason, by, config, json };
        command.SetAction(async (parsed, cancellationToken) =>
        {
            using var server = ServerCommand.Server(parsed, config);
            var answer = await server.PostAsync(
                $"{Path(parsed.GetValue(number))}/settle",
                new JsonObject
                {
                    ["accept"] = accept,
                    ["by"] = parsed.GetValue(by),
                    ["reason"] = parsed.GetValue(reason),
                },
                cancellationToken);
            Console.Out.WriteLine(parsed.GetValue(json)
                ? answer.ToJsonString(EventJson.Printed)
                : AlertText.OneLine(answer["message"]!.ToString()));
            return ExitCode.Done;
        });
        return command;
    }

    private static IReadOnlyList<PlanFile> Changed(string? folder, string[] files)
    {
        if (folder is null == (files.Length == 0))
            throw new InputException("name either the changed copy of the folder, or changed files by --file");
        return folder is not null
            ? [.. PlanReader.Load(folder).Where(file => Proposing.IsName(file.Name))]
            : [.. files.Select(Read)];
    }

    private static PlanFile Read(string path)
    {
        var name = System.IO.Path.GetFileName(path);
        return new PlanFile(
            name == PlanReader.MainFile ? name : $"{PlanReader.ProcedureFolder}/{name}",
            TextOf(path, PlanReader.MaximumFileBytes));
    }

    private static string TextOf(string path, int maximumBytes)
    {
        try
        {
            return PlainFile.Read(path, maximumBytes);
        }
        catch (IOException e)
        {
            throw new InputException($"{path} cannot be read: {e.Message}", e);
        }
    }

    // Taken for a copy of the present one, an old copy would undo what others changed since.
    private static string BaseOf(string? folder, string[] files)
    {
        // A procedure lies one below the plan.
        var places = folder is not null ? [folder] : files
            .Select(file => System.IO.Path.GetDirectoryName(System.IO.Path.GetFullPath(file)))
            .SelectMany(place => new[] { place, System.IO.Path.GetDirectoryName(place) })
            .OfType<string>();
        return places.Select(place => System.IO.Path.Combine(place, BaseFile)).FirstOrDefault(File.Exists) is { } found
            ? TextOf(found, MaximumBaseBytes).Trim()
            : throw new InputException(
                "it is not known which plan was changed: begin with a copy by 'tocsin plan copy DIR', or name the plan "
                + "by --base");
    }

    private static void Write(string directory, string hash, IEnumerable<PlanFile> files)
    {
        try
        {
            Directory.CreateDirectory(System.IO.Path.Combine(directory, PlanReader.ProcedureFolder));
            // The names are a server's word.
            foreach (var file in files.Where(file => Proposing.IsName(file.Name)))
                File.WriteAllText(System.IO.Path.Combine(directory, file.Name), file.Text);
            File.WriteAllText(System.IO.Path.Combine(directory, BaseFile), hash);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new InputException($"{directory} cannot be written: {e.Message}", e);
        }
    }

    private static string HashOf(JsonNode present) => present["hash"]?.GetValue<string>()
        ?? throw new InputException(present["fault"]?.ToString() ?? "the server has no plan");

    private static IEnumerable<PlanFile> FilesOf(JsonNode present) => present["files"]!.AsArray().Select(file =>
        new PlanFile(file!["name"]!.GetValue<string>(), file["text"]!.GetValue<string>()));

    private static IEnumerable<PlanFile> Different(IReadOnlyList<PlanFile> changed, JsonNode present)
    {
        var known = FilesOf(present).ToDictionary(file => file.Name, file => file.Text);
        return changed.Where(file => known.GetValueOrDefault(file.Name) != file.Text);
    }

    private static string Present(JsonNode plan) =>
        $"in the folder: {plan["hash"]?.ToString() ?? AlertText.OneLine(plan["fault"]!.ToString())}"
        + $"{Environment.NewLine}in force:      {plan["inForce"]?.ToString() ?? "none"}";

    private static string Rows(JsonNode proposals) => proposals.AsArray() is { Count: > 0 } rows
        ? string.Join(Environment.NewLine, rows.Select(row => Row(row!)))
        : "nobody has asked for a change of the plan";

    private static string Row(JsonNode row) =>
        $"{row["number"],4} {State(row["settlement"]),-9} {IncidentWords.At(row, "at")}  "
        + $"{AlertText.OneLine(row["by"]!.ToString())}: {AlertText.OneLine(row["reason"]!.ToString())} "
        + $"({string.Join(", ", row["files"]!.AsArray().Select(file => AlertText.OneLine(file!.ToString())))})";

    private static string State(JsonNode? settlement) => settlement?["accepted"]?.GetValue<bool>() switch
    {
        null => "WAITS",
        true => "accepted",
        false => "rejected",
    };

    private static string One(JsonNode reading)
    {
        var text = new StringBuilder().AppendLine(Row(reading["proposal"]!));
        if (reading["proposal"]!["settlement"] is { } settled)
            text.AppendLine($"{State(settled)} by {AlertText.OneLine(settled["by"]?.ToString() ?? "nobody")}: "
                + AlertText.OneLine(settled["reason"]!.ToString()));
        // What cannot be seen in a line is written out by the server.
        foreach (var file in reading["files"]!.AsArray())
            foreach (var line in file!["difference"]!.ToString().Split('\n'))
                text.AppendLine(line.Replace('\t', ' '));
        foreach (var (key, what) in new[] { ("errors", "error"), ("warnings", "new warning"), ("mended", "mended") })
            foreach (var complaint in reading[key]!.AsArray())
                text.AppendLine($"{what}: {AlertText.OneLine(complaint!.ToString())}");
        if (reading["hindrance"] is { } hindrance)
            text.AppendLine($"CANNOT BE ACCEPTED: {AlertText.OneLine(hindrance.ToString())}");
        if (reading["needsRestart"]?.GetValue<bool>() == true)
            text.AppendLine("it changes 'protected' or 'automation': it comes into force with the server's next start");
        return text.ToString().TrimEnd();
    }

    private static string Path(int number) =>
        $"{Proposals}/{number.ToString(CultureInfo.InvariantCulture)}";

    private static Option<string> By() =>
        new("--by") { Description = "Who you are, by your 'id' in the plan", Required = true };
}
