namespace Tocsin.Callbacks;

/// <summary>
/// Words on receipts that the log does not know yet: a provider may speak before its answer to the sending is
/// recorded. Kept in memory for some minutes: after a crash what was sent is sent again, under another receipt.
/// </summary>
internal sealed class HeldWords
{
    public const int Most = 1_000;

    private static readonly TimeSpan HeldFor = TimeSpan.FromMinutes(5);

    private readonly List<(string Channel, string Receipt, string? Why, DateTimeOffset At)> words = [];

    /// <summary>The channel whose word is lost for it; null where there is room.</summary>
    public string? Hold(string channel, string receipt, string? why, DateTimeOffset now)
    {
        words.Add((channel, receipt, why, now));
        if (words.Count <= Most)
            return null;
        var lost = words[0].Channel;
        words.RemoveAt(0);
        return lost;
    }

    /// <summary>Tries each in the order in which they came.</summary>
    /// <param name="record">True where it is done with.</param>
    /// <param name="giveUp">Is told the channel of one that was held for too long.</param>
    public void Release(
        DateTimeOffset now, Func<string, string, string?, bool> record, Action<string> giveUp)
    {
        foreach (var word in words.ToList())
        {
            var isDone = record(word.Channel, word.Receipt, word.Why);
            if (!isDone && now - word.At <= HeldFor)
                continue;
            words.Remove(word);
            if (!isDone)
                giveUp(word.Channel);
        }
    }
}
