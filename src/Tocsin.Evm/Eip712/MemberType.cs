using Tocsin.Evm.Abi;

namespace Tocsin.Evm.Eip712;

/// <summary>The type of a struct's member.</summary>
internal abstract record MemberType
{
    private const int MaxArrayDepth = 8;

    private MemberType()
    {
    }

    /// <summary>A Solidity type that is neither array nor struct.</summary>
    public sealed record Elementary(AbiType Type) : MemberType;

    public sealed record Struct(string Name) : MemberType;

    /// <param name="Count">Null where the length is not part of the type.</param>
    public sealed record Sequence(MemberType Element, int? Count) : MemberType;

    public static bool IsElementary(string name)
    {
        try
        {
            return AbiType.Parse(name) is { IsComposite: false };
        }
        catch (AbiException)
        {
            return false;
        }
    }

    /// <exception cref="FormatException">The name is no type, no struct, or not canonical (<c>uint</c>).</exception>
    public static MemberType Parse(string name, Func<string, bool> isStruct, int depth = 0)
    {
        if (name.EndsWith(']') && name.LastIndexOf('[') is var open and > 0)
        {
            if (depth == MaxArrayDepth)
                throw new FormatException($"a type nests more than {MaxArrayDepth} arrays");
            return new Sequence(
                Parse(name[..open], isStruct, depth + 1), ReadCount(name.AsSpan(open + 1).TrimEnd(']')));
        }
        if (isStruct(name))
            return new Struct(name);
        var type = AbiType.Parse(name);
        // EIP-712 knows no function type.
        return type is { IsComposite: false } and not AbiType.ExternalFunction && type.CanonicalName == name
            ? new Elementary(type)
            : throw new FormatException($"'{name}' is not how typed data names a type");
    }

    private static int? ReadCount(ReadOnlySpan<char> digits)
    {
        if (digits.IsEmpty)
            return null;
        return digits.Length <= 6 && digits[0] != '0' && !digits.ContainsAnyExceptInRange('0', '9')
            ? int.Parse(digits)
            : throw new FormatException($"'{digits}' is not the length of an array");
    }
}
