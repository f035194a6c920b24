using Tocsin.Chains;

namespace Tocsin.Evm.Blocks;

/// <summary>
/// Which three bits of a bloom an item sets, remembered for items met lately: a few addresses and topics make up most
/// logs, and hashing is what a bloom costs. Direct-mapped and bounded. A place holds the whole item, so that whoever
/// fills the chain with colliding items makes this slow and never wrong; where items go is a secret of the process.
/// Not for several threads at once.
/// </summary>
internal sealed class BloomBits
{
    private const int PlaceCount = 1 << 15;

    private readonly Place[] places = new Place[PlaceCount];

    // Items that are not remembered wait here until enough of them are there to be hashed at once.
    private readonly Hash32[] waiting = new Hash32[Keccak256.AtOnce];
    private readonly byte[] lengths = new byte[Keccak256.AtOnce];
    private readonly Hash32[] hashes = new Hash32[Keccak256.AtOnce];
    private int waitingCount;

    /// <summary>Sets the bits of an address, now or at <see cref="Finish"/>.</summary>
    public void Add(Address address, Span<byte> bloom)
    {
        Span<byte> word = stackalloc byte[Hash32.ByteCount];
        word.Clear();
        address.CopyTo(word);
        Add(new Hash32(word), Address.ByteCount, bloom);
    }

    /// <summary>Sets the bits of a topic, now or at <see cref="Finish"/>.</summary>
    public void Add(Hash32 topic, Span<byte> bloom) => Add(topic, Hash32.ByteCount, bloom);

    /// <summary>Sets the bits of items that are still waiting; a bloom is whole only after this.</summary>
    public void Finish(Span<byte> bloom)
    {
        if (waitingCount == 0)
            return;
        Keccak256.HashFour(waiting, lengths, hashes);
        Span<byte> hash = stackalloc byte[Hash32.ByteCount];
        for (var i = 0; i < waitingCount; i++)
        {
            hashes[i].CopyTo(hash);
            var place = new Place(waiting[i], lengths[i], BitAt(hash), BitAt(hash[2..]), BitAt(hash[4..]));
            Set(place, bloom);
            PlaceOf(place.Item) = place;
        }
        waitingCount = 0;
    }

    private void Add(Hash32 item, byte length, Span<byte> bloom)
    {
        ref readonly var place = ref PlaceOf(item);
        // The length tells an address from the topic that has its bytes on the left; zero is an empty place.
        if (place.Length == length && place.Item == item)
        {
            Set(place, bloom);
            return;
        }
        waiting[waitingCount] = item;
        lengths[waitingCount] = length;
        if (++waitingCount == waiting.Length)
            Finish(bloom);
    }

    private ref Place PlaceOf(Hash32 item) => ref places[item.GetHashCode() & (PlaceCount - 1)];

    private static void Set(in Place place, Span<byte> bloom)
    {
        bloom[place.First >> 3] |= (byte)(1 << (place.First & 7));
        bloom[place.Second >> 3] |= (byte)(1 << (place.Second & 7));
        bloom[place.Third >> 3] |= (byte)(1 << (place.Third & 7));
    }

    // The bit that a pair of bytes names, counted from the right end of the bloom, as byte times 8 and bit.
    private static ushort BitAt(ReadOnlySpan<byte> pair)
    {
        var bit = ((pair[0] << 8) | pair[1]) % (LogsBloom.ByteCount * 8);
        return (ushort)(((LogsBloom.ByteCount - 1 - (bit / 8)) * 8) + (bit % 8));
    }

    private readonly record struct Place(Hash32 Item, byte Length, ushort First, ushort Second, ushort Third);
}
