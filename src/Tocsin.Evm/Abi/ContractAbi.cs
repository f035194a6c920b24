using System.Text.Json;

namespace Tocsin.Evm.Abi;

/// <summary>What a contract offers, read from the JSON that compilers write.</summary>
public sealed class ContractAbi
{
    private ContractAbi(
        ValueList<AbiParameter> constructorInputs,
        IReadOnlyList<AbiFunction> functions,
        IReadOnlyList<AbiEvent> events,
        IReadOnlyList<AbiError> errors) =>
        (ConstructorInputs, Functions, Events, Errors) = (constructorInputs, functions, events, errors);

    /// <summary>Empty also where the contract declares no constructor.</summary>
    public ValueList<AbiParameter> ConstructorInputs { get; }

    public IReadOnlyList<AbiFunction> Functions { get; }

    public IReadOnlyList<AbiEvent> Events { get; }

    public IReadOnlyList<AbiError> Errors { get; }

    /// <summary>Reads the array of entries (Solidity documentation, "Contract ABI Specification", JSON).</summary>
    /// <exception cref="FormatException">The text is no such JSON; the message names the entry.</exception>
    public static ContractAbi Parse(string json)
    {
        using var document = AbiJson.ParseDocument(json);
        try
        {
            return Read(AbiJson.Entries(document.RootElement));
        }
        catch (InvalidOperationException exception)
        {
            // Escapes of half a surrogate pair pass the parser and fail when they are read.
            throw new AbiException("the ABI is not valid Unicode", exception);
        }
    }

    /// <summary>The function of that name, or of that canonical signature where a name is overloaded.</summary>
    /// <exception cref="AbiException">There is none, or more than one of the name.</exception>
    public AbiFunction Function(string nameOrSignature) =>
        Only(Functions, function => function.Name, function => function.Signature, nameOrSignature, "function");

    /// <inheritdoc cref="Function"/>
    public AbiEvent Event(string nameOrSignature) =>
        Only(Events, entry => entry.Name, entry => entry.Signature, nameOrSignature, "event");

    /// <inheritdoc cref="Function"/>
    public AbiError Error(string nameOrSignature) =>
        Only(Errors, error => error.Name, error => error.Signature, nameOrSignature, "error");

    /// <summary>What is appended to the creation bytecode; no bytes where the constructor takes nothing.</summary>
    /// <exception cref="AbiException">The arguments do not fit.</exception>
    public byte[] EncodeConstructor(params ReadOnlySpan<object> arguments) =>
        AbiEncoder.Encode(ConstructorInputs, arguments);

    private static ContractAbi Read(IEnumerable<JsonElement> entries)
    {
        ValueList<AbiParameter> constructorInputs = [];
        var functions = new List<AbiFunction>();
        var events = new List<AbiEvent>();
        var errors = new List<AbiError>();
        foreach (var entry in entries)
        {
            switch (AbiJson.Kind(entry))
            {
                case "function":
                    functions.Add(AbiJson.ReadFunction(entry));
                    break;
                case "event":
                    events.Add(AbiJson.ReadEvent(entry));
                    break;
                case "error":
                    errors.Add(AbiJson.ReadError(entry));
                    break;
                case "constructor":
                    constructorInputs = AbiJson.ReadParameters(entry, "inputs", allowIndexed: false);
                    break;
                case "fallback" or "receive":
                    break;
                case var other:
                    throw new AbiException($"an ABI entry has the unknown type '{other}'");
            }
        }
        return new ContractAbi(constructorInputs, functions, events, errors);
    }

    private static T Only<T>(
        IEnumerable<T> entries, Func<T, string> name, Func<T, string> signature, string wanted, string kind)
    {
        var found = entries.Where(entry => name(entry) == wanted || signature(entry) == wanted).ToArray();
        return found switch
        {
            [var only] => only,
            [] => throw new AbiException($"the contract has no {kind} '{wanted}'"),
            _ => throw new AbiException(
                $"the contract has several of '{wanted}': {string.Join(", ", found.Select(signature))}"),
        };
    }
}
