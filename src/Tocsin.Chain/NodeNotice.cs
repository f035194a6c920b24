using Tocsin.Chains;
using Tocsin.Evm.Inputs;

namespace Tocsin.Chain;

/// <summary>A node of the chain as the configuration names it.</summary>
/// <param name="Weight">How much it is preferred over the others at equal health; above 0.</param>
public sealed record NamedNode(string Name, Node Node, double Weight = 1);

/// <summary>A symptom of a node begins or is over.</summary>
/// <param name="Node">Its name in the configuration; <see cref="Arrival.AllNodes"/> for all of them together.</param>
/// <param name="Words">One sentence for an operator; it holds no credential.</param>
public sealed record NodeNotice(DateTimeOffset At, string Node, NodeSymptom Symptom, bool Present, string Words);

/// <summary>The newest block of a node, with the node that told it: heads of different nodes do not mix.</summary>
/// <param name="Time">The block's own timestamp.</param>
public sealed record NodeHead(string Node, BlockRef Block, DateTimeOffset Time)
{
    public ulong Number => Block.Number;

    public Hash32 Hash => Block.Hash;
}

/// <summary>An answer, and the name of the node that gave it.</summary>
public readonly record struct Told<T>(string Node, T Value);
