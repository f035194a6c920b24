using Tocsin.Evm;
using Tocsin.Evm.Abi;
using Tocsin.Plans;

namespace Tocsin.Adapters;

/// <summary>A call whose arguments are written down, or stand for what the caller gives.</summary>
/// <param name="On">The name of the contract.</param>
/// <param name="Arguments">
/// Each a <c>$name</c>, <c>selector:</c> with a signature, <c>keccak:</c> with a text, or a value as plans write it.
/// </param>
internal sealed record AdapterCall(string On, AbiFunction Function, ValueList<string> Arguments)
{
    public const string Given = "$";

    private const string OfFunction = "selector:";
    private const string OfText = "keccak:";

    /// <param name="given">What each name stands for.</param>
    /// <exception cref="AbiException">A value does not fit its type.</exception>
    public byte[] Encode(IReadOnlyDictionary<string, object> given) =>
        Function.Encode([.. Function.Inputs.Select((input, at) => Value(input.Type, Arguments[at], given))]);

    /// <summary>The value that a text stands for.</summary>
    /// <exception cref="FormatException">It is no value of this type.</exception>
    public static object Value(AbiType type, string text, IReadOnlyDictionary<string, object> given)
    {
        if (text.StartsWith(Given, StringComparison.Ordinal))
            return given[text[Given.Length..]];
        if (text.StartsWith(OfFunction, StringComparison.Ordinal) && type is AbiType.FixedBytes { ByteCount: 4 })
            return AbiFunction.Parse(text[OfFunction.Length..]).Selector;
        if (text.StartsWith(OfText, StringComparison.Ordinal) && type is AbiType.FixedBytes { ByteCount: 32 })
            return Keccak256.Hash(text[OfText.Length..]);
        return ArgumentText.Parse(type, text);
    }

    public override string ToString() => $"{Function.Name}({string.Join(", ", Arguments)})";
}
