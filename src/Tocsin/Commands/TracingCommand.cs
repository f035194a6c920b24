using System.CommandLine;
using System.Text.Json.Nodes;

namespace Tocsin.Commands;

/// <summary>
/// <c>tocsin incident address</c>, <c>funds</c> and <c>transaction</c>: where it went, as people find it out.
/// </summary>
internal static class TracingCommand
{
    public static IEnumerable<Command> All() => [Address(), Funds(), Transaction()];

    private static Command Address()
    {
        var address = new Argument<string>("ADDRESS") { Description = "0x and 40 digits" };
        var status = new Argument<string>("STATUS")
        {
            Description = "attacker, victim, laundering, frozen, ours or cleared",
        };
        status.AcceptOnlyFromAmong("attacker", "victim", "laundering", "frozen", "ours", "cleared");
        var (words, chain) = (Words(), Chain());
        return IncidentCommand.OnOne("address", "Say what an address is; the last word on it counts",
            "records/addresses", [address, status], [words, chain], (parsed, by) => new JsonObject
            {
                ["address"] = parsed.GetValue(address),
                ["status"] = parsed.GetValue(status),
                ["words"] = parsed.GetValue(words),
                ["chain"] = parsed.GetValue(chain),
                ["by"] = by,
            });
    }

    private static Command Funds()
    {
        var from = new Argument<string>("FROM") { Description = "The address that lost or sent it" };
        var asset = new Argument<string>("ASSET") { Description = "For example USDC" };
        var units = new Argument<string>("UNITS") { Description = "How much, in its usual unit, for example 1250.5" };
        var kind = new Argument<string>("KIND")
        {
            Description = "taken, passed, swapped, bridged, frozen, returned or rescued",
        };
        kind.AcceptOnlyFromAmong("taken", "passed", "swapped", "bridged", "frozen", "returned", "rescued");
        var to = new Option<string?>("--to") { Description = "Where it went, if that is known" };
        var transaction = new Option<string?>("--transaction") { Description = "By which transaction" };
        var recovery = new Option<string?>("--recovery")
        {
            Description = "open, requested, frozen, recovered or lost",
        };
        recovery.AcceptOnlyFromAmong("open", "requested", "frozen", "recovered", "lost");
        var (words, chain) = (Words(), Chain());
        return IncidentCommand.OnOne("funds", "Record where funds went", "records/funds", [from, asset, units, kind],
            [to, transaction, recovery, words, chain], (parsed, by) => new JsonObject
            {
                ["from"] = parsed.GetValue(from),
                ["to"] = parsed.GetValue(to),
                ["transaction"] = parsed.GetValue(transaction),
                ["asset"] = parsed.GetValue(asset),
                ["units"] = parsed.GetValue(units),
                ["kind"] = parsed.GetValue(kind),
                ["recovery"] = parsed.GetValue(recovery),
                ["words"] = parsed.GetValue(words),
                ["chain"] = parsed.GetValue(chain),
                ["by"] = by,
            });
    }

    private static Command Transaction()
    {
        var transaction = new Argument<string>("TRANSACTION") { Description = "0x and 64 digits" };
        var words = new Argument<string>("WORDS") { Description = "What it does, in a sentence" };
        var chain = Chain();
        return IncidentCommand.OnOne("transaction", "Note what a transaction does", "records/transactions",
            [transaction, words], [chain], (parsed, by) => new JsonObject
            {
                ["transaction"] = parsed.GetValue(transaction),
                ["words"] = parsed.GetValue(words),
                ["chain"] = parsed.GetValue(chain),
                ["by"] = by,
            });
    }

    private static Option<string?> Words() => new("--words") { Description = "How you know it, for the log" };

    private static Option<ulong?> Chain() => new("--chain") { Description = "By its number; that of the plan without" };
}
