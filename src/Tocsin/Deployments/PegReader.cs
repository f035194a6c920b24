using System.Numerics;
using Tocsin.Chains;

namespace Tocsin.Deployments;

/// <summary>The peg's gate and its sources, which are judged as contracts/src/Feeds.sol does.</summary>
internal sealed class PegReader(ContractReads reads, ulong at)
{
    private const int MostSources = 7;

    /// <summary>Null where it does not answer as a peg's gate.</summary>
    public async Task<PegState?> ReadAsync(Address peg)
    {
        if ((await reads.AskAsync(peg, BrakeFunctions.Settings))?[0] is not object[] settings)
            return null;
        if (await reads.NumberAsync(peg, BrakeFunctions.Grade) is not { } grade)
            return null;
        var sources = new List<SourceState>();
        foreach (var source in (await reads.ListAsync(peg, BrakeFunctions.Sources)).Take(MostSources))
            sources.Add(await SourceAsync((object[])source));
        return new PegState(
            grade.ToUInt64(),
            new PegThresholds(Small(settings[0]), Small(settings[1]), Small(settings[2]), Small(settings[3]),
                Small(settings[7])),
            sources.ToValueList());
    }

    private async Task<SourceState> SourceAsync(object[] source)
    {
        var feed = (Address)source[0];
        var decimals = await reads.NumberAsync(feed, BrakeFunctions.Decimals);
        var round = await reads.AskAsync(feed, BrakeFunctions.LatestRound);
        var complaint = decimals != (UInt256)source[1] ? "answers in other decimals"
            : round is null ? "does not answer"
            : Complaint(round, (UInt256)source[2]);
        return new SourceState(
            feed, await reads.AddressAsync(feed, BrakeFunctions.Aggregator), complaint is null,
            complaint ?? "is fresh");
    }

    private string? Complaint(IReadOnlyList<object> round, UInt256 maxAgeSeconds)
    {
        var (answer, updatedAt) = ((BigInteger)round[1], (UInt256)round[3]);
        if (answer.Sign <= 0)
            return "gives no price";
        if (updatedAt.IsZero || updatedAt > at)
            return "bears no date, or one to come";
        return at - updatedAt > maxAgeSeconds || (UInt256)round[4] < (UInt256)round[0] ? "is old" : null;
    }

    private static ulong Small(object number) => ((UInt256)number).ToUInt64();
}
