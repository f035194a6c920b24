using Tocsin.Chains;
using Tocsin.Evm;
using Tocsin.Evm.Eip712;

namespace Tocsin.Tests.Evm;

public sealed class TypedDataTests
{
    private static readonly Eip712Domain Ether = new(
        "Ether Mail", "1", new ChainId(1), Address.Parse("0xCcCCccccCCCCcCCCCCCcCcCccCcCCCcCcccccccC"));

    private static readonly Dictionary<string, ValueList<TypedDataField>> MailTypes = new()
    {
        ["Person"] = [new("name", "string"), new("wallet", "address")],
        ["Mail"] = [new("from", "Person"), new("to", "Person"), new("contents", "string")],
    };

    private static readonly Dictionary<string, object> Cow = new()
    {
        ["name"] = "Cow",
        ["wallet"] = Address.Parse("0xCD2a3d9F938E13CD947Ec05AbC7FE734Df8DD826"),
    };

    private static readonly Dictionary<string, object> Bob = new()
    {
        ["name"] = "Bob",
        ["wallet"] = Address.Parse("0xbBbBBBBbbBBBbbbBbbBbbbbBBbBbbbbBbBbbBBbB"),
    };

    private static TypedData Mail() => new(Ether, MailTypes, "Mail", new Dictionary<string, object>
    {
        ["from"] = Cow,
        ["to"] = Bob,
        ["contents"] = "Hello, Bob!",
    });

    /// <summary>What an approver signs: calls on several chains, in a domain without chain.</summary>
    private static TypedData Decision() => new(
        new Eip712Domain("Tocsin", "1"),
        new Dictionary<string, ValueList<TypedDataField>>
        {
            ["Decision"] =
                [new("id", "bytes32"), new("exercise", "bool"), new("calls", "Call[]"), new("expires", "uint64")],
            ["Call"] = [new("chainId", "uint256"), new("target", "address"), new("data", "bytes")],
        },
        "Decision",
        new Dictionary<string, object>
        {
            ["id"] = Keccak256.Hash("id"),
            ["exercise"] = true,
            ["calls"] = new object[] { Call(1, [1, 2, 3]), Call(10, []) },
            ["expires"] = (UInt256)1_800_000_000,
        });

    private static Dictionary<string, object> Call(ulong chain, byte[] data) =>
        new() { ["chainId"] = (UInt256)chain, ["target"] = Address.Zero, ["data"] = data };

    [Fact]
    public void The_mail_of_the_EIP_has_its_digest_and_signer()
    {
        var digest = Mail().Digest();
        Assert.Equal("0xbe609aee343fb3c4b28e1df9e632fca64fcfaede20f02e86244efddf30957bd2", digest.ToString());
        var cow = new PrivateKey(Keccak256.Hash("cow").ToArray());
        Assert.Equal(Cow["wallet"], cow.Address);
        Assert.True(cow.Sign(digest).TryRecover(digest, out var signer));
        Assert.Equal(cow.Address, signer);
    }

    [Fact]
    public void Arrays_of_structs_hash_as_the_concatenation_of_their_hashes()
    {
        static Hash32 Hash(params byte[][] parts) => Keccak256.Hash([.. parts.SelectMany(part => part)]);
        static byte[] Word(ulong value) => ((UInt256)value).ToArray();
        const string CallType = "Call(uint256 chainId,address target,bytes data)";
        var callType = Keccak256.Hash(CallType).ToArray();
        var first = Hash(callType, Word(1), Word(0), Keccak256.Hash([1, 2, 3]).ToArray());
        var second = Hash(callType, Word(10), Word(0), Keccak256.Hash("").ToArray());
        var message = Hash(
            Keccak256.Hash("Decision(bytes32 id,bool exercise,Call[] calls,uint64 expires)" + CallType).ToArray(),
            Keccak256.Hash("id").ToArray(),
            Word(1),
            Hash(first.ToArray(), second.ToArray()).ToArray(),
            Word(1_800_000_000));
        var domain = Hash(
            Keccak256.Hash("EIP712Domain(string name,string version)").ToArray(),
            Keccak256.Hash("Tocsin").ToArray(),
            Keccak256.Hash("1").ToArray());
        Assert.Equal(Hash([0x19, 0x01], domain.ToArray(), message.ToArray()), Decision().Digest());
    }

    [Fact]
    public void The_JSON_for_wallets_reads_back_to_the_same_digest()
    {
        foreach (var data in new[] { Mail(), Decision() })
        {
            var read = TypedData.Parse(data.ToJson());
            Assert.Equal(data.Digest(), read.Digest());
            Assert.Equal(data.Domain, read.Domain);
            Assert.Equal(data.ToJson(), read.ToJson());
        }
    }

    [Fact]
    public void The_JSON_lists_the_domain_and_writes_what_wallets_show() => Assert.Equal(
        """
        {"types":{"EIP712Domain":[{"name":"name","type":"string"},{"name":"version","type":"string"},
        {"name":"chainId","type":"uint256"},{"name":"verifyingContract","type":"address"}],
        "Person":[{"name":"name","type":"string"},{"name":"wallet","type":"address"}],
        "Mail":[{"name":"from","type":"Person"},{"name":"to","type":"Person"},{"name":"contents","type":"string"}]},
        "primaryType":"Mail",
        "domain":{"name":"Ether Mail","version":"1","chainId":1,
        "verifyingContract":"0xCcCCccccCCCCcCCCCCCcCcCccCcCCCcCcccccccC"},
        "message":{"from":{"name":"Cow","wallet":"0xCD2a3d9F938E13CD947Ec05AbC7FE734Df8DD826"},
        "to":{"name":"Bob","wallet":"0xbBbBBBBbbBBBbbbBbbBbbbbBBbBbbbbBbBbbBBbB"},"contents":"Hello, Bob!"}}
        """.ReplaceLineEndings(""),
        Mail().ToJson());

    [Theory]
    [InlineData("\"chainId\":1,", "\"chainId\":\"1\",")]
    [InlineData("\"chainId\":1,", "\"chainId\":\"0x1\",")]
    [InlineData("0xCD2a3d9F938E13CD947Ec05AbC7FE734Df8DD826", "0xcd2a3d9f938e13cd947ec05abc7fe734df8dd826")]
    public void Other_spellings_of_a_value_have_the_same_digest(string from, string to)
    {
        Assert.Contains(from, Mail().ToJson());
        Assert.Equal(Mail().Digest(), TypedData.Parse(Mail().ToJson().Replace(from, to)).Digest());
    }

    [Theory]
    [InlineData("\"contents\":\"Hello, Bob!\"", "\"contents\":\"Hello, Bob!\",\"amount\":\"1\"", "would not be signed")]
    [InlineData("\"contents\":\"Hello, Bob!\"", "\"contents\":null", "")]
    [InlineData(",\"contents\":\"Hello, Bob!\"", "", "has no value")]
    [InlineData("\"contents\":\"Hello, Bob!\"", "\"contents\":\"\\ud800\"", "")]
    [InlineData("\"contents\":\"Hello, Bob!\"", "\"contents\":\"a\",\"contents\":\"b\"", "")]
    [InlineData("0xCD2a3d9F938E13CD947Ec05AbC7FE734Df8DD826", "0xCD2a3d9F938E13CD947Ec05AbC7FE734Df8DD82a", "checksum")]
    [InlineData("\"chainId\":1,", "\"chainId\":1.0,", "integer")]
    [InlineData("\"chainId\":1,", "\"chainId\":1e3,", "integer")]
    [InlineData("\"chainId\":1,", "\"chainId\":-1,", "uint256")]
    [InlineData("\"chainId\":1,", "", "in their order")]
    [InlineData("\"chainId\":1,", "\"chainId\":1,\"chain\":2,", "'chain'")]
    [InlineData("{\"name\":\"version\",\"type\":\"string\"},", "", "in their order")]
    [InlineData("\"primaryType\":\"Mail\"", "\"primaryType\":\"Letter\"", "'Letter'")]
    [InlineData("\"primaryType\":\"Mail\"", "\"primaryType\":\"EIP712Domain\"", "would not be signed")]
    [InlineData("\"type\":\"Person\"", "\"type\":\"Human\"", "'Human'")]
    [InlineData("\"type\":\"Person\"", "\"type\":\"Person[2]\"", "")]
    [InlineData("\"Person\":[", "\"uint256\":[", "Solidity type")]
    [InlineData("\"Person\":[", "\"Per son\":[", "identifier")]
    [InlineData("\"contents\",\"type\":\"string\"", "\"contents\",\"type\":\"uint\"", "'uint'")]
    [InlineData("\"primaryType\"", "\"secondaryType\"", "'secondaryType'")]
    public void What_would_mislead_a_signer_is_refused(string from, string to, string complaint)
    {
        Assert.Contains(from, Mail().ToJson());
        var refused = Assert.ThrowsAny<FormatException>(() => TypedData.Parse(Mail().ToJson().Replace(from, to)));
        Assert.Contains(complaint, refused.Message);
    }

    [Theory]
    [InlineData("")]
    [InlineData("[]")]
    [InlineData("{}")]
    [InlineData("{\"types\":[],\"primaryType\":\"A\",\"domain\":{},\"message\":{}}")]
    [InlineData("\ud800")]
    public void Other_text_is_refused(string json) =>
        Assert.ThrowsAny<FormatException>(() => TypedData.Parse(json));

    [Fact]
    public void A_type_that_holds_itself_nests_only_so_deep()
    {
        var types = new Dictionary<string, ValueList<TypedDataField>> { ["Node"] = [new("children", "Node[]")] };
        var leaf = new Dictionary<string, object> { ["children"] = Array.Empty<object>() };
        Assert.NotEqual(Hash32.Zero, new TypedData(Ether, types, "Node", Nested(leaf, 10)).Digest());
        Assert.Throws<FormatException>(() => new TypedData(Ether, types, "Node", Nested(leaf, 10_000)));

        static Dictionary<string, object> Nested(Dictionary<string, object> inner, int levels)
        {
            for (var i = 0; i < levels; i++)
                inner = new Dictionary<string, object> { ["children"] = new object[] { inner } };
            return inner;
        }
    }

    [Fact]
    public void Numbers_that_a_field_cannot_hold_are_refused() =>
        Assert.ThrowsAny<FormatException>(() => new TypedData(
            Ether,
            new Dictionary<string, ValueList<TypedDataField>> { ["A"] = [new("n", "uint8")] },
            "A",
            new Dictionary<string, object> { ["n"] = (UInt256)256 }));
}
