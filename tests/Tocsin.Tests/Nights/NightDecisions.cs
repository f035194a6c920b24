using System.Text.Json.Nodes;

namespace Tocsin.Tests.Nights;

/// <summary>
/// What people say of decisions in a night, by the API.
/// <code>
/// 0:05 ada asks call-the-exchange the thief is depositing
/// 0:06 ben decides 1
/// 0:07 ada hears ben 1 yes, call them
/// 0:08 ben acts-first call-the-exchange there is no time
/// 0:09 dee ratifies 1
/// 0:10 cem declines 1 it is the wrong exchange
/// 0:11 ben executes 1 they have stopped it
/// 0:12 cem reviews 1 the right desk
/// </code>
/// </summary>
internal static class NightDecisions
{
    public static (string Path, JsonObject Body) Of(string by, string deed, string rest)
    {
        var (first, words) = rest.Split(' ', 2) is [var one, var more] ? (one, more) : (rest, "");
        return deed switch
        {
            "asks" => ("ledger", new JsonObject { ["by"] = by, ["rule"] = first, ["words"] = words }),
            "acts-first" => (
                "ledger/act-first", new JsonObject { ["by"] = by, ["rule"] = first, ["reason"] = words }),
            "decides" => ($"ledger/{first}/approve", new JsonObject { ["by"] = by }),
            "ratifies" => ($"ledger/{first}/ratify", new JsonObject { ["by"] = by }),
            "declines" => ($"ledger/{first}/decline", new JsonObject { ["by"] = by, ["reason"] = words }),
            "executes" => ($"ledger/{first}/execute", new JsonObject { ["by"] = by, ["words"] = words }),
            "reviews" => ($"ledger/{first}/review", new JsonObject { ["by"] = by, ["words"] = words }),
            "hears" => ($"ledger/{words.Split(' ')[0]}/attest", new JsonObject
            {
                ["by"] = by,
                ["of"] = first,
                ["means"] = "phone",
                ["words"] = words.Split(' ', 2)[1],
            }),
            _ => throw new InvalidOperationException($"nobody can '{deed}'"),
        };
    }
}
