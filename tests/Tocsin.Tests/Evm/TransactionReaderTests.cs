using FsCheck;
using FsCheck.Fluent;
using Tocsin.Chains;
using Tocsin.Evm;
using Tocsin.Evm.Transactions;

namespace Tocsin.Tests.Evm;

public sealed class TransactionReaderTests
{
    /// <summary>The first development key of Anvil.</summary>
    private static readonly PrivateKey Key =
        new(Hex.Parse("0xac0974bec39a17e36ba4a6b4d238ff944bacb478cbed5efcae784d7bf4f2ff80"));

    private static readonly Address Callee = Address.Parse("0x5aaeb6053f3e94c9b9a09f33669435e7ef1beaed");

    private static readonly ValueList<AccessListEntry> Announced =
    [
        new(Callee, [Word(1), Word(255)]),
        new(new Address([.. new byte[19], 1]), []),
    ];

    /// <summary>The blob transaction of Foundry's cast without its blobs.</summary>
    private const string BlobBody =
        "f88b01090184b2d05e008301d4c0945aaeb6053f3e94c9b9a09f33669435e7ef1beaed80821234c007e1a0"
        + "015569d40014594e4a9d8bae5b06809d143620627e258e767319fe6109e0c47a01a0"
        + "140d251af0c0425446c78f964bb5779cae460cf2628ae463875405b81d8c028c9f"
        + "66ebe6213cbff945a3671cd7133809dc5a3357d331199cc9aa9f876897ee10";

    private const string AccessListBytes =
        "f872f859945aaeb6053f3e94c9b9a09f33669435e7ef1beaedf842"
        + "a00000000000000000000000000000000000000000000000000000000000000001"
        + "a000000000000000000000000000000000000000000000000000000000000000ff"
        + "d6940000000000000000000000000000000000000001c0";

    /// <summary>Signed by Foundry's cast 1.7.1, whose <c>decode-transaction</c> gives the hash.</summary>
    public static TheoryData<TransactionPayload, string, string> Signed => new()
    {
        {
            Call(TransactionType.Legacy),
            "0xf8660984b2d05e008301d4c0945aaeb6053f3e94c9b9a09f33669435e7ef1beaed05821234"
                + "26a09e4df8f50ec2d11e09223ed73f4c92e93fb175ff1552e37b1f555ba0e2504abf"
                + "a03d99841908cda56997a918268ec5125e04c925c22f901a33f46d7cbe3ca2d57c",
            "0xfa937ce1d9f14cd1cdecfe7a0ab5fdc10e90e898422405a6f91d3b74696623c1"
        },
        {
            Call(TransactionType.Legacy) with { To = null, ValueWei = 0, Data = [0x60, 0x01] },
            "0xf8520984b2d05e008301d4c0808082600125"
                + "a09acbcfba9b98c4f1924fd4d2869d497a7822769e29e35dd00425531dee01fb0c"
                + "a0268d4cee8ec25fa6b885373e76a8c5558e9121f85ec5055381cd08d313b3a5a1",
            "0x37c32587a9b9efc1b8ecb5cfb21e5aff4b522fc758d6dcf7f2d4cf1fad76d825"
        },
        {
            Call(TransactionType.AccessList) with { AccessList = Announced },
            "0x01f8db010984b2d05e008301d4c0945aaeb6053f3e94c9b9a09f33669435e7ef1beaed05821234" + AccessListBytes
                + "80a0e50cbe1c63f6a103907b23bce0c24f7d22e36eeb5a6f06778232b5f37902900a"
                + "a00873db523e2fba74cbc4078131acefd170bfac92e962c917a9f79d060fbc4ca3",
            "0xebbf10e51f40e21cf2a342353b1dd47d42915dd24e0cd7f18a54bca910839f75"
        },
        {
            Call(TransactionType.Blob) with
            {
                ValueWei = 0,
                MaxPriorityFeePerGasWei = 1,
                MaxFeePerBlobGasWei = 7,
                BlobHashes = [Hash32.Parse("0x015569d40014594e4a9d8bae5b06809d143620627e258e767319fe6109e0c47a")],
            },
            "0x03" + BlobBody,
            "0xa456e80051588b96f405b0e6e2776e64e84cfe5f1dafbadc94b15b0e474050c4"
        },
        {
            Call(TransactionType.SetCode) with
            {
                MaxPriorityFeePerGasWei = 1,
                AccessList = Announced,
                Authorizations = [Consent],
            },
            "0x04f9013a01090184b2d05e008301d4c0945aaeb6053f3e94c9b9a09f33669435e7ef1beaed05821234" + AccessListBytes
                + "f85cf85a01945aaeb6053f3e94c9b9a09f33669435e7ef1beaed0a01"
                + "a0d502cb5c20d6874a76fbb65a1f3e6fc97960ccf716d99e02712edb7a53a647f3"
                + "a035f4c0a571cb211f009d075fc9dd14dbad9521dd4ac433985eff80b01eaf62b7"
                + "01a04e251483ac21db053efa74ac2586c73784761b416c2f10cec96829b0efc3d11d"
                + "a03e7079ce7d1d1a32c98dd156f35648ab20940eef8b75f4180f4e647390dc3ff8",
            "0xa8d5feac7b9e01063a7cbd5366b2d28a155b484ac62f18fa8d64041a98b99162"
        },
    };

    private static Authorization Consent => new(
        1,
        Callee,
        10,
        new Signature(
            UInt256.Parse("0xd502cb5c20d6874a76fbb65a1f3e6fc97960ccf716d99e02712edb7a53a647f3"),
            UInt256.Parse("0x35f4c0a571cb211f009d075fc9dd14dbad9521dd4ac433985eff80b01eaf62b7"),
            1));

    [Theory(DisableDiscoveryEnumeration = true)]
    [MemberData(nameof(Signed))]
    public void Every_type_is_signed_and_read_as_other_tools_do(TransactionPayload payload, string raw, string hash)
    {
        var signed = payload.Sign(Key);
        Assert.Equal(raw, Hex.Format(signed.Raw));
        Assert.Equal(hash, signed.Hash.ToString());

        Assert.True(TransactionReader.TryRead(Hex.Parse(raw), out var read, out var refusal), refusal);
        Assert.Equal(payload, read.Payload);
        Assert.Equal(payload.Data, read.Payload.Data);
        Assert.Equal((Key.Address, hash), (read.Sender, read.Hash.ToString()));
        Assert.Equal(raw, Hex.Format(read.Payload.With(read.Signature).Raw));
    }

    [Fact]
    public void Before_EIP_155_a_transaction_names_no_chain()
    {
        var payload = Call(TransactionType.Legacy) with { ChainId = null };
        var raw = payload.Sign(Key).Raw;
        Assert.True(TransactionReader.TryRead(raw, out var read, out _));
        Assert.Null(read.Payload.ChainId);
        Assert.Equal(Key.Address, read.Sender);
        Assert.NotEqual(payload.SigningHash(), Call(TransactionType.Legacy).SigningHash());
    }

    [Fact]
    public void The_example_of_EIP_155()
    {
        var key = new PrivateKey(Enumerable.Repeat((byte)0x46, 32).ToArray());
        var payload = new TransactionPayload(
            TransactionType.Legacy,
            new ChainId(1),
            Nonce: 9,
            MaxFeePerGasWei: 20_000_000_000,
            GasLimit: 21_000,
            Address.Parse("0x3535353535353535353535353535353535353535"),
            ValueWei: 1_000_000_000_000_000_000,
            Data: []);
        Assert.Equal(
            "0xdaf5a779ae972f972197303d7b574746c7ef83eadac0f2791ad23db92e4c8e53", payload.SigningHash().ToString());
        Assert.Equal(
            "0xf86c098504a817c800825208943535353535353535353535353535353535353535880de0b6b3a76400008025"
                + "a028ef61340bd939bc2195fe537567866003e1a15d3c71ff63e1590620aa636276"
                + "a067cbe9d8997f761aecb703304b3800ccf555c9f3dc64214b297fb1966a3b6d83",
            Hex.Format(payload.Sign(key).Raw));
    }

    [Fact]
    public void An_authorization_names_its_account_or_none()
    {
        Assert.True(Consent.TryRecover(out var authority));
        Assert.Equal(Key.Address, authority);
        Assert.False((Consent with { Signature = default }).TryRecover(out _));
        Assert.True((Consent with { Nonce = 11 }).TryRecover(out var other) is false || other != Key.Address);
    }

    [Theory]
    [InlineData("0x", "no bytes")]
    [InlineData("0x00", "type 0x00")]
    [InlineData("0x05c0", "type 0x05")]
    [InlineData("0x7ec0", "type 0x7e")]
    [InlineData("0xbfc0", "type 0xbf")]
    [InlineData("0x02", "not one canonical RLP list")]
    [InlineData("0x0280", "not one canonical RLP list")]
    [InlineData("0x02c0", "has 12 fields, not 0")]
    [InlineData("0xc0", "has 9 fields, not 0")]
    [InlineData("0x03f88d" + BlobBody + "c0c0", "network form")]
    [InlineData("0x03fa020000c1", "network form")]
    public void What_is_no_transaction_of_a_block_is_refused_in_words(string raw, string words)
    {
        Assert.False(TransactionReader.TryRead(Hex.Parse(raw), out _, out var refusal));
        Assert.Contains(words, refusal);
    }

    public static TheoryData<TransactionType, int, byte[], string> Spoiled => new()
    {
        { TransactionType.Legacy, 0, [0x82, 0, 9], "nonce" },
        { TransactionType.Legacy, 1, Rlp.EncodeList(), "fee" },
        { TransactionType.Legacy, 2, [0x89, 1, 0, 0, 0, 0, 0, 0, 0, 0], "gas limit" },
        { TransactionType.Legacy, 3, Rlp.Encode(new byte[19]), "callee" },
        { TransactionType.Legacy, 4, Rlp.Encode([.. UInt256.MaxValue.ToArray(), 1]), "value" },
        { TransactionType.Legacy, 5, Rlp.EncodeList(), "data" },
        { TransactionType.Legacy, 6, Rlp.Encode(26), "v 26" },
        { TransactionType.Legacy, 6, Rlp.Encode(29), "v 29" },
        { TransactionType.Legacy, 6, Rlp.Encode(UInt256.MaxValue), "names no signer" },
        { TransactionType.Legacy, 7, Rlp.Encode(0), "of no key" },
        { TransactionType.Legacy, 8, Rlp.Encode(UInt256.MaxValue), "of no key" },
        { TransactionType.AccessList, 7, Rlp.Encode(1), "access list is no list" },
        { TransactionType.AccessList, 7, Rlp.EncodeList(Rlp.EncodeList()), "no list of 2" },
        { TransactionType.AccessList, 7, Rlp.EncodeList(Rlp.EncodeList(Rlp.Encode([]), Rlp.EncodeList())), "callee" },
        {
            TransactionType.AccessList,
            7,
            Rlp.EncodeList(Rlp.EncodeList(Rlp.Encode(Callee), Rlp.EncodeList(Rlp.Encode(1)))),
            "32 bytes"
        },
        { TransactionType.AccessList, 8, Rlp.Encode(2), "2 is no parity" },
        { TransactionType.Blob, 5, Rlp.Encode([]), "callee" },
        { TransactionType.Blob, 10, Rlp.EncodeList(Rlp.Encode([])), "32 bytes" },
        { TransactionType.SetCode, 5, Rlp.Encode([]), "callee" },
        { TransactionType.SetCode, 9, Rlp.EncodeList(Rlp.Encode(1)), "no list of 6" },
    };

    [Theory(DisableDiscoveryEnumeration = true)]
    [MemberData(nameof(Spoiled))]
    public void A_field_that_is_not_in_its_form_is_named(TransactionType type, int field, byte[] spoiled, string words)
    {
        var raw = Call(type).Sign(Key).Raw;
        var head = type == TransactionType.Legacy ? 0 : 1;
        Assert.True(Rlp.TryDecode(raw.AsMemory(head), out var list));
        var fields = list.Items.Select(Encoded).ToArray();
        fields[field] = spoiled;
        byte[] changed = [.. raw[..head], .. Rlp.EncodeList(fields)];

        Assert.False(TransactionReader.TryRead(changed, out _, out var refusal));
        Assert.Contains(words, refusal);
    }

    [Fact]
    public void A_part_that_would_not_be_signed_is_refused()
    {
        var call = Call(TransactionType.FeeMarket);
        Assert.Throws<InvalidOperationException>(() => (call with { ChainId = null }).SigningHash());
        Assert.Throws<InvalidOperationException>(() => (call with { BlobHashes = [Word(1)] }).SigningHash());
        Assert.Throws<InvalidOperationException>(() => (call with { MaxFeePerBlobGasWei = 1 }).SigningHash());
        Assert.Throws<InvalidOperationException>(() => (call with { Authorizations = [Consent] }).SigningHash());
        Assert.Throws<InvalidOperationException>(() => (call with { Type = (TransactionType)5 }).SigningHash());
        var legacy = Call(TransactionType.Legacy);
        Assert.Throws<InvalidOperationException>(() => (legacy with { AccessList = Announced }).SigningHash());
        Assert.Throws<InvalidOperationException>(() => (legacy with { MaxPriorityFeePerGasWei = 1 }).SigningHash());
        Assert.Throws<InvalidOperationException>(
            () => (Call(TransactionType.Blob) with { To = null }).SigningHash());
    }

    [Fact]
    public void Any_payload_survives_signing_and_reading() => Prop.ForAll<int>(seed =>
    {
        var payload = new RandomTransactions(seed).Payload();
        var signed = payload.Sign(Key);
        Assert.True(TransactionReader.TryRead(signed.Raw, out var read, out var refusal), refusal);
        Assert.Equal(payload, read.Payload);
        Assert.Equal((Key.Address, signed.Hash), (read.Sender, read.Hash));
    }).Check(Config.QuickThrowOnFailure.WithMaxTest(300));

    private static TransactionPayload Call(TransactionType type) => new(
        type,
        new ChainId(1),
        Nonce: 9,
        MaxFeePerGasWei: 3_000_000_000,
        GasLimit: 120_000,
        Callee,
        ValueWei: 5,
        Data: [0x12, 0x34]);

    private static byte[] Encoded(RlpItem item) =>
        item.TryReadBytes(out var bytes) ? Rlp.Encode(bytes) : Rlp.EncodeList([.. item.Items.Select(Encoded)]);

    private static Hash32 Word(byte last) => new([.. new byte[31], last]);
}
