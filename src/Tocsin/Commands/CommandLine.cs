using System.CommandLine;
using Tocsin.Demo;
using Tocsin.Storage;
using Tocsin.Texts;

namespace Tocsin.Commands;

/// <summary>The commands as people type them. Faults end here, once, as one sentence and an exit code.</summary>
internal static class CommandLine
{
    public static async Task<int> RunAsync(string[] arguments, RootCommand root)
    {
        var parsed = root.Parse(arguments);
        if (parsed.Errors.Count > 0)
        {
            foreach (var error in parsed.Errors)
                await Console.Error.WriteLineAsync(error.Message);
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
        catch (Exception e) when (e is InputException or StorageException)
        {
            await Console.Error.WriteLineAsync(e.Message);
            return ExitCode.NotUsable;
        }
        catch (OperationCanceledException)
        {
            return ExitCode.Done;
        }
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
        var scenario = Value<string>("--scenario", "What happens");
        scenario.DefaultValueFactory = _ => DemoStory.Scenario;
        scenario.AcceptOnlyFromAmong(DemoStory.Scenario);
        var command = new Command(
            "demo", "The main job on this machine: a local chain, a protocol, an attack, and everything that follows")
        {
            once, json, port, scenario,
        };
        command.SetAction((parsed, cancellationToken) => DemoCommand.RunAsync(
            parsed.GetValue(once), parsed.GetValue(json), parsed.GetValue(port), cancellationToken));
        return command;
    }

    public static Command Init()
    {
        var directory = Folder("An empty or new folder");
        var command = new Command("init", "Write a commented configuration with the start-up plan") { directory };
        command.SetAction(parsed => InitCommand.Run(parsed.GetValue(directory)!));
        return command;
    }

    public static Command Serve()
    {
        var config = Config();
        var command = new Command("serve", "Watch, respond, web pages and API") { config };
        command.SetAction((parsed, cancellationToken) =>
            ServeCommand.RunAsync(parsed.GetValue(config)!, cancellationToken));
        return command;
    }

    public static Command Signer()
    {
        var policy = Value<string>("--policy", "What is signed, and for whom");
        policy.Required = true;
        var user = Value<string?>("--user", "UID:GID to become before the key is read; needs root");
        var command = new Command("signer", "The key-holding process, on a Unix socket") { policy, user };
        command.SetAction((parsed, cancellationToken) =>
            SignerCommand.RunAsync(parsed.GetValue(policy)!, parsed.GetValue(user), cancellationToken));
        return command;
    }

    public static Command Plan()
    {
        var directory = Folder("The folder of tocsin.yaml, or of plan.yaml");
        var strict = Flag("--strict", "Warnings too are an error");
        var json = Flag("--json", "Print one JSON document on standard output");
        var check = new Command("check", "Lint the plan: names, mappings, approvers, ways to reach people")
        {
            directory, strict, json,
        };
        check.SetAction(parsed => PlanCommand.Check(
            parsed.GetValue(directory)!, parsed.GetValue(strict), parsed.GetValue(json)));
        return new Command("plan", "The emergency response plan") { check };
    }

    public static Command Audit()
    {
        var config = Config();
        var head = Value<string?>("--head", "A head that you kept, NUMBER:HASH, as alerts carry it");
        var verify = new Command("verify", "Check the hash chain of the event log; the server must not be running")
        {
            config, head,
        };
        verify.SetAction(parsed => AuditCommand.Verify(parsed.GetValue(config)!, parsed.GetValue(head)));
        return new Command("audit", "The event log as evidence") { verify };
    }

    private static Option<string> Config()
    {
        var config = Value<string>("--config", "The folder of tocsin.yaml");
        config.Required = true;
        return config;
    }

    private static Argument<string> Folder(string description) => new("DIR") { Description = description };

    private static Option<bool> Flag(string name, string description) => Value<bool>(name, description);

    private static Option<T> Value<T>(string name, string description) => new(name) { Description = description };
}
