using Tocsin.Chains;

namespace Tocsin.Evm.Eip712;

/// <summary>
/// Whom a signature is for (EIP-712, "Definition of domainSeparator"). Only the fields that are given are signed; a
/// domain without chain and contract makes one signature valid on all chains.
/// </summary>
public sealed record Eip712Domain(
    string? Name = null,
    string? Version = null,
    ChainId? ChainId = null,
    Address? VerifyingContract = null,
    Hash32? Salt = null)
{
    internal const string TypeName = "EIP712Domain";

    /// <summary>Every field that a domain can have, in the order in which the EIP lists them.</summary>
    internal static readonly ValueList<TypedDataField> AllFields =
    [
        new("name", "string"),
        new("version", "string"),
        new("chainId", "uint256"),
        new("verifyingContract", "address"),
        new("salt", "bytes32"),
    ];

    internal ValueList<TypedDataField> Fields()
    {
        var values = Values();
        return AllFields.Where(field => values.ContainsKey(field.Name)).ToValueList();
    }

    internal Dictionary<string, object> Values()
    {
        var values = new Dictionary<string, object>();
        AddIfGiven("name", Name);
        AddIfGiven("version", Version);
        AddIfGiven("chainId", ChainId is { } chain ? (UInt256)chain.Value : null);
        AddIfGiven("verifyingContract", VerifyingContract);
        AddIfGiven("salt", Salt?.ToArray());
        return values;

        void AddIfGiven(string name, object? value)
        {
            if (value is not null)
                values.Add(name, value);
        }
    }
}
