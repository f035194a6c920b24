using Tocsin.Chains;
using Tocsin.Decisions;
using Tocsin.Evm;
using Tocsin.Evm.Safes;
using Tocsin.Texts;

namespace Tocsin.Plans;

/// <summary>Actions as a plan writes them.</summary>
internal static class ActionText
{
    private static readonly string[] Means = ["calls", "cancel", "safe", "hook", "manual"];
    private static readonly string[] Methods = ["POST", "PUT", "PATCH", "DELETE", "GET"];

    public static PlannedAction Read(YamlPart part, string id, PlanNames names)
    {
        part.Knows([
            "id", "what", .. Means, "by", "needs", "then", "changes", "harm", "must_foresee", "side_effects",
            "reversal", "alternative",
        ]);
        var means = Means.Where(one => part.Optional(one) is not null).ToList();
        if (means.Count == 0)
            part.Required("calls");
        if (means.Count > 1)
            part.Complain($"an action acts by one of {string.Join(", ", Means)}, not by several; make one action of "
                + "each and name another as 'alternative'");
        var action = new PlannedAction(
            id,
            part.Required("what").Text(),
            part.Optional("calls")?.Items().Select(call => CallText.Call(call, names, names.Chain)).ToValueList() ?? [],
            part.At)
        {
            Safe = part.Optional("safe") is { } safe ? Safe(safe, names) : null,
            Hook = part.Optional("hook") is { } hook ? Hook(hook) : null,
            Manual = part.Optional("manual") is { } manual ? Manual(manual) : null,
            By = part.Optional("by") is { } by ? Senders(by) : null,
            Needs = Reads(part.Optional("needs"), names),
            Then = Reads(part.Optional("then"), names),
            Changes = part.Optional("changes")?.Items().Select(names.Read).ToValueList() ?? [],
            Harm = part.Optional("harm")?.Items().Select(harm => CallText.Harm(harm, names)).ToValueList() ?? [],
            MustForesee = part.Optional("must_foresee")?.Flag() ?? false,
            SideEffects = part.Optional("side_effects")?.Items().Select(item => item.Text()).ToValueList() ?? [],
            Reversal = Reversal(part.Optional("reversal")),
            Alternative = part.Optional("alternative")?.Text(),
        };
        if (action.Safe is { } through)
            return action with { Calls = [.. action.Calls, .. through.Calls.Select(call => Through(through, call))] };
        if (part.Optional("cancel") is not { } cancel)
            return action;
        var (call, pending, gone) = CallText.Cancel(cancel, names);
        return action with
        {
            Calls = action.Calls.Add(call),
            Needs = action.Needs.Add(pending),
            Then = action.Then.Add(gone),
        };
    }

    private static ValueList<PlannedRead> Reads(YamlPart? part, PlanNames names) =>
        part?.Items().Select(read => CallText.Read(read, names)).ToValueList() ?? [];

    private static string? Reversal(YamlPart? part)
    {
        if (part is not { IsMapping: true })
            return part?.Text();
        part.Complain("nothing is taken back by itself: write in words how people do it, or the id of an action that "
            + "a decision of its own decides");
        return null;
    }

    private static PlannedSenders Senders(YamlPart part) => part.IsMapping
        ? new PlannedSenders(
            part.Knows("group", "at_least").Required("group").Text(),
            part.Optional("at_least")?.Number(1, 50) ?? 1,
            part.At)
        : new PlannedSenders(part.Text(), null, part.At);

    private static PlannedSafe Safe(YamlPart part, PlanNames names)
    {
        part.Knows("safe", "chain", "calls", "threshold", "owners", "nonce");
        var chain = names.ChainOf(part.Optional("chain"));
        var safe = part.Required("safe");
        return new PlannedSafe(
            safe.Text(),
            chain,
            names.Control(safe, "Safe"),
            part.Required("calls").Items().Select(call => CallText.Call(call, names, chain)).ToValueList(),
            part.Required("threshold").Number(1, 100),
            part.Required("owners").Items().Select(Owner).ToValueList(),
            part.Optional("nonce")?.Quantity(),
            part.At);
    }

    /// <summary>
    /// The call that has the Safe make the call, without the owners' signatures: it names no nonce, so that what
    /// approvers sign stays good whatever else the Safe does.
    /// </summary>
    private static PlannedCall Through(PlannedSafe safe, PlannedCall inner)
    {
        var (chain, to, value, data) = inner.Call;
        var calldata = new SafeTransaction(chain, safe.Address, to, value, data).Calldata([]);
        return inner with
        {
            Call = new Call(chain, safe.Address, UInt256.Zero, calldata.ToValueList()),
            InWords = $"Safe '{safe.Name}' calls {inner.InWords}",
            Inner = inner,
        };
    }

    private static Address Owner(YamlPart part) => part.Parsed<Address>(
        text => ChecksumAddress.TryParse(text, out var address) ? address : null,
        "an address with a right checksum");

    private static PlannedHook Hook(YamlPart part)
    {
        part.Knows("method", "url", "headers", "body", "expect", "run", "exercise");
        return new PlannedHook(
            part.Optional("method")?.OneOf(MethodNumbers) is { } method ? Methods[method] : Methods[0],
            Url(part.Required("url")),
            part.Optional("headers")?.Entries().Select(entry => Header(entry.Key, entry.Value)).ToValueList() ?? [],
            part.Optional("body")?.Text(),
            part.Optional("expect")?.Number(200, 599) ?? 200,
            part.At)
        {
            AtOnce = part.Optional("run")?.OneOf(Runs) ?? false,
            InExercises = part.Optional("exercise")?.Flag() ?? false,
        };
    }

    private static readonly Dictionary<string, bool> Runs = new() { ["on-request"] = false, ["at-once"] = true };

    private static readonly Dictionary<string, int> MethodNumbers =
        Methods.Select((name, at) => (name, at)).ToDictionary(pair => pair.name, pair => pair.at);

    private static HookHeader Header(string name, YamlPart value)
    {
        if (name.Length is 0 or > 100 || !name.All(c => char.IsAsciiLetterOrDigit(c) || c is '-' or '_'))
            value.Complain("the name of a header has letters, digits and hyphens");
        return new HookHeader(name, value.Line());
    }

    // What is not encrypted goes no further than this machine.
    private static string Url(YamlPart part)
    {
        var text = part.Line();
        if (text.Length == 0 || Configuration.Secret.IsReference(text))
            return text;
        if (!Uri.TryCreate(text, UriKind.Absolute, out var url)
            || !(url.Scheme == Uri.UriSchemeHttps || (url.Scheme == Uri.UriSchemeHttp && url.IsLoopback)))
            part.Complain("a hook has an address that begins with https://, or with http:// on this machine, or a "
                + "reference to one: env:NAME or file:PATH");
        return text;
    }

    private static ManualStep Manual(YamlPart part) => new(
        part.Knows("text", "who", "expected").Required("text").Text(),
        part.Required("who").Text(),
        part.Optional("expected")?.Duration() ?? ManualStep.Usual,
        part.At);
}
