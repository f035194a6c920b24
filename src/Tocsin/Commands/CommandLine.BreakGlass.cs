using System.CommandLine;
using Tocsin.BreakGlass;

namespace Tocsin.Commands;

/// <content>What is done while the server is off.</content>
internal static partial class CommandLine
{
    public static Command Contain()
    {
        var action = new Argument<string?>("ACTION") { Description = "The prepared action, by its id in the plan" };
        action.Arity = ArgumentArity.ZeroOrOne;
        var config = Config();
        var list = Flag("--list", "Try every prepared action against the chain, and say which could be done");
        var rpc = Files("--rpc", "Nodes in the place of those configured; CHAIN=URL for a chain that is not watched");
        var signer = Value<string?>("--signer", "The signer's socket, in the place of the one configured");
        var approvals = Files("--approvals", "Files with approvals: a signature a line, or JSON");
        var journal = Value<string?>("--journal", "What was done is kept here; DIR/contain-ACTION.journal");
        var valid = Value<string?>("--valid-for", "How long approvals count, such as 1h; as the plan says without it");
        var dry = Flag("--dry-run", "Only simulate; nothing is written, signed or sent");
        var json = Flag("--json", "Print one JSON document on standard output");
        var command = new Command(
            "contain",
            "Break glass: take a prepared action with nothing but a node and a signer, the server being off. "
            + "0: every call had its effect; 1: not; 2: what was given cannot be used. With --list: 0: all are ready")
        {
            action, config, list, rpc, signer, approvals, journal, valid, dry, json,
        };
        command.Validators.Add(result =>
        {
            if (result.GetValue(list) == result.GetValue(action) is not null)
                result.AddError("contain takes the ACTION to take, or --list");
        });
        command.SetAction((parsed, cancellationToken) => parsed.GetValue(list)
            ? ContainCommand.ListAsync(
                parsed.GetValue(config)!, parsed.GetValue(json), Console.Out, cancellationToken)
            : BreakGlassCommand.RunAsync(
                new ContainOptions(
                    parsed.GetValue(config)!, parsed.GetValue(action)!, parsed.GetValue(rpc) ?? [],
                    parsed.GetValue(signer), parsed.GetValue(approvals) ?? [], parsed.GetValue(journal),
                    parsed.GetValue(valid), parsed.GetValue(dry), parsed.GetValue(json)),
                cancellationToken));
        return command;
    }

    public static Command Incident()
    {
        var file = new Argument<string>("JOURNAL") { Description = "What 'contain' wrote" };
        var config = Config();
        var import = new Command(
            "import", "Bring a journal of 'contain' into the log; the server must not be running")
        {
            file, config,
        };
        import.SetAction(parsed => BreakGlassCommand.Import(parsed.GetValue(file)!, parsed.GetValue(config)!));
        return new Command("incident", "Incidents from outside the pages") { import };
    }
}
