using Tocsin.Channels;

namespace Tocsin.Callbacks;

/// <summary>What was heard in the last ten minutes, with what was answered: providers repeat themselves.</summary>
internal sealed class RecentCallbacks
{
    /// <summary>Of all channels together; beyond it the oldest is forgotten.</summary>
    public const int Most = 10_000;

    private static readonly TimeSpan KeptFor = TimeSpan.FromMinutes(10);

    private readonly Dictionary<(string Channel, string Key), CallbackReply> replies = [];
    private readonly Queue<((string Channel, string Key) Name, DateTimeOffset At)> inOrder = [];

    /// <summary>What was answered to the same; null where it is new.</summary>
    public CallbackReply? Find(string channel, string key, DateTimeOffset now)
    {
        while (inOrder.TryPeek(out var oldest) && now - oldest.At > KeptFor)
            replies.Remove(inOrder.Dequeue().Name);
        return replies.GetValueOrDefault((channel, key));
    }

    public void Keep(string channel, string key, CallbackReply reply, DateTimeOffset now)
    {
        if (!replies.TryAdd((channel, key), reply))
            return;
        inOrder.Enqueue(((channel, key), now));
        if (inOrder.Count > Most)
            replies.Remove(inOrder.Dequeue().Name);
    }
}
