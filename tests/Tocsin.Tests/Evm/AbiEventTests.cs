using System.Numerics;
using Tocsin.Chains;
using Tocsin.Evm;
using Tocsin.Evm.Abi;
using Tocsin.Evm.Blocks;

namespace Tocsin.Tests.Evm;

public sealed class AbiEventTests
{
    private static readonly AbiEvent Transfer =
        AbiEvent.Parse("Transfer(address indexed from, address indexed to, uint256 value)");

    private static readonly Address Holder = Address.Parse("0x5aaeb6053f3e94c9b9a09f33669435e7ef1beaed");

    private static Log LogOf(LogTopics topics, params byte[] data) => new(0, Address.Zero, topics, data);

    private static Hash32 Topic(Address address) => new([.. new byte[12], .. address.ToArray()]);

    private static Hash32 Topic(UInt256 value) => new(value.ToArray());

    [Fact]
    public void Values_come_by_name_from_topics_and_data()
    {
        var log = LogOf([Transfer.Topic0, Topic(Address.Zero), Topic(Holder)], ((UInt256)1_000).ToArray());
        Assert.True(Transfer.TryDecode(log, out var decoded));
        Assert.Equal(Address.Zero, decoded["from"]);
        Assert.Equal(Holder, decoded["to"]);
        Assert.Equal((UInt256)1_000, decoded["value"]);
        Assert.Throws<KeyNotFoundException>(() => decoded["amount"]);
    }

    [Fact]
    public void Events_that_share_topic_0_are_told_apart_by_the_number_of_topics()
    {
        var nft = AbiEvent.Parse("Transfer(address indexed from, address indexed to, uint256 indexed tokenId)");
        Assert.Equal(Transfer.Topic0, nft.Topic0);
        var log = LogOf([nft.Topic0, Topic(Holder), Topic(Holder), Topic((UInt256)7)]);
        Assert.False(Transfer.TryDecode(log, out _));
        Assert.True(nft.TryDecode(log, out var decoded));
        Assert.Equal((UInt256)7, decoded["tokenId"]);
    }

    [Fact]
    public void Indexed_and_other_parameters_may_alternate()
    {
        var paused = AbiEvent.Parse("E(uint8 a, int24 indexed b, string c, bytes4 indexed d)");
        var data = AbiEncoder.Encode([paused.Parameters[0], paused.Parameters[2]], 1, "why");
        var minusOne = Topic(UInt256.MaxValue);
        var log = LogOf([paused.Topic0, minusOne, new Hash32([1, 2, 3, 4, .. new byte[28]])], data);
        Assert.True(paused.TryDecode(log, out var decoded));
        Assert.Equal<object>([(UInt256)1, BigInteger.MinusOne, "why"], decoded.Values.Take(3));
        Assert.Equal([1, 2, 3, 4], Assert.IsType<byte[]>(decoded["d"]));
    }

    [Theory]
    [InlineData("string")]
    [InlineData("bytes")]
    [InlineData("uint256[]")]
    [InlineData("uint256[2]")]
    [InlineData("(uint256,bool)")]
    public void What_does_not_fit_a_topic_is_there_as_its_hash(string type)
    {
        var entry = AbiEvent.Parse($"E({type} indexed a)");
        Assert.True(entry.TryDecode(LogOf([entry.Topic0, Keccak256.Hash("a")]), out var decoded));
        Assert.Equal(Keccak256.Hash("a"), decoded["a"]);
    }

    [Fact]
    public void Logs_that_only_pretend_are_not_decoded()
    {
        var value = ((UInt256)1).ToArray();
        LogTopics topics = [Transfer.Topic0, Topic(Holder), Topic(Holder)];
        Assert.False(Transfer.TryDecode(LogOf([]), out _));
        Assert.False(Transfer.TryDecode(LogOf([Keccak256.Hash("Other()"), topics[1], topics[2]], value), out _));
        Assert.False(Transfer.TryDecode(LogOf([Transfer.Topic0, Topic(UInt256.MaxValue), topics[2]], value), out _));
        Assert.False(Transfer.TryDecode(LogOf(topics, [.. value.Skip(1)]), out _));
        Assert.False(Transfer.TryDecode(LogOf(topics), out _));
        Assert.True(Transfer.TryDecode(LogOf(topics, value), out _));
    }

    [Fact]
    public void An_anonymous_event_has_no_topic_of_its_own()
    {
        var note = AbiEvent.Parse("LogNote(bytes4 indexed sig, address indexed guy, bytes data) anonymous");
        var data = AbiEncoder.Encode([note.Parameters[2]], new byte[] { 9 });
        Assert.True(note.TryDecode(LogOf([Hash32.Zero, Topic(Holder)], data), out var decoded));
        Assert.Equal(Holder, decoded["guy"]);
    }

    [Fact]
    public void An_anonymous_event_without_indexed_parameters_has_no_topics_at_all()
    {
        var note = AbiEvent.Parse("Fire(uint256 at) anonymous");
        Assert.True(note.TryDecode(LogOf([], ((UInt256)9).ToArray()), out var decoded));
        Assert.Equal((UInt256)9, decoded["at"]);
        Assert.False(note.TryDecode(LogOf([note.Topic0], ((UInt256)9).ToArray()), out _));
        Assert.False(note.TryDecode(LogOf([], 1, 2), out _));
    }
}
