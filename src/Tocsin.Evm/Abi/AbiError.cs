using System.Diagnostics.CodeAnalysis;
using Tocsin.Chains;

namespace Tocsin.Evm.Abi;

/// <summary>A custom error with which a contract reverts.</summary>
public sealed class AbiError
{
    public AbiError(string name, ValueList<AbiParameter> parameters)
    {
        (Name, Parameters) = (name, parameters);
        Signature = name + AbiParameter.CanonicalList(parameters);
        Selector = AbiSelector.Of(Signature);
    }

    public string Name { get; }

    public ValueList<AbiParameter> Parameters { get; }

    public string Signature { get; }

    public Selector Selector { get; }

    /// <summary>Reads <c>ModulePaused(bytes32 module, uint64 until)</c>.</summary>
    /// <exception cref="AbiException">The text is no error signature; the message says where.</exception>
    public static AbiError Parse(string text)
    {
        var reader = new SignatureReader(text);
        reader.SkipKeyword("error");
        var name = reader.ReadName();
        var parameters = reader.ReadParameters();
        reader.ExpectEnd();
        return new AbiError(name, parameters);
    }

    /// <summary>Reads revert data; false where it is another error or malformed.</summary>
    public bool TryDecode(ReadOnlySpan<byte> data, [NotNullWhen(true)] out IReadOnlyList<object>? values)
    {
        values = null;
        if (Selector.Of(data) != Selector)
            return false;
        try
        {
            values = AbiDecoder.Decode(Parameters, data[Selector.ByteCount..]);
            return true;
        }
        catch (AbiException)
        {
            return false;
        }
    }

    public override string ToString() => Signature;
}
