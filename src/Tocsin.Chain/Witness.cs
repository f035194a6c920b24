using Tocsin.Evm.Inputs;

namespace Tocsin.Chain;

/// <summary>What a symptom is inferred from; several may speak for the same one.</summary>
internal enum Aspect
{
    /// <summary>Whether asks are answered.</summary>
    Answers,

    /// <summary>Whether we are asked to slow down.</summary>
    Quota,

    /// <summary>Whether the head keeps up.</summary>
    Progress,

    /// <summary>Whether the head can be true.</summary>
    HeadTruth,

    /// <summary>Whether blocks that it said to have are there.</summary>
    Promises,

    /// <summary>Whether blocks fit together and are those of the other nodes.</summary>
    BlockTruth,

    /// <summary>Whether the node is on the chain that is watched.</summary>
    Chain,

    /// <summary>Whether enough nodes agree; of all nodes together.</summary>
    Confirmation,
}

/// <summary>One node, or all of them together, with everything that was seen of it. Safe for concurrent use.</summary>
internal sealed class Witness(string name, NamedNode? named, NodesOptions options, Action<NodeNotice>? tell)
{
    // How long a node's own highest head counts against it: a liar or a reset chain must not lag for ever.
    private static readonly TimeSpan HighestCounts = TimeSpan.FromMinutes(5);

    private readonly Lock gate = new();
    private readonly SymptomCourse[] courses = new SymptomCourse[Enum.GetValues<Aspect>().Length];
    private readonly RecentLatencies latencies = new();
    private NodeHealth health;
    private NodeHead? head;
    private DateTimeOffset headToldAt;
    private (ulong Number, DateTimeOffset At) highest;

    public string Name => name;

    public Node Node => named!.Node;

    /// <summary>Set once the node has told the chain that was expected.</summary>
    public volatile bool ChainIsVerified;

    public TimeSpan? Percentile95()
    {
        lock (gate)
            return latencies.Percentile95();
    }

    public NodeHead? Head()
    {
        lock (gate)
            return head;
    }

    public bool IsResting(DateTimeOffset now)
    {
        lock (gate)
            return health.IsResting(now);
    }

    public DateTimeOffset RestUntil()
    {
        lock (gate)
            return health.RestUntil;
    }

    /// <summary>Weight times health.</summary>
    public double Value(DateTimeOffset now)
    {
        lock (gate)
            return named!.Weight * health.Value(now, courses[(int)Aspect.Progress].IsSuspect, IsDistrusted());
    }

    public bool IsSuspect(Aspect aspect)
    {
        lock (gate)
            return courses[(int)aspect].IsSuspect;
    }

    public IReadOnlyList<NodeSymptom> Symptoms()
    {
        lock (gate)
            return [.. Enum.GetValues<NodeSymptom>().Where(IsPresent)];
    }

    public void Answered(TimeSpan latency, DateTimeOffset at)
    {
        lock (gate)
        {
            health = health.Answered(latency, at);
            latencies.Add(latency);
        }
        See(Aspect.Answers, null, at);
        See(Aspect.Quota, null, at);
    }

    public void Outrun(TimeSpan after)
    {
        lock (gate)
            health = health.Outrun(after);
    }

    public void Failed(NodeException fault, DateTimeOffset at)
    {
        // A JSON-RPC error is an answer of a node that is well, though it does not help us.
        var answered = fault is { Fault: NodeFault.Refused, Error: not null };
        lock (gate)
        {
            if (fault.Fault == NodeFault.Throttled)
                health = health.Throttled(fault.RetryAfter, options.LongestRest, at);
            else if (!answered)
                health = health.Failed(at);
        }
        switch (fault.Fault)
        {
            case NodeFault.Throttled: See(Aspect.Quota, fault.Message, at); break;
            case NodeFault.Inconsistent: See(Aspect.BlockTruth, fault.Message, at); break;
            default: See(Aspect.Answers, answered ? null : fault.Message, at); break;
        }
    }

    public void Told(NodeHead told, DateTimeOffset at)
    {
        lock (gate)
        {
            head = told;
            headToldAt = at;
            if (told.Number >= highest.Number || at - highest.At > HighestCounts)
                highest = (told.Number, at);
        }
    }

    /// <summary>Null before it told a head.</summary>
    public HeadLook? Look()
    {
        lock (gate)
            return head is null ? null : LookLocked();
    }

    /// <summary>Takes in one look, and tells where a symptom begins or is over.</summary>
    /// <param name="wrong">What is wrong, as a sentence that names the node; null where the look was good.</param>
    public void See(Aspect aspect, string? wrong, DateTimeOffset at)
    {
        // Told under the lock, so that a beginning and its end cannot overtake each other.
        lock (gate)
        {
            var symptom = SymptomOf(aspect);
            var before = IsPresent(symptom);
            courses[(int)aspect] = courses[(int)aspect].After(wrong is not null, at, options);
            var present = IsPresent(symptom);
            if (present != before)
                tell?.Invoke(new NodeNotice(at, name, symptom, present, wrong ?? $"{name}: {Over(symptom)}"));
        }
    }

    private HeadLook LookLocked() => new(
        name, head!.Number, head.Time, headToldAt, Math.Max(highest.Number, head.Number), !IsDistrusted());

    private bool IsDistrusted() => courses[(int)Aspect.HeadTruth].IsSuspect
        || courses[(int)Aspect.Promises].IsSuspect
        || courses[(int)Aspect.BlockTruth].IsSuspect
        || courses[(int)Aspect.Chain].IsSuspect;

    private bool IsPresent(NodeSymptom symptom)
    {
        for (var aspect = 0; aspect < courses.Length; aspect++)
        {
            if (courses[aspect].Present && SymptomOf((Aspect)aspect) == symptom)
                return true;
        }
        return false;
    }

    private static NodeSymptom SymptomOf(Aspect aspect) => aspect switch
    {
        Aspect.Answers => NodeSymptom.Failing,
        Aspect.Quota => NodeSymptom.Throttling,
        Aspect.Progress => NodeSymptom.Lagging,
        Aspect.HeadTruth or Aspect.Promises or Aspect.BlockTruth or Aspect.Chain => NodeSymptom.Disagreeing,
        Aspect.Confirmation => NodeSymptom.Unconfirmed,
    };

    private static string Over(NodeSymptom symptom) => symptom switch
    {
        NodeSymptom.Failing => "gives usable answers again",
        NodeSymptom.Lagging => "has caught up",
        NodeSymptom.Throttling => "answers without asking us to slow down",
        NodeSymptom.Disagreeing => "says what the others say, and does not contradict itself",
        NodeSymptom.BrokeFinality => "keeps what is final",
        NodeSymptom.Unconfirmed => "enough nodes agree again",
    };
}
