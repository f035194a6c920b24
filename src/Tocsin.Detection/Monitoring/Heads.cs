using Tocsin.Chains;

namespace Tocsin.Detection.Monitoring;

/// <summary>The heads that nodes announce, against the blocks that were taken.</summary>
internal sealed class Heads(Senses senses)
{
    // A node that lags or repeats itself must not look like a chain that lives.
    private const int RecentMax = 32;

    /// <summary>So many times <see cref="Senses.BehindAfter"/>, and being behind is worse.</summary>
    public const int WorseAfterTimes = 5;

    private readonly List<Hash32> recent = [];

    /// <summary>The head announced last; null before the first, and while nobody listened.</summary>
    public BlockRef? Newest { get; private set; }

    public DateTimeOffset? BehindSince { get; private set; }

    public IReadOnlyList<Hash32> Recent => recent;

    public void Restore(Heard heard)
    {
        (Newest, BehindSince) = (heard.Head, heard.BehindSince);
        recent.AddRange(heard.RecentHeads);
    }

    /// <summary>Nothing is known of the heads that were announced meanwhile.</summary>
    public void BeginAnew() => (Newest, BehindSince) = (null, null);

    public void SetBack(DateTimeOffset now) => BehindSince = BehindSince > now ? now : BehindSince;

    /// <summary>Takes an announced head; true where it shows that the chain goes on: one not heard of lately, and not
    /// below what was taken.</summary>
    public bool Take(BlockRef head, BlockRef? taken)
    {
        Newest = head;
        if (recent.Contains(head.Hash) || head.Number < taken?.Number)
            return false;
        recent.Add(head.Hash);
        if (recent.Count > RecentMax)
            recent.RemoveAt(0);
        return true;
    }

    /// <summary>Looks whether we are behind, now; false where nothing can be said.</summary>
    public bool Judge(DateTimeOffset now, BlockRef? taken)
    {
        if (Newest is not { } newest)
            return false;
        var isBehind = taken is not { } last
            || (newest.Number > last.Number && newest.Number - last.Number > (ulong)senses.BehindBlocks);
        BehindSince = isBehind ? BehindSince ?? now : null;
        return true;
    }

    public string Words(BlockRef? taken, TimeSpan lasting)
    {
        var lag = taken is { } last
            ? $"block {last.Number} is the last one taken: {Newest!.Value.Number - last.Number:#,0} behind "
                + $"(limit {senses.BehindBlocks})"
            : "no block was taken yet";
        return $"Nodes announce block {Newest!.Value.Number}, but {lag}, for {Detection.Words.Length(lasting)}. "
            + "Until this is over, attacks are seen late.";
    }
}
