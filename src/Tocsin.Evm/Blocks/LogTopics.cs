using System.Runtime.CompilerServices;
using Tocsin.Chains;

namespace Tocsin.Evm.Blocks;

/// <summary>The topics of a log, none to four, held in place so that a log needs no list of its own.</summary>
[CollectionBuilder(typeof(LogTopics), nameof(Create))]
public readonly struct LogTopics : IEquatable<LogTopics>
{
    public const int CountMax = 4;

    private readonly Slots slots;
    private readonly byte count;

    private LogTopics(ReadOnlySpan<Hash32> topics)
    {
        topics.CopyTo(slots);
        count = (byte)topics.Length;
    }

    public int Count => count;

    public Hash32 this[int index] => AsSpan()[index];

    /// <exception cref="ArgumentException">More than four: the machine has no LOG5.</exception>
    public static LogTopics Create(ReadOnlySpan<Hash32> topics) => topics.Length <= CountMax
        ? new LogTopics(topics)
        : throw new ArgumentException($"a log has at most {CountMax} topics, not {topics.Length}", nameof(topics));

    [System.Diagnostics.CodeAnalysis.UnscopedRef]
    public ReadOnlySpan<Hash32> AsSpan() => ((ReadOnlySpan<Hash32>)slots)[..count];

    [System.Diagnostics.CodeAnalysis.UnscopedRef]
    public ReadOnlySpan<Hash32>.Enumerator GetEnumerator() => AsSpan().GetEnumerator();

    public bool Equals(LogTopics other) => AsSpan().SequenceEqual(other.AsSpan());

    public override bool Equals(object? obj) => obj is LogTopics other && Equals(other);

    public override int GetHashCode()
    {
        var hash = default(HashCode);
        foreach (var topic in this)
            hash.Add(topic);
        return hash.ToHashCode();
    }

    public static bool operator ==(LogTopics left, LogTopics right) => left.Equals(right);

    public static bool operator !=(LogTopics left, LogTopics right) => !left.Equals(right);

    [InlineArray(CountMax)]
    private struct Slots
    {
        private Hash32 first;
    }
}
