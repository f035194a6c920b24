using System.Runtime.CompilerServices;
using Tocsin.Chains;
using Tocsin.Detection;
using Tocsin.Evm.Inputs;

namespace Tocsin.Replay;

/// <summary>A file of prices and what it prices: <c>ASSET:SOURCE=FILE</c>.</summary>
internal sealed record PriceFile(string Asset, string Source, string Path);

/// <summary>
/// Price files as ticks, merged by time. A bar is known when it is over, so all of its ticks arrive at its opening and
/// one step, which is the smallest distance of the file's first bars. The ticks of a bar are its low and its high (the
/// low first where the bar did not fall, else the high first) and then its close; equal neighbours are one tick. Of
/// several files the one named first comes first. Where nothing comes for longer than a step, time alone is told, a
/// step at a time, so that silence is noticed. A position is a number of bars.
/// </summary>
internal sealed class PriceFiles(IReadOnlyList<PriceFile> files, Rejections rejections) : ReplaySource
{
    private const int FirstBars = 64;
    private const int SilentStepsMax = 16;

    public override bool RejectsAgain => true;

    /// <summary>A watch that hears these files and nothing else: what is not replayed is not missed.</summary>
    public Watch Listening(Watch watch)
    {
        var feeds = new List<FeedSense>();
        foreach (var file in files)
        {
            if (feeds.Exists(feed => feed.Name == file.Source && feed.Asset == file.Asset))
                continue;
            var known = watch.Senses.Feeds.FirstOrDefault(
                feed => feed.Name == file.Source && feed.Asset == file.Asset);
            // Three bars without a row are silence; a single missing one is a minute without trade.
            var step = Step([.. PriceCsv.Read(file.Path, (_, _, _) => { }).Take(FirstBars)]);
            // Of a single row nobody can say when the next one is due.
            var staleAfter = step > TimeSpan.Zero ? 3 * step : TimeSpan.FromDays(36_500);
            feeds.Add(known is not null && known.StaleAfter >= 3 * step
                ? known
                : new FeedSense(file.Source, file.Asset, staleAfter));
        }
        return watch with { Senses = new Senses(TimeSpan.FromDays(36_500), feeds.ToValueList(), [], [], []) };
    }

    /// <summary>The bars of a file, and when each was known.</summary>
    public static IEnumerable<(PriceBar Bar, DateTimeOffset KnownAt)> Known(string path)
    {
        var stream = new BarStream(PriceCsv.Read(path, (_, _, _) => { }), 0);
        while (stream.MoveNext())
            yield return (stream.Current, stream.KnownAt);
    }

    public override async IAsyncEnumerable<ReplayUnit> ReadAsync(
        long position,
        IReadOnlyList<BlockRef> recent,
        [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var streams = files.Select((file, index) => new BarStream(Bars(file), index)).ToList();
        var next = new PriorityQueue<BarStream, (DateTimeOffset, int)>();
        foreach (var stream in streams)
            if (stream.MoveNext())
                next.Enqueue(stream, (stream.KnownAt, stream.Index));
        var step = streams.Select(stream => stream.Step).DefaultIfEmpty().Min();
        DateTimeOffset? last = null;
        long taken = 0;
        while (next.TryDequeue(out var stream, out _))
        {
            cancellationToken.ThrowIfCancellationRequested();
            var known = stream.KnownAt;
            if (++taken > position)
                yield return new ReplayUnit(
                    taken, [.. Silence(last, known, step), .. Ticks(files[stream.Index], stream.Current, known)]);
            last = known;
            if (stream.MoveNext())
                next.Enqueue(stream, (stream.KnownAt, stream.Index));
        }
        await Task.CompletedTask;
    }

    private static IEnumerable<Input> Silence(DateTimeOffset? last, DateTimeOffset known, TimeSpan step)
    {
        if (last is not { } since || step <= TimeSpan.Zero)
            yield break;
        for (var steps = 1; steps <= SilentStepsMax && since + (steps * step) < known; steps++)
            yield return new Arrival.Passed(since + (steps * step));
    }

    private static IEnumerable<Input> Ticks(PriceFile file, PriceBar bar, DateTimeOffset known)
    {
        var (first, second) = bar.Close >= bar.Open ? (bar.Low, bar.High) : (bar.High, bar.Low);
        yield return Tick(first);
        if (second != first)
            yield return Tick(second);
        if (bar.Close != second)
            yield return Tick(bar.Close);

        Arrival.Tick Tick(decimal price) => new(known, file.Source, file.Asset, price, known);
    }

    private IEnumerable<PriceBar> Bars(PriceFile file) => PriceCsv.Read(file.Path, rejections.Reject);

    private static TimeSpan Step(List<PriceBar> first)
    {
        var step = TimeSpan.Zero;
        for (var index = 1; index < first.Count; index++)
        {
            var distance = first[index].Opens - first[index - 1].Opens;
            if (step == TimeSpan.Zero || distance < step)
                step = distance;
        }
        return step;
    }

    /// <summary>The bars of one file with a look at the first of them, which say how long a bar is.</summary>
    private sealed class BarStream
    {
        private readonly IEnumerator<PriceBar> bars;

        public BarStream(IEnumerable<PriceBar> all, int index)
        {
            Index = index;
            var rest = all.GetEnumerator();
            var first = new List<PriceBar>();
            while (first.Count < FirstBars && rest.MoveNext())
                first.Add(rest.Current);
            Step = PriceFiles.Step(first);
            bars = Join(first, rest).GetEnumerator();
        }

        public int Index { get; }

        public TimeSpan Step { get; }

        public PriceBar Current => bars.Current;

        public DateTimeOffset KnownAt => Current.Opens + Step;

        public bool MoveNext() => bars.MoveNext();

        private static IEnumerable<PriceBar> Join(List<PriceBar> first, IEnumerator<PriceBar> rest)
        {
            using (rest)
            {
                foreach (var bar in first)
                    yield return bar;
                while (rest.MoveNext())
                    yield return rest.Current;
            }
        }
    }
}
