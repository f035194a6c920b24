namespace Tocsin.Demo.Providers;

/// <summary>
/// What one request meets in the place of the provider's own answer: the faults of the outside world, each by one word.
/// Without a status no answer ever comes.
/// </summary>
/// <param name="Headers">One a line.</param>
internal sealed record Answer(int? Status = null, string Body = "", string Headers = "")
{
    public static readonly Answer Never = new();

    /// <summary>The connection is lost before anything was done.</summary>
    public static readonly Answer Dropped = new() { IsCut = true };

    /// <summary>The connection is lost after it was done: only the answer is missing.</summary>
    public static readonly Answer DroppedAfter = new() { IsCut = true, IsDone = true };

    /// <summary>The provider's own, to be changed by <c>with</c>.</summary>
    public static readonly Answer Own = new() { IsOwn = true, IsDone = true };

    /// <summary>Taken with a good answer, and never brought to anybody.</summary>
    public static readonly Answer Lost = Own with { IsLost = true };

    /// <summary>What the provider posts to us comes twice.</summary>
    public static readonly Answer CallbackTwice = Own with { Callbacks = 2 };

    /// <summary>What the provider posts to us comes before its answer.</summary>
    public static readonly Answer CallbackFirst = Own with { CallsBackFirst = true };

    /// <summary>True where the request takes effect all the same.</summary>
    public bool IsDone { get; init; }

    public bool IsOwn { get; init; }

    public bool IsCut { get; init; }

    public bool IsLost { get; init; }

    /// <summary>By the server's clock.</summary>
    public TimeSpan Delay { get; init; }

    /// <summary>Between two bytes of the body.</summary>
    public TimeSpan Drip { get; init; }

    public int Callbacks { get; init; } = 1;

    public bool CallsBackFirst { get; init; }

    /// <summary>The provider's own, but late.</summary>
    public static Answer Late(TimeSpan delay) => Own with { Delay = delay };

    /// <summary>The provider's own, byte by byte.</summary>
    public static Answer Dripping(TimeSpan pause) => Own with { Drip = pause };

    public static Answer[] Burst(int count, int status = 503) =>
        [.. Enumerable.Repeat(new Answer(status), count)];
}

/// <summary>Answers in the place of the provider's own, once each, in their order.</summary>
internal sealed class Script
{
    private readonly Queue<Answer> answers = new();

    public int Count => answers.Count;

    public void Add(params Answer[] more) => Array.ForEach(more, answers.Enqueue);

    public Answer? Next() => answers.TryDequeue(out var next) ? next : null;
}
