using Tocsin.Chains;
using Tocsin.Detection.Detectors;
using Tocsin.Evm.Blocks;
using Tocsin.Findings;

namespace Tocsin.Detection.Governance;

/// <summary>All that bears on a proposal at the end of a transaction.</summary>
/// <param name="LargeVotes">Fresh votes from here on can decide, in whole tokens; null where they are not judged.
/// </param>
internal sealed record ProposalView(string Id, ProposalNote Note, Address Governor, decimal? LargeVotes)
{
    /// <summary>True in the transaction that proposes, where its proposer never proposed before.</summary>
    public bool IsNews { get; init; }

    /// <summary>What it would have had to wait; null where it was not executed now, or in good time.</summary>
    public TimeSpan? EarlyThan { get; init; }

    public TimeSpan Took { get; init; }

    /// <summary>A delay that was cut within the last day, and to what fraction; no name where none was.</summary>
    public (string? Delay, decimal To) Cut { get; init; }

    /// <summary>What its execution changed though it did not say so.</summary>
    public (Power Power, Address At)? Hidden { get; init; }

    public bool IsDecidedByFresh => LargeVotes is { } large && Note.Fresh >= large;

    public bool IsDecidedByBorrowed => LargeVotes is { } large && Note.Borrowed >= large;
}

/// <summary>What a proposal and the votes for it amount to. Pure: the same view gives the same words.</summary>
internal static class ProposalVerdict
{
    private const int TouchesTold = 4;

    /// <summary>Null where it is an ordinary proposal.</summary>
    /// <param name="block">That of the transaction that shows it.</param>
    /// <param name="sender">Who sent that transaction.</param>
    public static Hit? Of(
        ProposalView view, string detector, BlockRef block, Hash32 transaction, Address sender, BlockScene scene)
    {
        if (SeverityOf(view) is not { } severity)
            return null;
        // Whoever makes many that cannot be simulated gets one finding for them.
        var id = severity == Severity.Elevated && view.Note.Simulation is { Missing: not null }
            ? "not-simulated"
            : view.Id;
        return HitOf(
            Indicators(view, transaction, sender, scene), severity, $"governance/{view.Governor}/{id}",
            scene.NameOf(view.Governor), [view.Note.Proposer, .. view.Note.FreshVoters], detector, block, transaction,
            scene);
    }

    /// <summary>Votes came, who rules changed, and they were given back, all at once.</summary>
    public static Hit Seizure(
        Deeds deeds, decimal large, string detector, Address governor, in Transaction transaction, BlockScene scene)
    {
        var subject = scene.NameOf(governor);
        var (power, at) = deeds.Effects[0];
        return HitOf(
            [
                scene.Indicate(IndicatorNames.LargeTokenAccumulation, transaction, subject, deeds.LargestIn, large,
                    $"{Votes(deeds.LargestIn)} came to {deeds.LargestTo} in this very transaction, against "
                        + $"{Votes(large)} that can decide."),
                scene.Indicate(IndicatorNames.HiddenEffect, transaction, subject, 1, 0.1m,
                    $"In the same transaction {Changed(power, at, scene)}, and no proposal that we know says so: this "
                        + "is governance by borrowed votes."),
            ],
            Severity.Critical, $"governance/{governor}/seizure", subject, [transaction.From, deeds.LargestTo], detector,
            scene.Block, transaction.Hash, scene);
    }

    private static Severity? SeverityOf(ProposalView view)
    {
        var isEarly = view.EarlyThan is not null;
        var isSuspicious = view.IsDecidedByFresh || isEarly || view.Cut.Delay is not null;
        var isGrave = SimulationWords.IsGrave(view.Note.Simulation);
        var isDangerous = view.Note.Reading.IsDangerous || isGrave;
        if ((isDangerous && isSuspicious) || (isEarly && view.IsDecidedByFresh))
            return Severity.Critical;
        // Read whole, it promised nothing of the kind; where it was not understood, it may have meant it.
        if (view.Hidden is not null)
            return view.Note.Reading is { Unread: 0 } whole
                && whole.Touches.All(touch => touch.Power != Power.Execution)
                ? Severity.Critical
                : Severity.High;
        if (view.IsDecidedByBorrowed || isGrave)
            return Severity.High;
        return isEarly || view.IsDecidedByFresh || (isDangerous && view.IsNews)
            || view.Note.Simulation is { IsHarmful: true } or { Missing: not null }
                ? Severity.Elevated
                : null;
    }

    private static List<Indicator> Indicators(
        ProposalView view, Hash32 transaction, Address sender, BlockScene scene)
    {
        var (note, subject) = (view.Note, scene.NameOf(view.Governor));
        var indicators = new List<Indicator>
        {
            Say(IndicatorNames.ProposalSubmission, note.Reading.IsDangerous ? 1 : 0, 0.5m,
                $"Proposal {Short(view.Id)} by {(note.IsNewProposer ? "the new proposer " : "")}{note.Proposer} "
                    + $"{Would(note.Reading, scene)}."),
        };
        if (view.LargeVotes is { } large && note.Fresh > 0)
        {
            indicators.Add(Say(IndicatorNames.LargeTokenAccumulation, note.Fresh, large,
                $"{Votes(note.Fresh)} for voting came to the voters "
                    + $"{(note.Borrowed > 0 ? "in the very transaction of the vote" : "shortly before")}, against "
                    + $"{Votes(large)} that can decide."));
            indicators.Add(Say(IndicatorNames.VotingAnomaly, note.Fresh / Math.Max(note.Votes, note.Fresh), 0.25m,
                $"They are {Words.Share(note.Fresh / Math.Max(note.Votes, note.Fresh))} of all votes cast: whoever "
                    + "borrowed them can decide and give them back."));
        }
        if (view.EarlyThan is { } limit)
            indicators.Add(Say(IndicatorNames.EarlyExecution,
                Ratio(limit, view.Took), 0.25m,
                $"It was executed {Words.Length(view.Took)} after it was proposed; earlier than {Words.Length(limit)} "
                    + "nobody has time to object."));
        if (view.Cut is (string delay, var to))
            indicators.Add(Say(IndicatorNames.ShortenedDelay, 1 / Math.Max(to, 0.01m), 0.25m,
                $"{delay} was cut to {Words.Share(to)} of what it was, within the last day."));
        if (view.Hidden is var (power, at))
            indicators.Add(Say(IndicatorNames.HiddenEffect, 1, 0.1m,
                $"When it ran, {Changed(power, at, scene)}, which its calls do not say: the code behind it was "
                    + "another than it seemed."));
        indicators.AddRange(SimulationWords.Indicators(note.Simulation, Say, scene));
        return indicators;

        Indicator Say(string name, decimal measured, decimal threshold, string reason) =>
            scene.Indicate(name, transaction, sender, subject, measured, threshold, reason);
    }

    private static Hit HitOf(
        List<Indicator> indicators, Severity severity, string key, string subject, ValueList<Address> addresses,
        string detector, BlockRef block, Hash32 transaction, BlockScene scene)
    {
        var chances = indicators.ConvertAll(one => Weights.Of(Threat.GovernanceAttack, one.Name) * one.Strength);
        return new Hit(
            scene.Block, scene.Time, severity, Weights.NoisyOr(chances.ToArray()), subject,
            [new AttackTransaction(block, transaction, [])],
            addresses.Where(address => !address.IsZero && scene.NameOf(address) == address.ToString()).Distinct()
                .ToValueList(),
            [.. indicators])
        {
            Detector = detector,
            Key = key,
            Size = indicators.Count,
        };
    }

    private static string Would(ProposalReading reading, BlockScene scene)
    {
        if (reading.Touches.Count == 0)
            return reading.Unread > 0
                ? $"makes {Words.Count(reading.Unread, "call", "calls")} whose meaning is not known"
                : "makes no call that we know of";
        var deeds = reading.Touches.GroupBy(touch => touch.Power).OrderBy(group => group.Key).Take(TouchesTold)
            .Select(group => $"{group.Key.Deed()} ({Call(group.First(), scene)}"
                + (group.Count() > 1 ? $" and {Words.Count(group.Count() - 1, "other", "others")})" : ")"));
        return $"would {string.Join(", ", deeds)}";
    }

    private static string Call(Touch touch, BlockScene scene)
    {
        var paren = touch.Function.IndexOf('(', StringComparison.Ordinal);
        return $"{(paren < 0 ? "a payment" : touch.Function[..paren])} at {scene.NameOf(touch.Target)}";
    }

    private static string Changed(Power power, Address at, BlockScene scene) => power switch
    {
        Power.Code => $"the code of {scene.NameOf(at)} was replaced",
        Power.Ownership => $"{scene.NameOf(at)} got another owner",
        _ => $"powers over {scene.NameOf(at)} were handed out",
    };

    private static decimal Ratio(TimeSpan limit, TimeSpan took) =>
        Math.Min(1_000, (decimal)limit.TotalSeconds / Math.Max(1, (decimal)took.TotalSeconds));

    private static string Votes(decimal votes) => $"{Math.Round(votes, 2):#,0.##} votes";

    // Identifiers of OpenZeppelin's governor are hashes, too long to read.
    private static string Short(string id) => id.Length <= 12 ? id : $"{id[..6]}…{id[^4..]}";
}
