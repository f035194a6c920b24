using System.Diagnostics.CodeAnalysis;
using Tocsin.Chains;
using Tocsin.Evm.Blocks;

namespace Tocsin.Evm.Abi;

/// <summary>An event of a contract: how to recognise it among logs and read it.</summary>
public sealed class AbiEvent
{
    private readonly AbiParameter[] inData;
    private readonly int topicCount;

    public AbiEvent(string name, ValueList<AbiParameter> parameters, bool isAnonymous = false)
    {
        (Name, Parameters, IsAnonymous) = (name, parameters, isAnonymous);
        Signature = name + AbiParameter.CanonicalList(parameters);
        Topic0 = Keccak256.Hash(Signature);
        inData = [.. parameters.Where(parameter => !parameter.Indexed)];
        var indexed = parameters.Count - inData.Length;
        var maxIndexed = isAnonymous ? 4 : 3;
        if (indexed > maxIndexed)
            throw new AbiException($"{Signature}: {indexed} parameters are indexed, at most {maxIndexed} can be");
        topicCount = indexed + (isAnonymous ? 0 : 1);
    }

    public string Name { get; }

    public ValueList<AbiParameter> Parameters { get; }

    /// <summary>True where logs do not carry <see cref="Topic0"/>; only the emitter tells them apart.</summary>
    public bool IsAnonymous { get; }

    /// <summary>The canonical signature, for example <c>Transfer(address,address,uint256)</c>.</summary>
    public string Signature { get; }

    /// <summary>The Keccak-256 of the signature.</summary>
    public Hash32 Topic0 { get; }

    /// <summary>Reads <c>Transfer(address indexed from, address indexed to, uint256 value)</c>.</summary>
    /// <exception cref="AbiException">The text is no event signature; the message says where.</exception>
    public static AbiEvent Parse(string text)
    {
        var reader = new SignatureReader(text);
        reader.SkipKeyword("event");
        var name = reader.ReadName();
        var parameters = reader.ReadParameters(allowIndexed: true);
        var word = reader.ReadOptionalWord();
        if (word is not ("" or "anonymous"))
            throw reader.Error($"'{word}' is not expected");
        reader.ExpectEnd();
        return new AbiEvent(name, parameters, word == "anonymous");
    }

    /// <summary>
    /// True where topic 0 and the number of topics are this event's. Contracts that index other parameters share
    /// topic 0 and differ in the number.
    /// </summary>
    public bool Matches(Log log) =>
        log.Topics.Count == topicCount && (IsAnonymous || log.Topics[0] == Topic0);

    /// <summary>
    /// Reads the log. False for another event, and for a log that only pretends to be this one: data that is not an
    /// encoding of the parameters.
    /// </summary>
    public bool TryDecode(Log log, [NotNullWhen(true)] out DecodedEvent? decoded)
    {
        decoded = null;
        if (!Matches(log))
            return false;
        try
        {
            decoded = new DecodedEvent(this, Values(log));
            return true;
        }
        catch (AbiException)
        {
            return false;
        }
    }

    public override string ToString() => Signature;

    private object[] Values(Log log)
    {
        var fromData = AbiDecoder.Decode(inData, log.Data.Span);
        var values = new object[Parameters.Count];
        var (nextTopic, nextInData) = (IsAnonymous ? 0 : 1, 0);
        for (var i = 0; i < values.Length; i++)
        {
            var parameter = Parameters[i];
            values[i] = parameter.Indexed
                ? FromTopic(parameter.Type, log.Topics[nextTopic++])
                : fromData[nextInData++];
        }
        return values;
    }

    // What does not fit a topic is there only as its hash.
    private static object FromTopic(AbiType type, Hash32 topic) =>
        type.IsDynamic || type.IsComposite ? topic : AbiDecoder.DecodeWord(type, topic);
}

/// <summary>The values of a log, in the order of the event's parameters.</summary>
/// <param name="Values">
/// As <see cref="AbiDecoder"/> gives them; a <see cref="Hash32"/> for an indexed string, bytes, array or tuple.
/// </param>
public sealed record DecodedEvent(AbiEvent Event, IReadOnlyList<object> Values)
{
    /// <exception cref="KeyNotFoundException">The event has no parameter of that name.</exception>
    public object this[string name]
    {
        get
        {
            for (var i = 0; i < Values.Count; i++)
            {
                if (Event.Parameters[i].Name == name)
                    return Values[i];
            }
            throw new KeyNotFoundException($"{Event.Signature} has no parameter named '{name}'");
        }
    }
}
