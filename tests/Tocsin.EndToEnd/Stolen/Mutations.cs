using Tocsin.Chains;
using Tocsin.Decisions;
using Tocsin.Evm;
using Tocsin.Evm.Abi;
using Tocsin.Signing;

namespace Tocsin.EndToEnd.Stolen;

/// <summary>A request with one thing changed in it.</summary>
/// <param name="StaysWithin">True where it asks for nothing but what people agreed to: it may be granted.</param>
internal sealed record Mutation(string What, SignRequest Request, bool StaysWithin = false);

/// <summary>Every field of a request to sign, changed in every way that we could think of, one at a time.</summary>
internal sealed class Mutations(PlainPolicy policy, Consents consents, PrivateKey thief)
{
    private const ulong Gwei = 1_000_000_000;

    /// <summary>What the server would ask, had people agreed to it.</summary>
    public static SignRequest Honest(Consent consent, int call = 0) => new(
        consent.Decision, consent.Action, consent.Approvals, call, 200_000, 30 * Gwei, Gwei);

    public IEnumerable<Mutation> Of(SignRequest request) =>
        [.. OfDecision(request), .. OfCalls(request), .. OfApprovals(request), .. OfTheRest(request)];

    /// <summary>Those of one of the four parts of a request.</summary>
    public IReadOnlyList<Mutation> Some(SignRequest request, int part) =>
    [
        .. part switch
        {
            0 => OfDecision(request),
            1 => OfCalls(request),
            2 => OfApprovals(request),
            _ => OfTheRest(request),
        },
    ];

    private static IEnumerable<Mutation> OfDecision(SignRequest request)
    {
        var decision = request.Decision;
        Mutation With(string what, EmergencyDecision changed, bool within = false) =>
            new(what, request with { Decision = changed }, within);
        yield return With("no id", decision with { Id = Hash32.Zero });
        yield return With("the plan's hash as id", decision with { Id = decision.PlanHash });
        foreach (var use in (ulong[])[0, 1, 2, 7, ulong.MaxValue])
        {
            var id = DecisionTypedData.Id(decision.PlanHash, request.Action, use);
            if (id != decision.Id)
                yield return With($"the id of use {use}", decision with { Id = id });
        }
        yield return With("as an exercise", decision with { Exercise = !decision.Exercise });
        var other = Keccak256.Hash("the thief's plan");
        yield return With("another plan", decision with { PlanHash = other });
        yield return With(
            "another plan and its id",
            decision with { PlanHash = other, Id = DecisionTypedData.Id(other, request.Action, 0) });
        yield return With("a second later", decision with { ExpiresAt = decision.ExpiresAt.AddSeconds(1) });
        yield return With("for ever", decision with { ExpiresAt = DateTimeOffset.MaxValue });
        yield return With("before 1970", decision with { ExpiresAt = DateTimeOffset.MinValue });
        yield return With("expired", decision with { ExpiresAt = DateTimeOffset.UnixEpoch });
        // Whole seconds are signed, so it is the same decision.
        yield return With("half a second later", decision with { ExpiresAt = decision.ExpiresAt.AddSeconds(.5) }, true);
    }

    private IEnumerable<Mutation> OfCalls(SignRequest request)
    {
        var calls = request.Decision.Calls;
        Mutation With(string what, params Call[] changed) =>
            new(what, request with { Decision = request.Decision with { Calls = [.. changed] } });
        yield return With("no calls");
        yield return With("a call more", [.. calls, consents.Call("market", Consents.Week - 1)]);
        yield return With("the first twice", [calls[0], .. calls]);
        if (calls.Count > 1)
        {
            yield return With("a call less", [calls[0]]);
            yield return With("turned round", [.. calls.Reverse()]);
        }
        foreach (var (what, call) in OfCall(calls[0]))
            yield return With(what, [call, .. calls.Skip(1)]);
    }

    private IEnumerable<(string What, Call Call)> OfCall(Call call)
    {
        yield return ("another chain", call with { Chain = new ChainId(1) });
        yield return ("the thief as target", call with { Target = thief.Address });
        yield return ("nobody as target", call with { Target = Address.Zero });
        yield return ("one wei", call with { ValueWei = UInt256.One });
        yield return ("all wei", call with { ValueWei = UInt256.MaxValue });
        yield return ("no data", call with { Data = [] });
        yield return ("three bytes", call with { Data = [.. call.Data.Take(3)] });
        yield return ("a byte behind", call with { Data = [.. call.Data, 0] });
        yield return ("a byte less", call with { Data = [.. call.Data.SkipLast(1)] });
        yield return ("another module", consents.Call("treasury", Consents.Day));
        foreach (var seconds in (ulong[])[0, 1, 3_599, 604_799, 604_801, ulong.MaxValue])
            yield return ($"{seconds} seconds", consents.Call("market", seconds));
        for (var at = 0; at < call.Data.Count; at += 9)
            yield return ($"byte {at} turned", call with
            {
                Data = [.. call.Data.Select((b, i) => i == at ? (byte)(b ^ 0x40) : b)],
            });
        foreach (var signature in (string[])["unpause(bytes32,bytes32)", "leaveRole()", "removeFromRole(address)",
            "offerRole(address,uint8)", "transfer(address,uint256)", "setRule(address)"])
            yield return (signature, call with
            {
                Data = [.. AbiSelector.Of(signature).ToArray(), .. call.Data.Skip(4)],
            });
    }

    private IEnumerable<Mutation> OfApprovals(SignRequest request)
    {
        var given = request.Approvals;
        Mutation With(string what, bool within, params string[] approvals) =>
            new(what, request with { Approvals = [.. approvals] }, within);
        var own = Consents.Sign(thief, request.Decision);
        yield return With("no approvals", false);
        yield return With("the first alone", false, given[0]);
        yield return With("the first twice", false, given[0], given[0]);
        yield return With("the first in two spellings", false, given[0], given[0].ToUpperInvariant().Replace('X', 'x'));
        yield return With("the thief's own", false, own, own);
        yield return With("one and the thief's", false, given[0], own);
        foreach (var other in consents.All.Where(consent => consent.Decision != request.Decision).Take(6))
            yield return With($"those of what was {other.Name}", false, [.. other.Approvals]);
        yield return With("what is no signature", false, "", "0x", "0x" + new string('f', 130), given[0][..^2]);
        if (given.Count < 2)
            yield break;
        yield return With("the second alone", false, given[1]);
        yield return With("a high s", false, given[0], HighS(given[1]));
        yield return With("both with a high s", false, HighS(given[0]), HighS(given[1]));
        yield return With("v flipped", false, given[0], Flipped(given[1]));
        yield return With("a nibble turned", false, given[0], given[1][..40] + Turned(given[1][40]) + given[1][41..]);
        yield return With("too many before them", true, [.. Enumerable.Repeat(own, 200), .. given]);
        yield return With("turned round", true, given[1], given[0]);
        yield return With("with others between", true, own, given[0], "0x", given[1], given[1]);
    }

    private IEnumerable<Mutation> OfTheRest(SignRequest request)
    {
        foreach (var action in (string[])["", "unpause", new('a', 201), request.Action + " ", "pause-everything"])
            yield return new Mutation($"action '{action}'", request with { Action = action });
        foreach (var call in (int[])[-1, request.Decision.Calls.Count, int.MaxValue, int.MinValue])
            yield return new Mutation($"call {call}", request with { Call = call });
        foreach (var gas in (ulong[])[0, 21_000, policy.MinGas - 1, policy.MaxGas + 1, ulong.MaxValue])
            yield return new Mutation($"{gas} gas", request with { GasLimit = gas });
        var ceiling = (UInt256)policy.CeilingGwei * Gwei;
        foreach (var fee in (UInt256[])[ceiling + UInt256.One, UInt256.MaxValue])
            yield return new Mutation($"{fee} wei per gas", request with { MaxFeePerGasWei = fee });
        yield return new Mutation("a tip above the fee", request with
        {
            MaxFeePerGasWei = Gwei,
            MaxPriorityFeePerGasWei = Gwei + 1,
        });
    }

    // The other of the two numbers that verify with the same key (EIP-2).
    private static string HighS(string signature)
    {
        var order = new UInt256(
            Hex.Parse("0xfffffffffffffffffffffffffffffffebaaedce6af48a03bbfd25e8cd0364141"));
        var bytes = Hex.Parse(signature);
        (order - new UInt256(bytes.AsSpan(32, 32))).CopyTo(bytes.AsSpan(32));
        bytes[64] = (byte)(bytes[64] == 27 ? 28 : 27);
        return Hex.Format(bytes);
    }

    private static string Flipped(string signature) => signature[..^2] + (signature.EndsWith("1b") ? "1c" : "1b");

    private static char Turned(char digit) => digit == '0' ? '1' : '0';
}
