using Tocsin.Chains;

namespace Tocsin.Evm.Blocks;

/// <summary>
/// The Merkle-Patricia trie in which a header commits to a list (yellow paper, section 4.3 and appendix D): the value
/// at place i has the key rlp(i). Only its root is made.
/// </summary>
public static class OrderedTrie
{
    private const int Branches = 16;

    /// <summary>The root of the encoded items in their order; of none, keccak256(rlp("")).</summary>
    public static Hash32 Root(IReadOnlyList<byte[]> items)
    {
        if (items.Count == 0)
            return Keccak256.Hash(Rlp.Encode([]));
        var leaves = new Leaf[items.Count];
        for (var i = 0; i < leaves.Length; i++)
            leaves[i] = new Leaf(Nibbles(Rlp.Encode((ulong)i)), items[i]);
        Array.Sort(leaves, static (left, right) => left.Path.AsSpan().SequenceCompareTo(right.Path));
        return Keccak256.Hash(Node(leaves, depth: 0));
    }

    // Keys have at most five bytes, so this nests at most ten deep. No key begins another, so no branch has a value.
    private static byte[] Node(ReadOnlySpan<Leaf> leaves, int depth)
    {
        var path = leaves[0].Path.AsSpan();
        if (leaves.Length == 1)
            return Rlp.EncodeList(Rlp.Encode(HexPrefix(path[depth..], isLeaf: true)), Rlp.Encode(leaves[0].Value));
        var shared = path[depth..].CommonPrefixLength(leaves[^1].Path.AsSpan(depth));
        return shared > 0
            ? Rlp.EncodeList(
                Rlp.Encode(HexPrefix(path.Slice(depth, shared), isLeaf: false)), Reference(leaves, depth + shared))
            : Branch(leaves, depth);
    }

    private static byte[] Branch(ReadOnlySpan<Leaf> leaves, int depth)
    {
        var children = new byte[Branches + 1][];
        Array.Fill(children, Rlp.Encode([]));
        while (!leaves.IsEmpty)
        {
            var nibble = leaves[0].Path[depth];
            var count = 1;
            while (count < leaves.Length && leaves[count].Path[depth] == nibble)
                count++;
            children[nibble] = Reference(leaves[..count], depth + 1);
            leaves = leaves[count..];
        }
        return Rlp.EncodeList(children);
    }

    /// <summary>A node within its parent: its hash, or itself where it is shorter than a hash.</summary>
    private static byte[] Reference(ReadOnlySpan<Leaf> leaves, int depth)
    {
        var node = Node(leaves, depth);
        return node.Length < Hash32.ByteCount ? node : Rlp.Encode(Keccak256.Hash(node));
    }

    /// <summary>Yellow paper, appendix C: the kind and the parity of the path in the first half byte.</summary>
    private static byte[] HexPrefix(ReadOnlySpan<byte> nibbles, bool isLeaf)
    {
        var odd = nibbles.Length % 2;
        var bytes = new byte[1 + (nibbles.Length / 2)];
        bytes[0] = (byte)((((isLeaf ? 2 : 0) + odd) << 4) | (odd == 1 ? nibbles[0] : 0));
        for (var i = odd; i < nibbles.Length; i += 2)
            bytes[1 + (i / 2)] = (byte)((nibbles[i] << 4) | nibbles[i + 1]);
        return bytes;
    }

    private static byte[] Nibbles(byte[] key)
    {
        var nibbles = new byte[2 * key.Length];
        for (var i = 0; i < key.Length; i++)
            (nibbles[2 * i], nibbles[(2 * i) + 1]) = ((byte)(key[i] >> 4), (byte)(key[i] & 0xf));
        return nibbles;
    }

    private readonly record struct Leaf(byte[] Path, byte[] Value);
}
