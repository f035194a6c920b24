using Tocsin.Chains;

namespace Tocsin.Evm.Abi;

/// <summary>A function of a contract: how to call it and how to read what it answers.</summary>
public sealed class AbiFunction
{
    public AbiFunction(string name, ValueList<AbiParameter> inputs, ValueList<AbiParameter> outputs)
    {
        (Name, Inputs, Outputs) = (name, inputs, outputs);
        Signature = name + AbiParameter.CanonicalList(inputs);
        Selector = AbiSelector.Of(Signature);
    }

    public string Name { get; }

    public ValueList<AbiParameter> Inputs { get; }

    public ValueList<AbiParameter> Outputs { get; }

    /// <summary>The canonical signature, for example <c>pause(bytes32,uint64,bytes32)</c>.</summary>
    public string Signature { get; }

    public Selector Selector { get; }

    /// <summary>
    /// Reads <c>pause(bytes32 module, uint64 durationSeconds) external returns (bool)</c>; only name and types of the
    /// inputs are needed.
    /// </summary>
    /// <exception cref="AbiException">The text is no function signature; the message says where.</exception>
    public static AbiFunction Parse(string text)
    {
        var reader = new SignatureReader(text);
        reader.SkipKeyword("function");
        var name = reader.ReadName();
        var inputs = reader.ReadParameters();
        ValueList<AbiParameter> outputs = [];
        string word;
        while ((word = reader.ReadOptionalWord()).Length > 0)
        {
            if (word == "returns")
            {
                outputs = reader.ReadParameters();
                break;
            }
            if (word is not ("external" or "public" or "view" or "pure" or "payable" or "nonpayable"))
                throw reader.Error($"'{word}' is not expected");
        }
        reader.ExpectEnd();
        return new AbiFunction(name, inputs, outputs);
    }

    /// <summary>Call data: the selector and the encoded arguments.</summary>
    /// <exception cref="AbiException">The arguments do not fit the inputs.</exception>
    public byte[] Encode(params ReadOnlySpan<object> arguments)
    {
        try
        {
            return [.. Selector.ToArray(), .. AbiEncoder.Encode(Inputs, arguments)];
        }
        catch (AbiException exception)
        {
            throw new AbiException($"{Signature}: {exception.Message}", exception);
        }
    }

    /// <summary>The arguments of call data.</summary>
    /// <exception cref="AbiException">The call data is for another function or malformed.</exception>
    public IReadOnlyList<object> DecodeArguments(ReadOnlySpan<byte> input)
    {
        if (Selector.Of(input) != Selector)
            throw new AbiException($"{Hex.Format(input[..Math.Min(input.Length, 4)])} is not a call of {Signature}");
        return AbiDecoder.Decode(Inputs, input[Selector.ByteCount..]);
    }

    /// <summary>What a call returned.</summary>
    /// <exception cref="AbiException">
    /// The data is malformed; no data at all, as from an address without code, included.
    /// </exception>
    public IReadOnlyList<object> DecodeResult(ReadOnlySpan<byte> data) => AbiDecoder.Decode(Outputs, data);

    public override string ToString() => Signature;
}
