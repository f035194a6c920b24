namespace Tocsin.Chain;

/// <summary>When a block of a chain counts as final: after so many others, or by the chain's own word.</summary>
public sealed record Finality
{
    private Finality(string? tag, int confirmations)
    {
        Tag = tag;
        Confirmations = confirmations;
    }

    /// <summary>The block that the node tags <c>safe</c>: justified, on Ethereum.</summary>
    public static Finality Safe { get; } = new("safe", 0);

    /// <summary>The block that the node tags <c>finalized</c>.</summary>
    public static Finality Finalized { get; } = new("finalized", 0);

    /// <summary>The tag to ask for; null where confirmations are counted.</summary>
    public string? Tag { get; }

    /// <summary>So many blocks on top make a block final; 0 where the chain tells by tag.</summary>
    public int Confirmations { get; }

    /// <exception cref="ArgumentOutOfRangeException">Fewer than one confirmation.</exception>
    public static Finality After(int confirmations)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(confirmations, 1);
        return new Finality(null, confirmations);
    }

    public override string ToString() => Tag ?? $"after {Confirmations} confirmations";
}
