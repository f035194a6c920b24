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
        var config = Value<string?>("--config", "The folder of tocsin.yaml");
        var bundle = Value<string?>("--bundle", "What 'contain bundle' wrote, in the place of configuration and plan");
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
            action, config, bundle, list, rpc, signer, approvals, journal, valid, dry, json, BundleOf(),
        };
        command.Validators.Add(result =>
        {
            if (result.GetValue(list) == result.GetValue(action) is not null)
                result.AddError("contain takes the ACTION to take, or --list");
            if (result.GetValue(config) is null == result.GetValue(bundle) is null)
                result.AddError("contain takes --config DIR, or --bundle PATH where there is none");
        });
        command.SetAction((parsed, cancellationToken) =>
        {
            var options = new ContainOptions(
                parsed.GetValue(config), parsed.GetValue(action) ?? "", parsed.GetValue(rpc) ?? [],
                parsed.GetValue(signer), parsed.GetValue(approvals) ?? [], parsed.GetValue(journal),
                parsed.GetValue(valid), parsed.GetValue(dry), parsed.GetValue(json), parsed.GetValue(bundle));
            return parsed.GetValue(list)
                ? ContainCommand.ListAsync(options, Console.Out, cancellationToken)
                : BreakGlassCommand.RunAsync(options, cancellationToken);
        });
        return command;
    }

    private static Command BundleOf()
    {
        var actions = new Argument<string[]>("ACTIONS") { Description = "Those that the page writes out; all without" };
        actions.Arity = ArgumentArity.ZeroOrMore;
        var config = Config();
        var output = Value<string>("--out", "An empty or new folder, or the name of a new .zip");
        output.DefaultValueFactory = _ => "tocsin-bundle";
        var signer = Value<string?>("--signer", "The signer's socket: with the open uses there is data to sign");
        var valid = Value<string?>("--valid-for", "How long approvals of that data count; as the plan says without it");
        var command = new Command(
            "bundle",
            "Write all that acting takes without configuration and server, with a page for people. It holds no secret. "
            + "0: written; 1: the signer does not answer")
        {
            actions, config, output, signer, valid,
        };
        command.SetAction((parsed, cancellationToken) => BundleCommand.WriteAsync(
            new BundleOptions(
                parsed.GetValue(config)!, parsed.GetValue(actions) ?? [], parsed.GetValue(output)!,
                parsed.GetValue(signer), parsed.GetValue(valid)),
            Console.Out, cancellationToken));
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
        return IncidentCommand.Create(import);
    }
}
