using Tocsin.Chains;

namespace Tocsin.Chain;

/// <summary>How several nodes of one chain are used and judged.</summary>
public sealed record NodesOptions
{
    /// <summary>A node on another chain gives no answer that is used; null where that is checked elsewhere.</summary>
    public ChainId? ExpectedChain { get; init; }

    /// <summary>So many must say the same before anything automatic; null for two, or one where there is one.</summary>
    public int? AgreeingNodes { get; init; }

    /// <summary>
    /// After this long without an answer a second node is asked the same; null for what 95 of 100 recent answers of the
    /// first took, within the two bounds below.
    /// </summary>
    public TimeSpan? HedgeAfter { get; init; }

    public TimeSpan HedgeAfterAtLeast { get; init; } = TimeSpan.FromMilliseconds(50);

    public TimeSpan HedgeAfterAtMost { get; init; } = TimeSpan.FromSeconds(2);

    /// <summary>However long a node that throttles us wants to be left alone, it is asked again after this.</summary>
    public TimeSpan LongestRest { get; init; } = TimeSpan.FromMinutes(5);

    /// <summary>A node's symptom begins after so many bad looks in a row, more where good ones lie between,</summary>
    public int BeginAfterFaults { get; init; } = 3;

    /// <summary>or where every look was bad for this long.</summary>
    public TimeSpan BeginAfter { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>A symptom is over where every look was good for this long.</summary>
    public TimeSpan EndAfter { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>A node may be so many blocks behind the highest head known, or its own former one.</summary>
    public ulong LagBlocks { get; init; } = 3;

    /// <summary>A node whose newest block is no older than this does not lag: blocks may come many a second.</summary>
    public TimeSpan FreshFor { get; init; } = TimeSpan.FromSeconds(15);

    /// <summary>A head so many blocks beyond that of another node which is fresh is made up.</summary>
    public ulong BeyondBlocks { get; init; } = 256;

    /// <summary>The newest block may be dated so far into the future.</summary>
    public TimeSpan FutureLimit { get; init; } = TimeSpan.FromMinutes(1);

    /// <summary>A newest block older than this is a lag even where all say the same; null on quiet chains.</summary>
    public TimeSpan? StaleAfter { get; init; } = TimeSpan.FromMinutes(10);

    /// <summary>Between two looks at every node, asked for or not.</summary>
    public TimeSpan ProbeEvery { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>Between two comparisons of a whole block while nobody is suspected; null for none.</summary>
    public TimeSpan? CompareEvery { get; init; } = TimeSpan.FromMinutes(1);
}
