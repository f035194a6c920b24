using System.Diagnostics.CodeAnalysis;
using Tocsin.Chains;
using Tocsin.Decisions;
using Tocsin.Evm.Abi;
using Tocsin.Signing;
using Tocsin.Texts;

namespace Tocsin.Plans;

/// <summary>Calls and reads of contracts as a plan writes them: a signature, and arguments that fit it.</summary>
internal static class CallText
{
    private static readonly string[] Durations =
        ["duration", "durationseconds", "durationinseconds", "pauseduration", "pauseseconds"];

    private static readonly string[] Relations = ["equals", "at_least", "at_most", "is_true"];

    private static readonly AbiFunction TimelockCancel = AbiFunction.Parse("cancel(bytes32 id)");
    private static readonly AbiFunction TimelockPending =
        AbiFunction.Parse("isOperationPending(bytes32 id) returns (bool)");

    /// <param name="chain">The chain where the call names none.</param>
    public static PlannedCall Call(YamlPart part, PlanNames names, ChainId chain)
    {
        part.Knows("chain", "scope", "target", "function", "arguments", "value", "holds", "until");
        var isPause = part.Optional("scope") is not null
            || part.Optional("holds") is not null || part.Optional("until") is not null;
        var scope = isPause ? part.Required("scope") : null;
        var arguments = part.Optional("arguments")?.Items().ToList() ?? [];
        var function = Function(part.Required("function"));
        var value = part.Optional("value")?.Parsed<UInt256>(
            text => UInt256.TryParse(text, out var wei) ? wei : null, "a whole number of wei") ?? UInt256.Zero;
        return new PlannedCall(
            scope?.Text() ?? "",
            new Call(
                part.Optional("chain") is { } named ? names.ChainOf(named) : chain,
                names.Target(part.Required("target")),
                value,
                function is null ? [] : Encode(part, function, arguments)),
            function is null ? "" : Words(function, arguments),
            scope is null ? [] : View(part.Required("holds"), scope),
            scope is null ? [] : View(part.Required("until"), scope),
            part.At)
        {
            Lasts = scope is null || function is null ? null : Lasts(function, arguments),
            IsPrivileged = function is not null && FunctionNatures.Of(function) == FunctionNature.Privileged,
        };
    }

    /// <summary>What a timelock has queued, taken back: one call, and the view that proves it.</summary>
    public static (PlannedCall Call, PlannedRead Pending, PlannedRead Gone) Cancel(YamlPart part, PlanNames names)
    {
        part.Knows("timelock", "operation", "chain");
        var operation = part.Required("operation");
        var (chain, timelock) = (
            names.ChainOf(part.Optional("chain")), names.Control(part.Required("timelock"), "timelock"));
        var call = new PlannedCall(
            "", new Call(chain, timelock, UInt256.Zero, Encode(part, TimelockCancel, [operation])),
            Words(TimelockCancel, [operation]), [], [], part.At);
        var view = Encode(part, TimelockPending, [operation]);
        PlannedRead Read(UInt256 expected, string words) => new(
            chain, timelock, view, AnswerForm.Flag, ReadRelation.Is, expected, Words(TimelockPending, [operation]),
            words, part.At);
        return (
            call,
            Read(UInt256.One, "the operation waits in the timelock"),
            Read(UInt256.Zero, "the operation waits in the timelock no more"));
    }

    /// <summary>A view and what it must answer.</summary>
    public static PlannedRead Read(YamlPart part, PlanNames names)
    {
        part.Knows("chain", "target", "function", "arguments", "equals", "at_least", "at_most", "is_true", "in_words");
        var function = Function(part.Required("function"));
        var arguments = part.Optional("arguments")?.Items().ToList() ?? [];
        var (form, relation, expected) = Expected(part, function);
        var decoded = function is null ? "" : Words(function, arguments);
        return new PlannedRead(
            names.ChainOf(part.Optional("chain")),
            names.Read(part.Required("target")),
            function is null ? [] : Encode(part, function, arguments),
            form,
            relation,
            expected,
            decoded,
            part.Optional("in_words")?.Line() ?? decoded,
            part.At);
    }

    /// <summary>A view that counts a harm, and by how much its number may grow.</summary>
    public static PlannedHarm Harm(YamlPart part, PlanNames names)
    {
        part.Knows("chain", "target", "function", "arguments", "at_most_more", "asset", "in_words");
        var function = Function(part.Required("function"));
        var arguments = part.Optional("arguments")?.Items().ToList() ?? [];
        if (function is not null && TryForm(part, function, out _, out var form) && form != AnswerForm.Number)
            part.Complain($"a harm is counted by a view that returns a number without sign, not by "
                + $"'{function.Signature}'");
        var decoded = function is null ? "" : Words(function, arguments);
        var target = names.Read(part.Required("target"));
        return new PlannedHarm(
            names.ChainOf(part.Optional("chain")),
            target,
            function is null ? [] : Encode(part, function, arguments),
            part.Required("at_most_more").Parsed<UInt256>(
                text => UInt256.TryParse(text, out var most) ? most : null, "a whole number, from 0 on"),
            decoded,
            part.Optional("in_words")?.Line() ?? decoded,
            part.At)
        {
            Asset = part.Optional("asset") is { } asset ? names.Asset(asset) : names.AssetCounted(target, function),
        };
    }

    private static (AnswerForm, ReadRelation, UInt256) Expected(YamlPart part, AbiFunction? function)
    {
        var given = Relations
            .Select(key => (Key: key, Part: part.Optional(key)))
            .Where(pair => pair.Part is not null)
            .ToList();
        if (given is not [(var relation, { } value)])
        {
            part.Complain("a condition has exactly one of 'equals', 'at_least', 'at_most' and 'is_true'");
            return default;
        }
        if (function is null || !TryForm(part, function, out var type, out var form))
            return default;
        if (relation == "is_true" && form != AnswerForm.Flag)
            value.Complain($"'is_true' is for a view that returns bool; this one returns {type.CanonicalName}");
        else if (relation is "at_least" or "at_most" && form != AnswerForm.Number)
            value.Complain($"'{relation}' is for a view that returns a number without sign; this one returns "
                + $"{type.CanonicalName}");
        return (form, relation switch
        {
            "at_least" => ReadRelation.AtLeast,
            "at_most" => ReadRelation.AtMost,
            _ => ReadRelation.Is,
        }, Word(value, type));
    }

    private static bool TryForm(
        YamlPart part, AbiFunction function, [NotNullWhen(true)] out AbiType? type, out AnswerForm form)
    {
        type = function.Outputs.Count > 0 ? function.Outputs[0].Type : null;
        form = type switch
        {
            AbiType.UnsignedInteger => AnswerForm.Number,
            AbiType.Flag => AnswerForm.Flag,
            AbiType.Account => AnswerForm.Account,
            _ => AnswerForm.Bytes,
        };
        if (type is AbiType.UnsignedInteger or AbiType.Flag or AbiType.Account or AbiType.FixedBytes
            { ByteCount: UInt256.ByteCount })
            return true;
        part.Complain(type is null
            ? $"say what '{function.Signature}' returns, for example: {function.Signature} returns (bool)"
            : $"a condition compares the first value that '{function.Signature}' returns, and that must be a number "
                + "without sign, bool, address or bytes32");
        return false;
    }

    private static UInt256 Word(YamlPart part, AbiType type)
    {
        try
        {
            return ArgumentText.Parse(type, part.Text()) switch
            {
                UInt256 number => number,
                bool flag => flag ? UInt256.One : UInt256.Zero,
                Address account => new UInt256(account.ToArray()),
                Hash32 word => new UInt256(word.ToArray()),
                _ => default,
            };
        }
        catch (Exception e) when (e is FormatException or AbiException or OverflowException or ArgumentException)
        {
            part.Complain(e.Message);
            return default;
        }
    }

    /// <summary>The signature of a function; null with a complaint where it is none.</summary>
    public static AbiFunction? Function(YamlPart part)
    {
        var text = part.Text();
        if (text.Length == 0)
            return null;
        try
        {
            return AbiFunction.Parse(text);
        }
        catch (Exception e) when (e is FormatException or AbiException)
        {
            part.Complain(
                $"this is not a function such as pause(bytes32 module,uint64 durationSeconds): {e.Message}");
            return null;
        }
    }

    private static string Words(AbiFunction function, IReadOnlyList<YamlPart> arguments) =>
        $"{function.Name}({string.Join(", ", arguments.Select(argument => argument.Text()))})";

    // A view that proves a pause takes the scope as its one argument.
    private static ValueList<byte> View(YamlPart part, YamlPart scope) =>
        Function(part) is { } function ? Encode(part, function, [scope]) : [];

    private static ValueList<byte> Encode(YamlPart part, AbiFunction function, IReadOnlyList<YamlPart> arguments)
    {
        if (arguments.Count != function.Inputs.Count)
        {
            part.Complain($"'{function.Signature}' takes {function.Inputs.Count} arguments, not {arguments.Count}");
            return [];
        }
        var (values, at) = (new object[arguments.Count], 0);
        try
        {
            for (at = 0; at < values.Length; at++)
                values[at] = ArgumentText.Parse(function.Inputs[at].Type, arguments[at].Text());
            return function.Encode(values).ToValueList();
        }
        catch (Exception e) when (e is FormatException or AbiException or OverflowException or ArgumentException)
        {
            var where = at < values.Length ? $"argument {at + 1}: " : "";
            part.Complain($"the arguments do not fit '{function.Signature}': {where}{e.Message}");
            return [];
        }
    }

    /// <summary>How long a pause lasts by the argument whose name says so; null where none does.</summary>
    private static TimeSpan? Lasts(AbiFunction function, List<YamlPart> arguments)
    {
        var at = function.Inputs.ToList().FindIndex(input =>
            input.Type is AbiType.UnsignedInteger
            && Durations.Contains(input.Name.Trim('_'), StringComparer.OrdinalIgnoreCase));
        if (at < 0 || at >= arguments.Count || !UInt256.TryParse(arguments[at].Text(), out var seconds))
            return null;
        UInt256 most = (ulong)TimeSpan.MaxValue.TotalSeconds - 1;
        return TimeSpan.FromSeconds((long)(seconds < most ? seconds : most).ToUInt64());
    }
}
