using System.CommandLine;
using System.Globalization;
using System.Text.Json.Nodes;
using Tocsin.Chains;
using Tocsin.Channels;
using Tocsin.Evm;
using Tocsin.Texts;
using static Tocsin.Commands.ServerCommand;

namespace Tocsin.Commands;

/// <summary><c>tocsin operation</c>: what we are about to do ourselves, so that it wakes nobody.</summary>
internal static class OperationCommand
{
    private const string Route = "/api/operations/";

    public static Command Create() =>
        new("operation", "Operations of ours that are announced: exactly these wake nobody as an attack")
        {
            Announce(), Listing("list", "What was announced, and by whom", Route, InWords), Withdraw(),
            ServerToken.File,
        };

    private static Command Announce()
    {
        var (name, reason) = (Name(), Reason());
        var (from, to) = (Instant("--from", "When it may be earliest"), Instant("--to", "When it may be latest"));
        var account = new Option<string>("--account") { Description = "The account that sends it", Required = true };
        var target = new Option<string>("--target")
        {
            Description = "What it calls itself: an address, or a contract or control of the plan",
            Required = true,
        };
        var calldata = new Option<string[]>("--calldata")
        {
            Description = "The data of the call, 0x and hexadecimal; may be given again",
        };
        var hash = new Option<string[]>("--calldata-hash") { Description = "Or its Keccak-256; may be given again" };
        return Acting("announce", "Announce one for a window of at most 14 days", [name],
            [from, to, account, target, calldata, hash, reason], _ => Route, (parsed, by) => new JsonObject
            {
                ["name"] = parsed.GetValue(name),
                ["from"] = Read(parsed.GetValue(from)!),
                ["to"] = Read(parsed.GetValue(to)!),
                ["account"] = parsed.GetValue(account),
                ["target"] = parsed.GetValue(target),
                ["calldata"] = new JsonArray([
                    .. (parsed.GetValue(hash) ?? []).Concat((parsed.GetValue(calldata) ?? []).Select(HashOf))
                        .Select(one => (JsonNode)one),
                ]),
                ["by"] = by,
                ["reason"] = parsed.GetValue(reason),
            });
    }

    private static Command Withdraw()
    {
        var (name, reason) = (Name(), Reason());
        return Acting("withdraw", "It is not to come any more", [name], [reason],
            parsed => $"{Route}{Uri.EscapeDataString(parsed.GetValue(name)!)}/withdraw",
            (parsed, by) => new JsonObject { ["by"] = by, ["reason"] = parsed.GetValue(reason) });
    }

    private static string InWords(JsonNode operations) => operations.AsArray() is { Count: > 0 } rows
        ? string.Join(Environment.NewLine, rows.Select(row => Row(row!)))
        : "nothing is announced";

    private static string Row(JsonNode row)
    {
        var operation = row["operation"]!;
        var over = row["withdrawnBecause"] is { } why ? $"  withdrawn ({AlertText.OneLine(why.ToString())})" : "";
        return $"{AlertText.OneLine(operation["name"]!.ToString())}  {IncidentWords.At(operation, "from")} to "
            + $"{IncidentWords.At(operation, "to")}  {operation["account"]} calls {operation["target"]}  "
            + $"{AlertText.OneLine(operation["by"]!.ToString())}: {AlertText.OneLine(operation["reason"]!.ToString())}"
            + over;
    }

    private static string HashOf(string data) => Hex.TryParse(data, out var bytes) && bytes.Length > 0
        ? Keccak256.Hash(bytes).ToString()
        : throw new InputException("--calldata takes the data of the call: 0x and hexadecimal digits");

    private static DateTimeOffset Read(string text) =>
        DateTimeOffset.TryParse(
            text, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal | DateTimeStyles.AdjustToUniversal,
            out var instant)
            ? instant
            : throw new InputException($"'{text}' is no instant: write it as 2026-03-01T14:00Z");

    private static Argument<string> Name() => new("NAME") { Description = "Of letters, digits, '-' and '_'" };

    private static Option<string> Instant(string name, string description) =>
        new(name) { Description = $"{description}, in UTC, for example 2026-03-01T14:00Z", Required = true };
}
