using System.Diagnostics.CodeAnalysis;
using Tocsin.Chains;
using Tocsin.Evm.Blocks;

namespace Tocsin.Evm.Abi;

/// <summary>
/// An event whichever of its parameters a contract indexes. What is indexed is no part of topic 0, so old tokens write
/// the same event with other topics; their number and the values' own widths tell the shapes apart.
/// </summary>
public sealed class EventShapes
{
    /// <summary>Events with more parameters are read as declared alone: the shapes grow with the cube.</summary>
    public const int MaxParameters = 10;

    private const int MaxIndexed = LogTopics.CountMax - 1;

    private readonly AbiEvent[] declared;
    private readonly AbiEvent[] others;

    /// <param name="declared">The shapes that are known to be written, likelier ones first; at least one.</param>
    /// <exception cref="ArgumentException">There is none, they are not one event, or one is anonymous.</exception>
    public EventShapes(params ReadOnlySpan<AbiEvent> declared)
    {
        this.declared = declared.ToArray();
        if (this.declared is not [var first, ..] || this.declared.Any(shape => shape.Topic0 != first.Topic0))
            throw new ArgumentException("the shapes are of one event", nameof(declared));
        if (this.declared.Any(shape => shape.IsAnonymous))
            throw new ArgumentException("an anonymous event is known by its shape alone", nameof(declared));
        others = [.. Others(first)];
    }

    public Hash32 Topic0 => declared[0].Topic0;

    /// <summary>
    /// Reads the log by the first declared shape that fits it, else by the one other shape that does. False also where
    /// several others fit: to guess which amount is meant would make up facts. <see cref="Readings"/> has them all.
    /// </summary>
    public bool TryDecode(in Log log, [NotNullWhen(true)] out DecodedEvent? decoded)
    {
        decoded = null;
        if (log.Topics.Count == 0 || log.Topics[0] != Topic0)
            return false;
        foreach (var shape in declared)
        {
            if (shape.TryDecode(log, out decoded))
                return true;
        }
        decoded = Readings(log) is [var only] ? only : null;
        return decoded is not null;
    }

    /// <summary>Every reading that fits: by declared shapes, then with earlier parameters indexed first.</summary>
    public IReadOnlyList<DecodedEvent> Readings(in Log log)
    {
        var readings = new List<DecodedEvent>();
        foreach (var shape in (ReadOnlySpan<AbiEvent>)[.. declared, .. others])
        {
            if (shape.TryDecode(log, out var decoded))
                readings.Add(decoded);
        }
        return readings;
    }

    private IEnumerable<AbiEvent> Others(AbiEvent entry)
    {
        var parameters = entry.Parameters;
        if (parameters.Count > MaxParameters)
            return [];
        var known = declared.Select(IndexedOf).ToHashSet();
        return Enumerable.Range(0, 1 << parameters.Count)
            .Where(indexed => int.PopCount(indexed) <= MaxIndexed && !known.Contains(indexed))
            // The first parameter is the lowest bit, so the lowest numbers index the earliest parameters.
            .Select(indexed => new AbiEvent(entry.Name, WithIndexed(parameters, indexed)));
    }

    private static int IndexedOf(AbiEvent entry) => entry.Parameters.Index()
        .Where(place => place.Item.Indexed)
        .Aggregate(0, (set, place) => set | (1 << place.Index));

    private static ValueList<AbiParameter> WithIndexed(ValueList<AbiParameter> parameters, int indexed) => parameters
        .Index()
        .Select(place => place.Item with { Indexed = ((indexed >> place.Index) & 1) == 1 })
        .ToValueList();
}
