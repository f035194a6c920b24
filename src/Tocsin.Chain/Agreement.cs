using Tocsin.Chains;

namespace Tocsin.Chain;

/// <summary>What one node says of a block that was asked of several.</summary>
/// <param name="Node">Its name in the configuration.</param>
/// <param name="Words">Reads on after the name.</param>
public sealed record Statement(string Node, string Words);

/// <summary>
/// Whether enough nodes say the same of a block for something automatic to follow.
/// <para>
/// What agreement proves: each of the nodes named gave the same block hash, parent and time, and the same transactions
/// with the same outcome and the same logs, in the same order, as <see cref="Testimony"/> compares them; and each
/// alone gave a whole that fits together (one receipt for each transaction, logs numbered without a hole, logs that fit
/// the header's bloom where it gave one). Unless it says otherwise, the block hash of each commits to its receipts and
/// their logs; it does not prove that this block is on the chain, for anyone can make one up: nodes that lie alike, or
/// stand behind the same gateway, are one node. It does not prove that the block stays on the chain.
/// </para>
/// </summary>
public abstract record Agreement
{
    private Agreement()
    {
    }

    /// <summary>One sentence for an operator; it names the nodes.</summary>
    public abstract string Words { get; }

    /// <summary>As many as are required say the same; this can be one alone.</summary>
    public sealed record Agreed(BlockRef Block, ValueList<string> By) : Agreement
    {
        /// <summary>Nobody contradicts, because nobody else was asked.</summary>
        public bool OneNodeOnly => By.Count == 1;

        /// <summary>By whom nothing shows that the block hash commits to the receipts, and why.</summary>
        public ValueList<Statement> Unproven { get; init; } = [];

        public override string Words => (OneNodeOnly
            ? $"block {Block} is as {By[0]} says: one node only, no other was asked"
            : $"{string.Join(" and ", By)} say the same of block {Block}") + Doubt;

        private string Doubt => Unproven.Count == 0
            ? ""
            : $"; that its hash commits to its logs is not shown ({Unproven[0].Node}: {Unproven[0].Words})";
    }

    /// <summary>They differ, among themselves or from what was taken before: nothing automatic may follow.</summary>
    public sealed record Disagreed(BlockRef Block, ValueList<Statement> Statements) : Agreement
    {
        public override string Words =>
            "the nodes disagree: "
            + string.Join("; ", Statements.Select(statement => $"{statement.Node} {statement.Words}"));
    }

    /// <summary>Nothing contradicts, but too few say so: nothing automatic may follow yet.</summary>
    public sealed record NotEnough(BlockRef Block, string Why) : Agreement
    {
        public override string Words => $"block {Block} is not confirmed: {Why}";
    }

    /// <summary>The name of what the caller had taken before, among the statements.</summary>
    public const string TakenBefore = "what was taken before";

    /// <param name="told">What was told by whom; each node once.</param>
    /// <param name="silent">Who could not say, and why.</param>
    /// <param name="taken">What must be confirmed; null where the hash alone must.</param>
    internal static Agreement Judge(
        BlockRef block,
        int required,
        IReadOnlyList<Told<Testimony>> told,
        IReadOnlyList<Statement> silent,
        Testimony? taken)
    {
        if (told.Count == 0)
            return new NotEnough(block, "no node could say anything of it" + Reasons(silent));
        if (told.Any(one => one.Value != told[0].Value))
            return new Disagreed(block, new([.. Compared(told)]));
        var truth = told[0].Value;
        if (truth.Block != block)
        {
            return new NotEnough(
                block, $"{Names(told)} now {(told.Count == 1 ? "has" : "have")} {truth.Block} at its height");
        }
        if (taken?.DifferenceFrom(truth) is { } difference)
        {
            return new Disagreed(
                block, [new Statement(TakenBefore, difference), .. told.Select(one => Same(one))]);
        }
        return told.Count >= required
            ? new Agreed(block, new([.. told.Select(one => one.Node)]))
            {
                Unproven = new([.. told.Where(one => one.Value.Unproven is not null)
                    .Select(one => new Statement(one.Node, one.Value.Unproven!))]),
            }
            : new NotEnough(block, $"{required} nodes must say the same, only {Names(told)} did" + Reasons(silent));
    }

    /// <summary>The testimony of most nodes; null where no one testimony has the most.</summary>
    internal static Testimony? OfMost(IReadOnlyList<Told<Testimony>> told)
    {
        var groups = told.GroupBy(one => one.Value).OrderByDescending(group => group.Count()).Take(2).ToArray();
        return groups.Length == 1 || (groups.Length == 2 && groups[0].Count() > groups[1].Count())
            ? groups[0].Key
            : null;
    }

    // Where no side has the majority, each is told against the first: nobody can say yet who is right.
    private static IEnumerable<Statement> Compared(IReadOnlyList<Told<Testimony>> told)
    {
        var reference = OfMost(told) ?? told[0].Value;
        return told.Select(one => one.Value.DifferenceFrom(reference) is { } difference
            ? new Statement(one.Node, difference)
            : Same(one));
    }

    private static Statement Same(Told<Testimony> one) => new(one.Node, $"says {one.Value}");

    private static string Names(IReadOnlyList<Told<Testimony>> told) =>
        string.Join(" and ", told.Select(one => one.Node));

    private static string Reasons(IReadOnlyList<Statement> silent) => silent.Count == 0
        ? ""
        : " (" + string.Join("; ", silent.Select(one => $"{one.Node} {one.Words}")) + ")";
}
