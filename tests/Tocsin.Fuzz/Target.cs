namespace Tocsin.Fuzz;

/// <summary>A reader of what comes from outside, and what it promises.</summary>
/// <param name="Seeds">Good inputs, which the mutations start from.</param>
/// <param name="Read">
/// Reads the input: true where it gives a value, false where it refuses. It may throw what <paramref name="IsFault"/>
/// knows and nothing else. Checks of the value (written again, read again) throw <see cref="PromiseException"/>.
/// </param>
/// <param name="IsFault">The exceptions that the reader declares for bad input.</param>
/// <param name="AllocatedPerInputByte">The bytes it may allocate for each byte of input, beside a constant.</param>
public sealed record Target(
    string Name,
    IReadOnlyList<byte[]> Seeds,
    Func<byte[], bool> Read,
    Func<Exception, bool> IsFault,
    int AllocatedPerInputByte)
{
    /// <summary>What any case may allocate: an exception with its trace, a few small objects.</summary>
    public long AllocatedAlways { get; init; } = 64 * 1024;
}

/// <summary>A value that was read is not what its reader says of it.</summary>
public sealed class PromiseException(string message) : Exception(message);
