using System.Numerics;
using System.Text;
using Tocsin.Chains;
using Tocsin.Evm.Abi;

namespace Tocsin.Tests.Evm;

/// <summary>Types and values that fit them, all from one seed.</summary>
internal sealed class RandomAbi(int seed)
{
    private static readonly string[] Texts =
        ["", "a", "Zürich", "emergency pause, please", "\u20ac\U0001f514", new string('x', 70)];

    private readonly Random random = new(seed);

    public ValueList<AbiParameter> Parameters() =>
        Enumerable.Range(0, random.Next(1, 5)).Select(_ => new AbiParameter("", Type(3))).ToValueList();

    public AbiType Type(int depth) => random.Next(depth > 0 ? 11 : 8) switch
    {
        0 => new AbiType.UnsignedInteger(8 * random.Next(1, 33)),
        1 => new AbiType.SignedInteger(8 * random.Next(1, 33)),
        2 => new AbiType.Account(),
        3 => new AbiType.Flag(),
        4 => new AbiType.FixedBytes(random.Next(1, 33)),
        5 => new AbiType.Bytes(),
        6 => new AbiType.Text(),
        7 => new AbiType.ExternalFunction(),
        8 => new AbiType.DynamicArray(Type(depth - 1)),
        9 => new AbiType.FixedArray(Type(depth - 1), random.Next(1, 4)),
        _ => new AbiType.Tuple(Enumerable.Range(0, random.Next(1, 4))
            .Select(i => new AbiParameter($"c{i}", Type(depth - 1))).ToValueList()),
    };

    public object Value(AbiType type) => type switch
    {
        AbiType.UnsignedInteger unsigned => new UInt256(Bytes(random.Next(0, (unsigned.Bits / 8) + 1))),
        AbiType.SignedInteger signed => new BigInteger(Bytes(random.Next(0, (signed.Bits / 8) + 1))),
        AbiType.Account => new Address(Bytes(20)),
        AbiType.Flag => random.Next(2) == 1,
        AbiType.FixedBytes fixedBytes => Bytes(fixedBytes.ByteCount),
        AbiType.ExternalFunction => Bytes(24),
        AbiType.Bytes => Bytes(random.Next(0, 100)),
        AbiType.Text => Texts[random.Next(Texts.Length)],
        AbiType.DynamicArray array => Values(array.Element, random.Next(0, 4)),
        AbiType.FixedArray array => Values(array.Element, array.Count),
        AbiType.Tuple tuple => tuple.Components.Select(component => Value(component.Type)).ToArray(),
        _ => throw new ArgumentException(type.CanonicalName, nameof(type)),
    };

    /// <summary>Changes a few bytes, cuts or extends.</summary>
    public byte[] Damage(byte[] data)
    {
        var damaged = data[..random.Next(0, data.Length + 1)].Concat(Bytes(random.Next(0, 40))).ToArray();
        for (var i = random.Next(0, 6); i > 0 && damaged.Length > 0; i--)
            damaged[random.Next(damaged.Length)] = (byte)random.Next(256);
        return damaged;
    }

    public static string Describe(object value) => value switch
    {
        byte[] bytes => Hex.Format(bytes),
        object[] items => $"[{string.Join(",", items.Select(Describe))}]",
        string text => Convert.ToHexString(Encoding.UTF8.GetBytes(text)),
        _ => $"{value.GetType().Name} {value}",
    };

    private object[] Values(AbiType element, int count) =>
        Enumerable.Range(0, count).Select(_ => Value(element)).ToArray();

    private byte[] Bytes(int count)
    {
        var bytes = new byte[count];
        random.NextBytes(bytes);
        return bytes;
    }
}
