using System.CommandLine;
using System.Text.Json;
using Tocsin.Configuration;
using Tocsin.People;
using Tocsin.Recording;

namespace Tocsin.Commands;

/// <summary><c>tocsin person</c>: when one of us is compromised.</summary>
internal static class PersonCommand
{
    public static Command Create() =>
        new("person", "The people of the plan, and when one of us is compromised")
        {
            Revoke(), List(), Review(), Restore(), ServerToken.File,
        };

    private static Installed Server(ParseResult parsed, Option<string> config) =>
        new(TocsinConfiguration.Load(parsed.GetValue(config)!), ServerToken.Of(parsed));

    private static Command Revoke()
    {
        var (person, config, json) = (Person(), Config(), Json());
        var (by, reason) = (By(), Reason());
        var even = new Option<bool>("--even-if-unfillable")
        {
            Description = "Also where a decision is left that nobody can take any more",
        };
        var command = new Command(
            "revoke",
            "From now on this person does nothing here; lists what they had approved and done. "
            + "1: not done, because nobody could take a decision any more")
        {
            person, config, by, reason, even, json,
        };
        command.SetAction(async (parsed, cancellationToken) =>
        {
            using var people = Server(parsed, config);
            var submitted = new SubmittedRevocation(
                parsed.GetValue(by)!, parsed.GetValue(reason)!, parsed.GetValue(even));
            var report = await people.RevokeAsync(parsed.GetValue(person)!, submitted, cancellationToken);
            if (parsed.GetValue(json))
                Console.Out.WriteLine(JsonSerializer.Serialize(report, EventJson.Printed));
            var words = parsed.GetValue(json) || report.Error is not null ? Console.Error : Console.Out;
            await words.WriteAsync(PersonWords.Of(report));
            return report switch
            {
                { Error: null } => ExitCode.Done,
                { IsUnfillable: true } => ExitCode.FoundWrong,
                _ => ExitCode.NotUsable,
            };
        });
        return command;
    }

    private static Command List()
    {
        var (config, json) = (Config(), Json());
        var command = new Command("list", "Who is in the plan, and who is revoked since when and by whom")
        {
            config, json,
        };
        command.SetAction(async (parsed, cancellationToken) =>
        {
            using var people = Server(parsed, config);
            var rows = await people.ListAsync(cancellationToken);
            Console.Out.Write(parsed.GetValue(json)
                ? JsonSerializer.Serialize(rows, EventJson.Printed) + Environment.NewLine
                : PersonWords.Of(rows));
            return ExitCode.Done;
        });
        return command;
    }

    private static Command Review()
    {
        var (person, config, json) = (Person(), Config(), Json());
        var command = new Command("review", "What this person approved, acknowledged and did, in all incidents")
        {
            person, config, json,
        };
        command.SetAction(async (parsed, cancellationToken) =>
        {
            using var people = Server(parsed, config);
            var deeds = await people.ReviewAsync(parsed.GetValue(person)!, cancellationToken);
            Console.Out.Write(parsed.GetValue(json)
                ? JsonSerializer.Serialize(deeds, EventJson.Printed) + Environment.NewLine
                : PersonWords.Of(deeds));
            return ExitCode.Done;
        });
        return command;
    }

    private static Command Restore()
    {
        var (person, config) = (Person(), Config());
        var (by, reason) = (By(), Reason());
        var command = new Command(
            "restore",
            "This person acts again, with the other wallet that the plan's file gives them now; the server must not "
            + "be running")
        {
            person, config, by, reason,
        };
        command.SetAction(parsed =>
        {
            var (configuration, plan) = PlanCommand.LoadChecked(parsed.GetValue(config)!);
            using var people = new Installed(configuration);
            var who = parsed.GetValue(person)!;
            if (people.Restore(plan, who, parsed.GetValue(by)!, parsed.GetValue(reason)!) is { } refusal)
            {
                Console.Error.WriteLine(refusal);
                return ExitCode.NotUsable;
            }
            Console.Out.WriteLine($"{who} acts again from the server's next start on; the old wallet and links do not");
            return ExitCode.Done;
        });
        return command;
    }

    private static Argument<string> Person() => new("PERSON") { Description = "As the plan names them: their 'id'" };

    private static Option<string> Config() =>
        new("--config") { Description = "The folder of tocsin.yaml", Required = true };

    private static Option<string> By() =>
        new("--by") { Description = "Who says so: your 'id' in the plan", Required = true };

    private static Option<string> Reason() =>
        new("--reason") { Description = "Why; everybody is told", Required = true };

    private static Option<bool> Json() => new("--json") { Description = "Print one JSON document on standard output" };
}
