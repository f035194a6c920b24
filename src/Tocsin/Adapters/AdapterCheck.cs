using System.Numerics;
using Tocsin.Chains;
using Tocsin.Evm.Abi;

namespace Tocsin.Adapters;

/// <summary>A read and what it must answer.</summary>
/// <param name="Keeps">Results that later reads of the same list use, by result and by the name that they get.</param>
internal sealed record AdapterCheck(
    AdapterCall Read, ValueList<Expectation> Expected, ValueList<(string Result, string Name)> Keeps)
{
    /// <summary>Judges an answer, and adds what is kept of it to what is given.</summary>
    /// <returns>What does not hold, in words; empty where everything does.</returns>
    /// <exception cref="AbiException">The answer is not of the form that the signature says.</exception>
    public ValueList<string> Judge(ReadOnlySpan<byte> answer, Dictionary<string, object> given)
    {
        var results = Read.Function.DecodeResult(answer);
        foreach (var (result, name) in Keeps)
            given[name] = results[At(result)];
        var failures = new List<string>();
        foreach (var expectation in Expected)
        {
            var at = At(expectation.Result);
            var wanted = AdapterCall.Value(Read.Function.Outputs[at].Type, expectation.Value, given);
            if (!expectation.Holds(results[at], wanted))
                failures.Add($"{Read}: {expectation.Result} is {Told(results[at])} and not {expectation.InWords}");
        }
        return failures.ToValueList();
    }

    public int At(string result) => Read.Function.Outputs.ToList().FindIndex(output => output.Name == result);

    private static string Told(object value) => value is byte[] bytes ? Hex.Format(bytes) : $"{value}";
}

/// <summary>How a result compares with what is expected.</summary>
internal enum Relation
{
    Is,
    IsNot,
    AtLeast,
    AtMost,
    MoreThan,

    /// <summary>Every bit of the value is set in the result.</summary>
    HasBits,
}

/// <param name="Result">The name of the result in the signature.</param>
/// <param name="Value">As arguments are written.</param>
internal sealed record Expectation(string Result, Relation Relation, string Value)
{
    public static readonly Dictionary<string, Relation> Names = new()
    {
        ["is"] = Relation.Is,
        ["is_not"] = Relation.IsNot,
        ["at_least"] = Relation.AtLeast,
        ["at_most"] = Relation.AtMost,
        ["more_than"] = Relation.MoreThan,
        ["has_bits"] = Relation.HasBits,
    };

    public string InWords => Relation switch
    {
        Relation.Is => Value,
        Relation.IsNot => $"other than {Value}",
        Relation.AtLeast => $"at least {Value}",
        Relation.AtMost => $"at most {Value}",
        Relation.MoreThan => $"more than {Value}",
        _ => $"with the bits {Value}",
    };

    /// <summary>Numbers alone have an order and bits; the reader of adapters sees to it.</summary>
    public bool Holds(object result, object wanted) => Relation switch
    {
        Relation.Is => Same(result, wanted),
        Relation.IsNot => !Same(result, wanted),
        Relation.AtLeast => (UInt256)result >= (UInt256)wanted,
        Relation.AtMost => (UInt256)result <= (UInt256)wanted,
        Relation.MoreThan => (UInt256)result > (UInt256)wanted,
        _ => (Number(result) & Number(wanted)) == Number(wanted),
    };

    private static bool Same(object result, object wanted) => (Bytes(result), Bytes(wanted)) is ({ } one, { } other)
        ? one.AsSpan().SequenceEqual(other)
        : result.Equals(wanted);

    private static byte[]? Bytes(object value) => value switch
    {
        byte[] bytes => bytes,
        Hash32 hash => hash.ToArray(),
        Selector selector => selector.ToArray(),
        _ => null,
    };

    private static BigInteger Number(object value) => (BigInteger)(UInt256)value;
}
