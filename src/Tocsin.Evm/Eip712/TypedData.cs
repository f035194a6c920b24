using Tocsin.Chains;

namespace Tocsin.Evm.Eip712;

/// <summary>A member of a struct type.</summary>
/// <param name="Type">A Solidity type by its canonical name, a struct's name, or an array of either.</param>
public sealed record TypedDataField(string Name, string Type);

/// <summary>
/// Structured data for a person to sign (EIP-712): what wallets show is what is hashed. An instance always has a
/// digest; whatever cannot be hashed is refused when it is built.
/// </summary>
public sealed class TypedData
{
    private readonly StructTypes structs;
    private readonly byte[] preimage;
    private readonly Hash32 digest;

    /// <param name="types">The struct types by name, without <c>EIP712Domain</c>.</param>
    /// <param name="message">
    /// The fields of the primary type by name: dictionaries for structs, object arrays for arrays, else the values that
    /// <see cref="Abi.AbiEncoder"/> takes. Not to be changed afterwards.
    /// </param>
    /// <exception cref="FormatException">Types and values do not fit; the message says where.</exception>
    public TypedData(
        Eip712Domain domain,
        IReadOnlyDictionary<string, ValueList<TypedDataField>> types,
        string primaryType,
        IReadOnlyDictionary<string, object> message)
    {
        if (primaryType == Eip712Domain.TypeName)
            throw new FormatException("the domain alone is not signed: name a primary type of your own");
        (Domain, PrimaryType, Message) = (domain, primaryType, message);
        structs = new StructTypes(domain, types);
        preimage =
        [
            0x19,
            0x01,
            .. structs.HashStruct(Eip712Domain.TypeName, domain.Values()).ToArray(),
            .. structs.HashStruct(primaryType, message).ToArray(),
        ];
        digest = Keccak256.Hash(preimage);
    }

    public Eip712Domain Domain { get; }

    public string PrimaryType { get; }

    /// <summary>The values that are signed, as the constructor or <see cref="Parse"/> took them.</summary>
    public IReadOnlyDictionary<string, object> Message { get; }

    /// <summary>
    /// Reads the JSON of <c>eth_signTypedData_v4</c>: at most 256 Ki characters, with <c>EIP712Domain</c> listed as the
    /// domain has it, and with no field that would not be signed.
    /// </summary>
    /// <exception cref="FormatException">The text is not that; the message says where.</exception>
    public static TypedData Parse(string json) => TypedDataReader.Read(json);

    /// <summary>keccak256(0x1901 ‖ domainSeparator ‖ hashStruct(message)): what is signed.</summary>
    public Hash32 Digest() => digest;

    /// <summary>What <see cref="Digest"/> hashes, for signers that hash by themselves.</summary>
    public byte[] Preimage() => [.. preimage];

    /// <summary>
    /// The JSON of <c>eth_signTypedData_v4</c>. Integers of the message are decimal text, as they may not fit a JSON
    /// number; addresses carry their checksum.
    /// </summary>
    public string ToJson() => TypedDataWriter.Write(structs, PrimaryType, Domain, Message);
}
