using System.Buffers;
using Tocsin.Chains;
using Tocsin.Evm.Abi;

namespace Tocsin.Evm.Eip712;

/// <summary>
/// The struct types of one piece of typed data and how they hash (EIP-712, "Definition of hashStruct").
/// </summary>
internal sealed class StructTypes
{
    public const int MaxDepth = 32;

    private const int MaxTypes = 128;
    private const int MaxFields = 256;
    private const int MaxNameLength = 200;

    private readonly Dictionary<string, ValueList<TypedDataField>> fields = new(StringComparer.Ordinal);
    private readonly Dictionary<string, MemberType[]> members = new(StringComparer.Ordinal);
    private readonly Dictionary<string, Hash32> typeHashes = new(StringComparer.Ordinal);

    /// <exception cref="FormatException">A name is taken or no identifier, or a type does not exist.</exception>
    public StructTypes(Eip712Domain domain, IReadOnlyDictionary<string, ValueList<TypedDataField>> types)
    {
        if (types.Count > MaxTypes)
            throw new FormatException($"{types.Count} struct types are more than {MaxTypes}");
        if (types.ContainsKey(Eip712Domain.TypeName))
            throw new FormatException($"'{Eip712Domain.TypeName}' follows from the domain and is not given");
        fields.Add(Eip712Domain.TypeName, domain.Fields());
        foreach (var (name, typeFields) in types)
        {
            CheckIdentifier(name);
            if (MemberType.IsElementary(name))
                throw new FormatException($"'{name}' is a Solidity type and cannot name a struct");
            fields.Add(name, typeFields);
        }
        foreach (var (name, typeFields) in fields)
            members.Add(name, Members(name, typeFields));
        foreach (var name in fields.Keys)
            typeHashes.Add(name, Keccak256.Hash(EncodeType(name)));
    }

    /// <summary>The domain's type first, the others in the order given.</summary>
    public IEnumerable<KeyValuePair<string, ValueList<TypedDataField>>> All => fields;

    public IEnumerable<(string Name, MemberType Type)> MembersOf(string name) =>
        Known(name).Zip(members[name], (field, member) => (field.Name, member));

    /// <summary>The type and, sorted by name, those it refers to: <c>Mail(Person from,…)Person(…)</c>.</summary>
    public string EncodeType(string name)
    {
        var referred = new SortedSet<string>(StringComparer.Ordinal);
        var pending = new Stack<string>([name]);
        while (pending.TryPop(out var next))
        {
            foreach (var inner in members[next].Select(StructOf).OfType<string>())
            {
                if (inner != name && referred.Add(inner))
                    pending.Push(inner);
            }
        }
        return string.Concat(referred.Prepend(name).Select(Declaration));
    }

    public Hash32 HashStruct(string name, IReadOnlyDictionary<string, object> values) =>
        HashStruct(name, values, depth: 0);

    private Hash32 HashStruct(string name, IReadOnlyDictionary<string, object> values, int depth)
    {
        var typeFields = Known(name);
        if (values.Keys.FirstOrDefault(key => typeFields.All(field => field.Name != key)) is { } stray)
            throw new FormatException($"'{name}' has no field '{stray}', so it would not be signed");
        var encoded = new ArrayBufferWriter<byte>();
        encoded.Write(typeHashes[name].ToArray());
        for (var i = 0; i < typeFields.Count; i++)
        {
            if (!values.TryGetValue(typeFields[i].Name, out var value) || value is null)
                throw new FormatException($"the field '{typeFields[i].Name}' of '{name}' has no value");
            encoded.Write(Encode(members[name][i], value, depth));
        }
        return Keccak256.Hash(encoded.WrittenSpan);
    }

    /// <summary>The one word that stands for a member: the value, or the hash of what does not fit.</summary>
    private byte[] Encode(MemberType member, object value, int depth)
    {
        if (depth > MaxDepth)
            throw new FormatException($"values nest deeper than {MaxDepth}");
        return member switch
        {
            MemberType.Elementary { Type: AbiType.Text text } => Hash(AbiEncoder.Utf8(text, value)),
            MemberType.Elementary { Type: AbiType.Bytes } => Hash(value as byte[]
                ?? throw new FormatException($"bytes are not written from a {value.GetType().Name}")),
            MemberType.Elementary elementary => AbiEncoder.EncodeValue(elementary.Type, value),
            MemberType.Struct { Name: var name } => HashStruct(name, Fields(name, value), depth + 1).ToArray(),
            MemberType.Sequence sequence => Hash(EncodeItems(sequence, value, depth)),
            _ => throw new FormatException($"{member} is not encoded"),
        };
    }

    private byte[] EncodeItems(MemberType.Sequence sequence, object value, int depth)
    {
        if (value is not object[] items)
            throw new FormatException($"an array is not written from a {value.GetType().Name}");
        if (sequence.Count is { } count && count != items.Length)
            throw new FormatException($"an array of {count} has {items.Length} items");
        return [.. items.SelectMany(item => Encode(sequence.Element, item, depth + 1))];
    }

    private static IReadOnlyDictionary<string, object> Fields(string name, object value) =>
        value as IReadOnlyDictionary<string, object>
        ?? throw new FormatException($"a struct '{name}' is not written from a {value.GetType().Name}");

    private static byte[] Hash(byte[] bytes) => Keccak256.Hash(bytes).ToArray();

    private static string? StructOf(MemberType member)
    {
        while (member is MemberType.Sequence sequence)
            member = sequence.Element;
        return (member as MemberType.Struct)?.Name;
    }

    private string Declaration(string name) =>
        $"{name}({string.Join(',', fields[name].Select(field => $"{field.Type} {field.Name}"))})";

    private ValueList<TypedDataField> Known(string name) =>
        fields.TryGetValue(name, out var known) ? known : throw new FormatException($"there is no type '{name}'");

    private MemberType[] Members(string name, ValueList<TypedDataField> typeFields)
    {
        if (typeFields.Count > MaxFields)
            throw new FormatException($"'{name}' has {typeFields.Count} fields, more than {MaxFields}");
        if (typeFields.DistinctBy(field => field.Name).Count() != typeFields.Count)
            throw new FormatException($"'{name}' has two fields of one name");
        return [.. typeFields.Select(Member)];

        MemberType Member(TypedDataField field)
        {
            CheckIdentifier(field.Name);
            if (field.Type.Length > MaxNameLength)
                throw new FormatException($"a type's name is longer than {MaxNameLength}");
            return MemberType.Parse(field.Type, IsOwnStruct);
        }
    }

    private bool IsOwnStruct(string name) => name != Eip712Domain.TypeName && fields.ContainsKey(name);

    /// <summary>Names are hashed between spaces, commas and parentheses, so they must hold none.</summary>
    private static void CheckIdentifier(string name)
    {
        var valid = name.Length is > 0 and <= MaxNameLength
            && !char.IsAsciiDigit(name[0])
            && name.All(character => char.IsAsciiLetterOrDigit(character) || character is '_' or '$');
        if (!valid)
            throw new FormatException($"'{(name.Length > 80 ? name[..80] + "…" : name)}' is not an identifier");
    }
}
