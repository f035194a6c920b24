using System.Diagnostics.CodeAnalysis;
using Tocsin.Chains;
using Tocsin.Evm.Abi;
using Tocsin.Evm.Inputs;

namespace Tocsin.Evm.Reads;

/// <summary>Answers by the read that they are of.</summary>
public sealed class ReadAnswers
{
    private readonly Dictionary<StateRead, ValueList<byte>> results = [];

    public ReadAnswers(IEnumerable<ReadAnswer> answers)
    {
        foreach (var answer in answers)
            if (answer.Result is { } result)
                results[answer.Read] = result;
    }

    /// <summary>False where it was not asked, reverted, or the node could not say.</summary>
    public bool TryGet(StateRead read, out ReadOnlySpan<byte> result)
    {
        var found = results.TryGetValue(read, out var bytes);
        result = bytes is null ? default : bytes.AsSpan();
        return found;
    }
}

/// <summary>Makes a value of the bytes that a read gave. May throw <see cref="AbiException"/>.</summary>
public delegate T ResultReader<out T>(ReadOnlySpan<byte> result);

/// <summary>A read that is declared beforehand, together with what its answer means.</summary>
public sealed class DeclaredRead<T>(StateRead read, ResultReader<T> parse)
    where T : notnull
{
    public StateRead Read => read;

    /// <summary>
    /// The value. False where there is no answer, or one that is no such value: a contract that answers with something
    /// else than its interface says, or an address without code.
    /// </summary>
    public bool TryFind(ReadAnswers answers, [NotNullWhen(true)] out T? value)
    {
        value = default;
        if (!answers.TryGet(read, out var result))
            return false;
        try
        {
            value = parse(result);
            return true;
        }
        catch (AbiException)
        {
            return false;
        }
    }
}

/// <summary>Builds declared reads from signatures.</summary>
public static class DeclaredRead
{
    /// <summary>A call whose first returned value is wanted; what stands behind it may differ.</summary>
    /// <param name="function">With parameter types and the first output, for example
    /// <c>balanceOf(address) returns (uint256)</c>.</param>
    public static DeclaredRead<T> Call<T>(Address to, AbiFunction function, params ReadOnlySpan<object> arguments)
        where T : notnull =>
        new(CallRead(to, function, arguments), result => (T)function.DecodeResult(result)[0]);

    /// <summary>A call all of whose returned values are wanted.</summary>
    public static DeclaredRead<IReadOnlyList<object>> CallAll(
        Address to, AbiFunction function, params ReadOnlySpan<object> arguments) =>
        new(CallRead(to, function, arguments), function.DecodeResult);

    /// <summary>The 32 bytes of a slot.</summary>
    public static DeclaredRead<Hash32> Slot(Address of, Hash32 place) =>
        new(new StateRead.Slot(of, place), result => result.Length == Hash32.ByteCount
            ? new Hash32(result)
            : throw new AbiException($"a slot has {Hash32.ByteCount} bytes, not {result.Length}"));

    private static StateRead.Call CallRead(Address to, AbiFunction function, ReadOnlySpan<object> arguments) =>
        new(to, Hex.Format(function.Encode(arguments)));
}
