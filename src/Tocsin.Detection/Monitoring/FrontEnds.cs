using Tocsin.Evm;
using Tocsin.Evm.Inputs;
using Tocsin.Findings;

namespace Tocsin.Detection.Monitoring;

/// <summary>
/// What the pages were like. The first sight is what later ones are compared with; a change that stays for
/// <see cref="AcceptedAfter"/> takes its place.
/// </summary>
internal sealed class FrontEnds(Conditions conditions)
{
    public static readonly TimeSpan AcceptedAfter = TimeSpan.FromHours(1);

    private const int ValueMax = 200;

    private static readonly string[] Aspects =
        [FrontEndAspects.Content, FrontEndAspects.Certificate, FrontEndAspects.Addresses];

    private readonly List<FrontEndSight> sights = [];

    public IReadOnlyList<FrontEndSight> Sights => sights;

    public void Restore(ValueList<FrontEndSight> known) => sights.AddRange(known);

    /// <summary>Forgets pages that are not looked at any more.</summary>
    public void Keep(Func<string, bool> isWatched) => sights.RemoveAll(sight => !isWatched(sight.FrontEnd));

    /// <summary>Compares a sight; null where it says nothing new.</summary>
    /// <returns>The change, or null; what it ends is told to the conditions at once.</returns>
    public (Trouble Trouble, bool IsNews)? Take(Arrival.FrontEndSeen seen, DateTimeOffset now)
    {
        if (!Aspects.Contains(seen.Aspect))
            return null;
        var value = seen.Value.Length <= ValueMax ? seen.Value : Keccak256.Hash(seen.Value).ToString();
        var words = Words.Quote(seen.Words);
        var place = sights.FindIndex(sight => sight.FrontEnd == seen.FrontEnd && sight.Aspect == seen.Aspect);
        if (place < 0)
        {
            sights.Add(new FrontEndSight(seen.FrontEnd, seen.Aspect, value, words, value, words, 0));
            return null;
        }
        var before = sights[place];
        if (value == before.Value)
            return null;
        if (value == before.Accepted)
        {
            sights[place] = before with { Value = value, Words = words };
            conditions.Absent(KeyOf(before), now, "It is again what it was.");
            return null;
        }
        var changed = before with { Value = value, Words = words, Changes = before.Changes + 1 };
        sights[place] = changed;
        // A page that is another one at every look must not fill the night: told at the 1st, 2nd, 4th, 8th… change.
        return (TroubleOf(changed), (changed.Changes & (changed.Changes - 1)) == 0);
    }

    /// <summary>Says to the conditions how long the change that was just told counts as one.</summary>
    public void Hold(ConditionKey key, DateTimeOffset now) => conditions.Absent(
        key, now,
        $"It stayed as it is for {Words.Length(AcceptedAfter)}; from now on, that is what it is compared with.",
        AcceptedAfter);

    /// <summary>What is over is accepted.</summary>
    public void Accept()
    {
        for (var i = 0; i < sights.Count; i++)
            if (sights[i].Changes > 0 && !conditions.IsOpen(KeyOf(sights[i])))
                sights[i] = sights[i] with
                {
                    Accepted = sights[i].Value,
                    AcceptedWords = sights[i].Words,
                    Changes = 0,
                };
    }

    private static ConditionKey KeyOf(FrontEndSight sight) => new($"front-end-{sight.Aspect}", sight.FrontEnd);

    private static Trouble TroubleOf(FrontEndSight sight)
    {
        var what = sight.Aspect switch
        {
            FrontEndAspects.Certificate => "The key of the certificate",
            FrontEndAspects.Addresses => "The addresses of the name",
            _ => "The content",
        };
        var often = sight.Changes == 1 ? "changed" : $"changed {sight.Changes:#,0} times and is now";
        return new Trouble(
            KeyOf(sight), Threat.FrontEndChange,
            sight.Aspect == FrontEndAspects.Addresses ? Severity.Elevated : Severity.High, 1,
            Subjects.FrontEnd(sight.FrontEnd),
            $"{what} of front end '{sight.FrontEnd}' {often}: {sight.Words} (before: {sight.AcceptedWords}). Unless "
                + "this is a release of ours, users may be sent to a page that takes their funds.");
    }
}
