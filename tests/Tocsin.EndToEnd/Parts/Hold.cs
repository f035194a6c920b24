namespace Tocsin.EndToEnd.Parts;

/// <summary>Stops one message on its way, so that a process can be killed at exactly that point.</summary>
/// <param name="isMeant">Tells the message by the request, and by the answer where that is what is held.</param>
/// <param name="holdsAll">Also those that are asked again because this one did not get through.</param>
internal sealed class Hold(Func<string, string, bool> isMeant, bool holdsAnswer, bool holdsAll = false)
{
    private readonly TaskCompletionSource reached = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TaskCompletionSource<bool> released = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private int taken;

    /// <summary>Completes when the message has come.</summary>
    public Task Reached => reached.Task;

    public static Hold Request(params string[] words) =>
        new((request, _) => words.All(request.Contains), holdsAnswer: false);

    /// <summary>Every such request until the release.</summary>
    public static Hold Requests(params string[] words) =>
        new((request, _) => words.All(request.Contains), holdsAnswer: false, holdsAll: true);

    public static Hold Answer(string inRequest, string inAnswer) =>
        new((request, answer) => request.Contains(inRequest) && answer.Contains(inAnswer), holdsAnswer: true);

    /// <summary>Lets the message go on, or be lost.</summary>
    public void Release(bool lost) => released.TrySetResult(!lost);

    /// <returns>False where the message is lost.</returns>
    public async Task<bool> PassAsync(string request, string? answer)
    {
        if (holdsAnswer == answer is null || !isMeant(request, answer ?? ""))
            return true;
        if (Interlocked.Exchange(ref taken, 1) == 1 && !holdsAll)
            return true;
        reached.TrySetResult();
        return await released.Task;
    }
}
