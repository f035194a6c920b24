using System.Text.Json;
using Tocsin.Chains;
using Tocsin.Demo;
using Tocsin.Evm.Abi;

namespace Tocsin.EndToEnd.Stolen;

/// <summary>A call that somebody tries.</summary>
internal sealed record Deed(string Contract, AbiFunction Function, Address Target, byte[] Data)
{
    public override string ToString() => $"{Contract}.{Function.Name}";
}

/// <summary>
/// Every function of a contract that changes anything, with the ends of what its arguments can be; where there are more
/// combinations than we try, a fixed choice of them.
/// </summary>
internal sealed class Deeds(ValueList<Address> accounts, ValueList<Hash32> words, ValueList<ulong> numbers)
{
    private const int MostOfOneFunction = 60;

    // An order that says which combinations: every run tries the same.
    private readonly Random random = new(1);

    /// <param name="compiled">The artifact, which says what each function may change.</param>
    public IEnumerable<Deed> Of(string name, string compiled, Deployed contract)
    {
        using var json = JsonDocument.Parse(File.ReadAllText(compiled));
        var changing = json.RootElement.GetProperty("abi").EnumerateArray()
            .Where(entry => entry.GetProperty("type").GetString() == "function"
                && entry.GetProperty("stateMutability").GetString() is "nonpayable" or "payable")
            .Select(entry => entry.GetProperty("name").GetString()!).ToHashSet();
        foreach (var function in contract.Abi.Functions.Where(function => changing.Contains(function.Name)))
        {
            foreach (var arguments in Arguments(function).Take(MostOfOneFunction))
                yield return new Deed(name, function, contract.Address, function.Encode(arguments));
        }
    }

    private IEnumerable<object[]> Arguments(AbiFunction function)
    {
        var ends = function.Inputs.Select(input => Ends(input.Type)).ToArray();
        var all = ends.Aggregate(1L, (count, values) => Math.Min(count * values.Length, MostOfOneFunction + 1));
        if (all <= MostOfOneFunction)
            return Combined(ends);
        return Enumerable.Range(0, MostOfOneFunction)
            .Select(_ => ends.Select(values => values[random.Next(values.Length)]).ToArray());
    }

    private static IEnumerable<object[]> Combined(object[][] ends) => ends.Aggregate(
        (IEnumerable<object[]>)[[]],
        (begun, values) => [.. begun.SelectMany(some => values.Select(value => (object[])[.. some, value]))]);

    private object[] Ends(AbiType type) => type switch
    {
        AbiType.Account => [.. accounts.Select(account => (object)account)],
        AbiType.UnsignedInteger number =>
            [.. numbers.Select(one => (UInt256)one).Append(Greatest(number.Bits)).Where(
                one => one <= Greatest(number.Bits)).Distinct().Select(one => (object)one)],
        AbiType.FixedBytes { ByteCount: 32 } => [.. words.Select(word => (object)word)],
        AbiType.FixedBytes bytes =>
            [new byte[bytes.ByteCount], Enumerable.Repeat((byte)255, bytes.ByteCount).ToArray()],
        AbiType.Flag => [false, true],
        AbiType.Bytes => [Array.Empty<byte>(), new byte[65]],
        AbiType.DynamicArray array => Arrays(Ends(array.Element)),
        AbiType.Tuple tuple => Tuples(tuple),
        _ => throw new InvalidOperationException($"nobody said what the ends of {type} are"),
    };

    private static object[] Arrays(object[] ends) =>
        [Array.Empty<object>(), new[] { ends[0] }, ends.Take(3).ToArray(), Enumerable.Repeat(ends[0], 33).ToArray()];

    private object[] Tuples(AbiType.Tuple tuple)
    {
        var ends = tuple.Components.Select(component => Ends(component.Type)).ToArray();
        return
        [
            .. Enumerable.Range(0, 8).Select(_ => (object)ends.Select(
                values => values[random.Next(values.Length)]).ToArray()),
        ];
    }

    private static UInt256 Greatest(int bits) =>
        bits == 256 ? UInt256.MaxValue : (UInt256.One << bits) - UInt256.One;
}
