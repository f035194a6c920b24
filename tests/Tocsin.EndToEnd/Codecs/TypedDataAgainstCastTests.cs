using Tocsin.Chains;
using Tocsin.Evm;
using Tocsin.Evm.Abi;
using Tocsin.Evm.Eip712;
using Tocsin.Tests.Evm;

namespace Tocsin.EndToEnd.Codecs;

/// <summary>
/// 500 random documents with at least ten values each, in structs within structs and arrays of them: 5,000 values.
/// <c>cast wallet sign --data</c> signs each, so its signature is ours only if all hashes are.
/// </summary>
public sealed class TypedDataAgainstCastTests
{
    private const int DocumentCount = 500;
    private const int FieldsOfAType = 4;

    private static readonly byte[] Secret = [.. Enumerable.Repeat((byte)0x46, PrivateKey.ByteCount)];

    [Fact]
    public async Task Five_hundred_documents_are_hashed_as_cast_hashes_them()
    {
        var seed = Random.Shared.Next();
        TestContext.Current.TestOutputHelper!.WriteLine($"seed {seed}");
        var foundry = await Foundry.PrepareAsync();
        var documents = Enumerable.Range(0, DocumentCount)
            .Select(i => new RandomTypedData(unchecked(seed + i)).Document())
            .ToList();

        var signatures = await foundry.RunForEachAsync(
            $"wallet sign --private-key {Hex.Format(Secret)} --data",
            [.. documents.Select(document => document.ToJson().ReplaceLineEndings(""))]);

        var key = new PrivateKey(Secret);
        Assert.Equal(DocumentCount, signatures.Count);
        for (var i = 0; i < documents.Count; i++)
        {
            Assert.Equal(signatures[i].Trim(), key.Sign(documents[i].Digest()).ToHex());
            Assert.Equal(documents[i].Digest(), TypedData.Parse(documents[i].ToJson()).Digest());
        }
    }

    private sealed class RandomTypedData(int seed)
    {
        private readonly Random random = new(seed);
        private readonly RandomAbi abi = new(seed);
        private readonly Dictionary<string, ValueList<TypedDataField>> types = [];

        // The members that hold structs name only types below, so that values end.
        public TypedData Document()
        {
            foreach (var name in new[] { "Leaf", "Branch", "Root" })
                types.Add(name, Fields([.. types.Keys]));
            return new TypedData(Domain(), types, "Root", (IReadOnlyDictionary<string, object>)Value("Root"));
        }

        private Eip712Domain Domain() => new(
            random.Next(4) == 0 ? null : "Zürich",
            random.Next(2) == 0 ? null : "1",
            random.Next(2) == 0 ? null : new ChainId((ulong)random.NextInt64()),
            random.Next(2) == 0 ? null : (Address)abi.Value(new AbiType.Account()),
            random.Next(2) == 0 ? null : new Hash32((byte[])abi.Value(new AbiType.FixedBytes(Hash32.ByteCount))));

        private ValueList<TypedDataField> Fields(string[] below) =>
            Enumerable.Range(0, FieldsOfAType)
                .Select(i => new TypedDataField($"f{i}", Element(below) + Arrays()))
                // At least one struct where there is one to hold, so that every document has ten values.
                .Concat(below.Select((name, i) => new TypedDataField($"s{i}", name)))
                .ToValueList();

        private string Element(string[] below) =>
            below.Length > 0 && random.Next(4) == 0 ? below[random.Next(below.Length)] : Elementary();

        private string Elementary()
        {
            while (true)
            {
                // EIP-712 knows no functions.
                if (abi.Type(0) is not AbiType.ExternalFunction and var type)
                    return type.CanonicalName;
            }
        }

        private string Arrays() => string.Concat(
            Enumerable.Range(0, Math.Max(0, random.Next(5) - 2)).Select(_ => random.Next(2) == 0 ? "[]" : "[2]"));

        private object Value(string type)
        {
            if (type.EndsWith(']'))
            {
                var open = type.LastIndexOf('[');
                var count = type.EndsWith("[]", StringComparison.Ordinal) ? random.Next(0, 4) : 2;
                return Enumerable.Range(0, count).Select(_ => Value(type[..open])).ToArray();
            }
            return types.TryGetValue(type, out var fields)
                ? fields.ToDictionary(field => field.Name, field => Value(field.Type))
                : abi.Value(AbiType.Parse(type));
        }
    }
}
