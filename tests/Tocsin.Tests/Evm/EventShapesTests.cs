using Tocsin.Chains;
using Tocsin.Evm;
using Tocsin.Evm.Abi;
using Tocsin.Evm.Blocks;

namespace Tocsin.Tests.Evm;

public sealed class EventShapesTests
{
    private static readonly AbiEvent Transfer =
        AbiEvent.Parse("Transfer(address indexed from, address indexed to, uint256 value)");

    private static readonly Address Holder = Address.Parse("0x5aaeb6053f3e94c9b9a09f33669435e7ef1beaed");

    [Fact]
    public void Old_tokens_write_a_transfer_without_indexed_parameters()
    {
        var log = LogOf([Transfer.Topic0], [.. Word(Holder), .. Word(Address.Zero), .. Word(7)]);
        Assert.False(Transfer.TryDecode(log, out _));
        Assert.True(new EventShapes(Transfer).TryDecode(log, out var decoded));
        Assert.Equal<object>([Holder, Address.Zero, (UInt256)7], decoded.Values);
        Assert.Equal(Holder, decoded["from"]);
    }

    [Fact]
    public void Tokens_that_are_not_fungible_index_every_parameter()
    {
        var log = LogOf([Transfer.Topic0, Topic(Word(Holder)), Topic(Word(Holder)), Topic(Word(7))], []);
        Assert.True(new EventShapes(Transfer).TryDecode(log, out var decoded));
        Assert.Equal((UInt256)7, decoded["value"]);
    }

    [Fact]
    public void The_declared_shape_comes_first()
    {
        var log = LogOf([Transfer.Topic0, Topic(Word(Holder)), Topic(Word(Address.Zero))], Word(7));
        var shapes = new EventShapes(Transfer);
        Assert.True(shapes.TryDecode(log, out var decoded));
        Assert.Same(Transfer, decoded.Event);
        // An address of few bytes could be an amount, so the others that fit are there to see.
        Assert.True(shapes.Readings(log).Count > 1);
    }

    [Fact]
    public void A_shape_that_the_values_contradict_is_no_reading()
    {
        // Beyond an address, so of the three parameters only the amount can be indexed.
        var log = LogOf([Transfer.Topic0, Topic(UInt256.MaxValue.ToArray())], [.. Word(Holder), .. Word(Address.Zero)]);
        Assert.True(new EventShapes(Transfer).TryDecode(log, out var decoded));
        Assert.Equal(UInt256.MaxValue, decoded["value"]);
    }

    [Fact]
    public void What_could_be_read_in_several_ways_is_not_guessed_unless_declared()
    {
        // Balancer's and Maker's share a topic 0.
        var balancer = AbiEvent.Parse(
            "FlashLoan(address indexed recipient, address indexed token, uint256 amount, uint256 fee)");
        var maker = AbiEvent.Parse("FlashLoan(address indexed recipient, address token, uint256 amount, uint256 fee)");
        Assert.Equal("0x0d7d75e01ab95780d3cd1c8ec0dd6c2ce19e3a20427eec8bf53283b6fb8e95f0", maker.Topic0.ToString());
        var log = LogOf([maker.Topic0, Topic(Word(Holder))], [.. Word(Address.Zero), .. Word(5), .. Word(6)]);

        Assert.False(new EventShapes(balancer).TryDecode(log, out _));
        Assert.True(new EventShapes(balancer).Readings(log).Count > 1);
        Assert.True(new EventShapes(balancer, maker).TryDecode(log, out var decoded));
        Assert.Equal<object>([Holder, Address.Zero, (UInt256)5, (UInt256)6], decoded.Values);
    }

    [Fact]
    public void Logs_of_other_events_and_lying_data_are_not_read()
    {
        var shapes = new EventShapes(Transfer);
        Assert.False(shapes.TryDecode(LogOf([], Word(7)), out _));
        Assert.False(shapes.TryDecode(LogOf([Keccak256.Hash("Other()")], new byte[96]), out _));
        Assert.False(shapes.TryDecode(LogOf([Transfer.Topic0], new byte[95]), out _));
        Assert.False(
            shapes.TryDecode(LogOf([Transfer.Topic0], [.. UInt256.MaxValue.ToArray(), .. new byte[64]]), out _));
    }

    [Fact]
    public void Shapes_are_of_one_named_event()
    {
        Assert.Throws<ArgumentException>(() => new EventShapes());
        Assert.Throws<ArgumentException>(() => new EventShapes(Transfer, AbiEvent.Parse("Approval(address,address)")));
        Assert.Throws<ArgumentException>(() => new EventShapes(AbiEvent.Parse("Note(uint256) anonymous")));
        var wide = AbiEvent.Parse($"E({string.Join(',', Enumerable.Repeat("uint256", 40))})");
        Assert.True(new EventShapes(wide).TryDecode(LogOf([wide.Topic0], new byte[40 * 32]), out _));
    }

    /// <summary>The events of the protocols' own sources, as of the recorded day.</summary>
    private static readonly EventShapes[] Known =
    [
        Shapes("Transfer(address indexed from, address indexed to, uint256 value)"),
        Shapes("Approval(address indexed owner, address indexed spender, uint256 value)"),
        Shapes("Sync(uint112 reserve0, uint112 reserve1)"),
        Shapes(
            "Swap(address indexed sender, uint256 amount0In, uint256 amount1In, uint256 amount0Out, "
                + "uint256 amount1Out, address indexed to)"),
        Shapes(
            "Swap(address indexed sender, address indexed recipient, int256 amount0, int256 amount1, "
                + "uint160 sqrtPriceX96, uint128 liquidity, int24 tick)"),
        Shapes("Deposit(address indexed dst, uint256 wad)"),
        Shapes("Withdrawal(address indexed src, uint256 wad)"),
        Shapes("ApprovalForAll(address indexed owner, address indexed operator, bool approved)"),
        Shapes("OwnershipTransferred(address indexed previousOwner, address indexed newOwner)"),
        // Written without indexed parameters on that day.
        Shapes("Mint(address indexed minter, address indexed to, uint256 amount)"),
        Shapes("AnswerUpdated(int256 indexed current, uint256 indexed roundId, uint256 updatedAt)"),
        Shapes("NewRound(uint256 indexed roundId, address indexed startedBy, uint256 startedAt)"),
        Shapes(
            "NewTransmission(uint32 indexed aggregatorRoundId, int192 answer, address transmitter, "
                + "int192[] observations, bytes observers, bytes32 rawReportContext)"),
        Shapes("ExecutionSuccess(bytes32 indexed txHash, uint256 payment)"),
        Shapes("SafeReceived(address indexed sender, uint256 value)"),
        Shapes(
            "TransferSingle(address indexed operator, address indexed from, address indexed to, uint256 id, "
                + "uint256 value)"),
    ];

    [Fact]
    public void Every_known_event_of_recorded_blocks_is_decoded()
    {
        var logs = RecordedBlocks.Read()
            .SelectMany(recorded => recorded.GetProperty("receipts").EnumerateArray())
            .SelectMany(receipt => receipt.GetProperty("logs").EnumerateArray())
            .Select(RecordedBlocks.Log)
            .ToList();
        var known = logs.Where(log => Known.Any(shapes => log.Topics.Count > 0 && log.Topics[0] == shapes.Topic0))
            .ToList();

        Assert.Equal((681, 602), (logs.Count, known.Count));
        Assert.All(known, log => Assert.Contains(Known, shapes => shapes.TryDecode(log, out _)));
    }

    private static EventShapes Shapes(string signature) => new(AbiEvent.Parse(signature));

    private static Log LogOf(LogTopics topics, byte[] data) => new(0, Address.Zero, topics, data);

    private static Hash32 Topic(byte[] word) => new(word);

    private static byte[] Word(Address address) => [.. new byte[12], .. address.ToArray()];

    private static byte[] Word(ulong value) => ((UInt256)value).ToArray();
}
