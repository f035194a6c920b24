using System.Text;
using Tocsin.Chains;
using Tocsin.Evm;
using Tocsin.Evm.Abi;
using Tocsin.Evm.Transactions;

namespace Tocsin.Fuzz;

/// <summary>Good inputs, small and of every form that a reader tells apart.</summary>
internal static class Seeds
{
    private const string Account = "0x5aaeb6053f3e94c9b9a09f33669435e7ef1beaed";

    private static readonly PrivateKey Key = new(Enumerable.Repeat((byte)0x46, PrivateKey.ByteCount).ToArray());

    private static readonly string One = "0x" + new string('1', 64);
    private static readonly string Two = "0x" + new string('2', 64);

    private static readonly ValueList<AccessListEntry> Announced = [new(Address.Zero, [Hash32.Zero, Hash32.Zero])];

    // The first byte chooses the types; these are the shapes that offsets can lie about.
    public static readonly ValueList<AbiParameter>[] Shapes =
    [
        .. new[]
        {
            "(uint256,int8,bool,address,bytes4,function)", "(bytes)", "(string,string)", "(uint256[])", "(bytes[])",
            "(uint8[3][])", "(string[2][])", "((uint256,bytes)[],bool)", "(uint256[][][])",
            "((bytes,(string,int24[])[])[])", "(uint256[][][][][][][][][][])", "(bool[1000])", "(string[1000])",
        }.Select(list => AbiFunction.Parse("f" + list).Inputs),
    ];

    public static IReadOnlyList<byte[]> Blocks { get; } = [Utf8(Block(logs: 2)), Utf8(Block(logs: 0))];

    public static IReadOnlyList<byte[]> Headers { get; } = [Utf8($$"""
        {
          "hash":"{{One}}","parentHash":"{{One}}","sha3Uncles":"{{One}}","miner":"{{Account}}","stateRoot":"{{One}}",
          "transactionsRoot":"{{One}}","receiptsRoot":"{{One}}","logsBloom":"0x{{new string('0', 512)}}",
          "difficulty":"0x0","number":"0x1","gasLimit":"0x1c9c380","gasUsed":"0x0","timestamp":"0x6b01107d",
          "extraData":"0x","mixHash":"{{One}}","nonce":"0x0000000000000000","baseFeePerGas":"0x3b9aca00",
          "withdrawalsRoot":"{{One}}","blobGasUsed":"0x0","excessBlobGas":"0x0","parentBeaconBlockRoot":"{{One}}",
          "requestsHash":"{{One}}","size":"0x267","uncles":[],"transactions":[],"withdrawals":[]
        }
        """)];

    public static IReadOnlyList<byte[]> AbiData { get; } =
        [.. Shapes.Select((shape, i) => (byte[])[(byte)i, .. AbiEncoder.Encode(shape, Values(shape))])];

    public static IReadOnlyList<byte[]> Events { get; } =
    [
        [3, .. TransferTopic, .. new byte[64], .. Word(7)],
        [1, .. TransferTopic, .. new byte[64], .. Word(7)],
        [4, .. TransferTopic, .. new byte[64], .. Word(7)],
    ];

    public static IReadOnlyList<byte[]> Reverts { get; } =
    [
        AbiFunction.Parse("Error(string)").Encode("no \u202e funds\r\n\"left\""),
        AbiFunction.Parse("Panic(uint256)").Encode(0x11),
        AbiFunction.Parse("Paused(bytes32,uint64,string,(address,int8)[])").Encode(
            Hash32.Zero, 5, "why", new object[] { new object[] { Address.Zero, -1 } }),
        [],
    ];

    public static IReadOnlyList<byte[]> Lists { get; } =
    [
        Rlp.EncodeList(Rlp.EncodeList(), Rlp.Encode([]), Rlp.Encode(new byte[60]), Rlp.Encode(1_024)),
        Rlp.EncodeList(Rlp.EncodeList(Rlp.EncodeList(Rlp.EncodeList(Rlp.Encode(new byte[300]))))),
        Rlp.EncodeList([.. Enumerable.Repeat(Rlp.EncodeList(), 200)]),
        Rlp.Encode([0x7f]),
    ];

    public static IReadOnlyList<byte[]> Transactions { get; } =
    [
        Call(TransactionType.Legacy).Sign(Key).Raw,
        (Call(TransactionType.Legacy) with { ChainId = null, To = null }).Sign(Key).Raw,
        (Call(TransactionType.AccessList) with { AccessList = Announced }).Sign(Key).Raw,
        Call(TransactionType.FeeMarket).Sign(Key).Raw,
        (Call(TransactionType.Blob) with { BlobHashes = [Hash32.Zero, Hash32.Zero] }).Sign(Key).Raw,
        (Call(TransactionType.SetCode) with { Authorizations = [new(1, Address.Zero, 2, default)] }).Sign(Key).Raw,
    ];

    public static IReadOnlyList<byte[]> TypedData { get; } = [Utf8($$"""
        {
          "types":{
            "EIP712Domain":[{"name":"name","type":"string"},{"name":"chainId","type":"uint256"}],
            "Call":[{"name":"target","type":"address"},{"name":"data","type":"bytes"},{"name":"more","type":"Call[]"}],
            "Decision":[
              {"name":"id","type":"bytes32"},{"name":"exercise","type":"bool"},{"name":"calls","type":"Call[2][]"},
              {"name":"delta","type":"int24"},{"name":"why","type":"string"},{"name":"weights","type":"uint8[3]"}
            ]
          },
          "primaryType":"Decision","domain":{"name":"Tocsin","chainId":1},
          "message":{
            "id":"{{One}}","exercise":true,"delta":"-5","why":"\u00fc","weights":[1,"0x2","3"],
            "calls":[[
              {"target":"{{Account}}","data":"0x1234","more":[{"target":"{{Account}}","data":"0x","more":[]}]},
              {"target":"{{Account}}","data":"0x","more":[]}
            ]]
          }
        }
        """)];

    public static IReadOnlyList<byte[]> Signatures { get; } =
    [
        Utf8("\0function pause(bytes32 module, uint64 until) external returns (bool ok, (uint8,bytes)[2][] rest)"),
        Utf8("\u0001event Transfer(address indexed from, address indexed to, uint256 value)"),
        Utf8("\u0001Note(bytes4 indexed sig, tuple(address who, uint)[] x, bytes data) anonymous"),
        Utf8("\u0002error Paused(function callback, int24[] a, string memory b)"),
        Utf8("\0f((((((((uint8[1])[])[2])[])))))"),
    ];

    public static IReadOnlyList<byte[]> AbiJson { get; } = [Utf8("""
        [
          {"type":"function","name":"pause","inputs":[{"name":"module","type":"bytes32"},
            {"name":"calls","type":"tuple[2][]","components":[{"name":"a","type":"address"},
              {"name":"b","type":"tuple","components":[{"name":"c","type":"bytes"}]}]}],
            "outputs":[{"name":"","type":"bool"}],"stateMutability":"nonpayable"},
          {"type":"event","name":"Paused","inputs":[{"name":"by","type":"address","indexed":true},
            {"name":"why","type":"string","indexed":false}],"anonymous":false},
          {"type":"error","name":"NotYet","inputs":[{"name":"at","type":"uint64"}]},
          {"type":"constructor","inputs":[{"name":"owner","type":"address"}]},
          {"type":"fallback"},{"type":"receive"}
        ]
        """)];

    public static IReadOnlyList<byte[]> Prices { get; } = [Utf8("""
        time,open,high,low,close,volume
        2023-03-11T00:00:00Z,0.9988,1.0001,0.9712,0.9800,1234.5
        2023-03-11T00:01:00Z,0.98,0.98,0.88,0.8901,
        2023-03-11T00:02:00Z,8.9e-1,0.91,0.89,0.9,0
        """)];

    public static IReadOnlyList<byte[]> Inputs { get; } =
    [
        Utf8("""{"kind":"beat.1","arrivedAt":"2026-03-01T03:00:00+00:00","name":"keeper"}"""),
        Utf8("""
            {"kind":"tick.1","arrivedAt":"2026-03-01T03:00:00+00:00",
             "feed":"f","asset":"A","price":0.9987,"sourceTime":null}
            """),
    ];

    public static IReadOnlyList<byte[]> Words { get; } =
    [
        Utf8("115792089237316195423570985008687907853269984665640564039457584007913129639935"),
        Utf8("0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAed"),
        Utf8("0x" + new string('f', 64)),
        Utf8("0x" + new string('a', 128) + "1b"),
    ];

    // The first byte chooses the system.
    public static IReadOnlyList<byte[]> OutsideAlerts { get; } =
    [
        [0, .. Utf8("""
            {"version":"4","groupKey":"{}:{a=\"b\"}","truncatedAlerts":2,"status":"firing","alerts":[
            {"status":"firing","labels":{"alertname":"A","severity":"critical"},"annotations":{"summary":"s"},
            "startsAt":"2026-03-01T03:00:00Z","fingerprint":"0123456789abcdef"},
            {"status":"resolved","labels":{},"startsAt":"2026-03-01T02:00:00Z","fingerprint":"f"}]}
            """)],
        [1, .. Utf8("""
            {"routing_key":"0123456789abcdef0123456789abcdef","event_action":"trigger","dedup_key":"d",
            "payload":{"summary":"s","source":"k","severity":"error","component":"c"}}
            """)],
        [1, .. Utf8("""{"routing_key":"0123456789abcdef","event_action":"resolve","dedup_key":"d"}""")],
        [2, .. Utf8("""{"message":"m","alias":"a","priority":"P2","description":"d","details":{"k":"v"}}""")],
    ];

    private static byte[] TransferTopic => Keccak256.Hash("Transfer(address,address,uint256)").ToArray();

    private static TransactionPayload Call(TransactionType type) =>
        new(type, new ChainId(1), 9, 3_000_000_000, 21_000, Address.Parse(Account), 5, [1, 2, 3]);

    private static object[] Values(IEnumerable<AbiParameter> parameters) =>
        [.. parameters.Select(parameter => Value(parameter.Type))];

    private static object Value(AbiType type) => type switch
    {
        AbiType.UnsignedInteger => 200,
        AbiType.SignedInteger => -5,
        AbiType.Account => Address.Parse(Account),
        AbiType.Flag => true,
        AbiType.FixedBytes fixedBytes => new byte[fixedBytes.ByteCount],
        AbiType.ExternalFunction => new byte[24],
        AbiType.Bytes => new byte[] { 1, 2, 3 },
        AbiType.Text => "Z\u00fcrich",
        AbiType.FixedArray array => Enumerable.Repeat(Value(array.Element), array.Count).ToArray(),
        AbiType.DynamicArray array => new[] { Value(array.Element), Value(array.Element) },
        AbiType.Tuple tuple => Values(tuple.Components),
        _ => throw new ArgumentException(type.CanonicalName, nameof(type)),
    };

    private static string Block(int logs)
    {
        var place =
            $$""" "blockHash":"{{One}}","blockNumber":"0x2","transactionHash":"{{Two}}","transactionIndex":"0x0" """;
        var written = Enumerable.Range(0, logs).Select(i => $$"""
            {{{place}},"address":"{{Account}}","topics":["{{One}}","{{Two}}"],
             "data":"0x0102","logIndex":"0x{{i}}","removed":false}
            """);
        return $$"""
            {
              "block":{"number":"0x2","hash":"{{One}}","parentHash":"{{Two}}","timestamp":"0x64","unknown":[{"a":null}],
                "transactions":[{"blockHash":"{{One}}","blockNumber":"0x2","hash":"{{Two}}","transactionIndex":"0x0",
                  "from":"{{Account}}","to":"{{Account}}","nonce":"0x1","value":"0xde0b6b3a7640000","input":"0x1234"}]},
              "receipts":[{{{place}},"status":"0x1","gasUsed":"0x5208","cumulativeGasUsed":"0x5208","type":"0x2",
                "from":"{{Account}}","to":"{{Account}}","contractAddress":null,"logs":[{{string.Join(',', written)}}]}]
            }
            """;
    }

    private static byte[] Word(ulong value) => ((UInt256)value).ToArray();

    private static byte[] Utf8(string text) => Encoding.UTF8.GetBytes(text);
}
