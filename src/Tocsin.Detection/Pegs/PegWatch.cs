using Tocsin.Chains;
using Tocsin.Detection.Detectors;
using Tocsin.Detection.Monitoring;
using Tocsin.Evm.Inputs;
using Tocsin.Findings;

namespace Tocsin.Detection.Pegs;

/// <summary>
/// Tells when an asset leaves its peg: by the median of its venues. One venue far off while the median holds is told
/// as trouble of that venue, one severity lower than if the asset itself were off.
/// </summary>
internal sealed class PegWatch
{
    private const string Asset = "peg";
    private const string Venue = "peg-venue";
    private const decimal SureOfMany = 0.95m;
    private const decimal SureOfOne = 0.8m;

    // Arrivals of several feeds may be a little out of order; more than that, and the clock was set back.
    private static readonly TimeSpan DisorderMax = TimeSpan.FromMinutes(1);

    public static DetectorCard Card { get; } = new(
        "peg watch", Threat.PegDeviation,
        "An asset is not worth what it is meant to be worth, below or above, by the median of its venues: 5 % away "
            + "for a minute is severity 1, 2 % severity 2, half a percent for half an hour severity 3. One venue "
            + "alone that is 5 % away while the median holds is severity 2 and told of that venue. A price stands "
            + "from its tick to the next later one, so a print that is replaced at once is none; of an even number of "
            + "venues the one of the middle two that is nearer to par counts. What comes back within a limit, but not "
            + "within the next lower one, has not recovered. It is over after half an hour within half a percent.",
        "`peg` of the asset in the plan, and at least one feed of it in `tocsin.yaml`; several are better.",
        [
            "in the plan, `peg`: none: US dollars for one unit",
            "of a feed, `stale_after`: a venue that is silent for longer does not count",
        ],
        [
            "A coin of which no further price comes; that its feeds are silent is told.",
            "A venue that repeats an old price counts as fresh.",
            "Slow venues hold the median back.",
        ]);

    private readonly Watch watch;
    private readonly Conditions conditions;
    private readonly Dictionary<string, PegBook> books = [];
    private DateTimeOffset now = DateTimeOffset.MinValue;

    public PegWatch(Watch watch)
    {
        this.watch = watch;
        conditions = new Conditions(watch.Chain);
        foreach (var peg in watch.Pegs)
            books.Add(peg.Asset, new PegBook(peg));
    }

    /// <summary>When something is over if it stays away; null if nothing is on its way out.</summary>
    public DateTimeOffset? DueAt => conditions.DueAt;

    /// <summary>The assets that were told to be off their peg at severity 2 or worse, and have not come back.</summary>
    public IEnumerable<TroubledAsset> Depegged => conditions.Known
        .Where(condition => condition is { Key.Kind: Asset, EndedAt: null, AbsentSince: null }
            && condition.Said.Severity.IsAtLeast(Severity.High))
        .Select(condition => new TroubledAsset(condition.Key.Name, condition.Said.Id));

    public PegSnapshot Snapshot() => new(
        now, conditions.Known.ToValueList(), books.Values.Select(book => book.Memory).ToValueList());

    public void Restore(PegSnapshot snapshot)
    {
        now = snapshot.Now;
        conditions.Restore(snapshot.Conditions);
        foreach (var memory in snapshot.Assets)
            if (books.TryGetValue(memory.Asset, out var book))
                book.Memory = memory;
    }

    public void Take(Arrival arrival, BlockRef? taken, List<Finding> findings)
    {
        if (books.Count == 0)
            return;
        if (now - arrival.ArrivedAt > DisorderMax)
            SetBack(arrival.ArrivedAt);
        now = arrival.ArrivedAt > now ? arrival.ArrivedAt : now;
        if (arrival is Arrival.Tick tick && tick.Price > 0 && books.TryGetValue(tick.Asset, out var book))
        {
            book.Take(tick.Feed, tick.Price, now, StaleAfter(book.Peg, tick.Feed));
            JudgeAsset(book, taken, findings);
            foreach (var venue in book.Memory.Venues)
                JudgeVenue(book, venue, taken, findings);
        }
        conditions.Settle(now, taken, findings);
    }

    // What was told by another clock cannot be held against this one: how long prices stand is counted anew.
    private void SetBack(DateTimeOffset instant)
    {
        now = instant;
        conditions.SetBack(instant);
        foreach (var book in books.Values)
            book.Memory = new PegMemory(book.Peg.Asset, Standing.Unknown, []);
    }

    private TimeSpan StaleAfter(Peg peg, string feed)
    {
        foreach (var sense in watch.Senses.Feeds)
            if (sense.Name == feed && sense.Asset == peg.Asset)
                return sense.StaleAfter;
        return peg.StaleAfter;
    }

    private void JudgeAsset(PegBook book, BlockRef? taken, List<Finding> findings)
    {
        var key = new ConditionKey(Asset, book.Peg.Asset);
        var standing = book.Memory.Median;
        if (standing.Reached(now, book.Peg) is { } severity)
            conditions.Present(
                new Trouble(
                    key, Threat.PegDeviation, severity, book.Fresh(now).Count > 1 ? SureOfMany : SureOfOne,
                    Subjects.Price(book.Peg.Asset), WordsOf(book, standing, severity)),
                now, taken, findings);
        else if (standing.Price is { } price && Standing.Deviation(price, book.Peg) < book.Peg.Elevated)
            conditions.Absent(key, now, $"It stands at {Words.Price(price)} again.", book.Peg.OverAfter);
    }

    private void JudgeVenue(PegBook book, VenueMemory venue, BlockRef? taken, List<Finding> findings)
    {
        var key = new ConditionKey(Venue, $"{book.Peg.Asset}@{venue.Venue}");
        var isFar = venue.Standing.Reached(now, book.Peg) == Severity.Critical;
        // The first venue to fall stands there longer than the median that follows it: then it is not alone.
        var holdsElsewhere =
            book.Memory.Median.Price is { } median && Standing.Deviation(median, book.Peg) < book.Peg.High;
        if (isFar && holdsElsewhere && !conditions.IsOpen(new ConditionKey(Asset, book.Peg.Asset))
            && book.Fresh(now).Count > 1)
            conditions.Present(
                new Trouble(
                    key, Threat.PegDeviation, Severity.High, SureOfOne,
                    $"{Subjects.Price(book.Peg.Asset)} at {venue.Venue}", WordsOf(book, venue)),
                now, taken, findings);
        else if (venue.Standing.Price is { } price && Standing.Deviation(price, book.Peg) < book.Peg.High)
            conditions.Absent(key, now, $"It stands at {Words.Price(price)} there again.", book.Peg.OverAfter);
    }

    private string WordsOf(PegBook book, Standing standing, Severity severity)
    {
        var peg = book.Peg;
        var price = standing.Price!.Value;
        var venues = book.Fresh(now);
        var limit = severity switch
        {
            Severity.Critical => peg.Critical,
            Severity.High => peg.High,
            _ => peg.Elevated,
        };
        var stood = Words.Length(now - standing.Since(severity)!.Value);
        var by = venues.Count == 1
            ? $"by {venues[0].Venue} alone"
            : $"by the median of {venues.Count} venues ({string.Join(", ", venues.Select(Told))})";
        var harm = price < peg.ParUsd
            ? "Whoever takes it at par takes the loss, and holders will want their money back."
            : "Somebody pays more than it is worth: units are missing on the market, or cannot be made.";
        return $"{peg.Asset} stands at {Words.Price(price)}, {Away(price, peg)} its par of "
            + $"{Words.Price(peg.ParUsd)}, {by}; beyond {Words.Share(limit)} for {stood}. {harm}";
    }

    private string WordsOf(PegBook book, VenueMemory venue)
    {
        var others = book.Fresh(now).Where(other => other.Venue != venue.Venue);
        return $"At {venue.Venue} alone {book.Peg.Asset} stands at {Words.Price(venue.Standing.Price!.Value)}, "
            + $"{Away(venue.Standing.Price.Value, book.Peg)} par; elsewhere it holds "
            + $"({string.Join(", ", others.Select(Told))}). Who relies on that venue alone is taking a wrong price.";
    }

    private static string Told(VenuePrice venue) => $"{venue.Venue} {Words.Price(venue.PriceUsd)}";

    private static string Away(decimal price, Peg peg) =>
        $"{Words.Share(Standing.Deviation(price, peg))} {(price < peg.ParUsd ? "below" : "above")}";
}
