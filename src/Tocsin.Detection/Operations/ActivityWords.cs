using Tocsin.Chains;
using Tocsin.Detection.Detectors;

namespace Tocsin.Detection.Operations;

/// <summary>What is told of unusual activity at a contract.</summary>
internal readonly record struct ActivityWords(DateTimeOffset At, string Contract)
{
    private string Since => $"Since {Hours.Of(At).UtcDateTime:HH:mm} UTC";

    /// <param name="expected">What is usual at this hour; null where that is not known.</param>
    public string Calls(int calls, decimal limit, decimal? expected) =>
        $"{Since} {calls:#,0} transactions were sent to {Contract}{Usual(limit, expected)} Somebody may be keeping "
        + "others from using it, or working on it in small steps.";

    /// <inheritdoc cref="Calls"/>
    public string Events(int events, decimal limit, decimal? expected) =>
        $"{Since} {Contract} wrote {events:#,0} events{Usual(limit, expected)} Much more is done with it than usual.";

    public string Failed(int failed, int calls, Address lastBy) =>
        $"{Since} {failed:#,0} of {calls:#,0} transactions sent to {Contract} failed, the last by {lastBy}. Somebody "
        + "may be probing it, or it does not work any more for those who use it.";

    /// <param name="fee">In gwei, now.</param>
    /// <param name="full">How full the block is; null where it says nothing of that.</param>
    public static string Fee(FeeHour dear, decimal fee, decimal limit, decimal? expected, decimal? full) =>
        $"Since {dear.DearSince.UtcDateTime:HH:mm} UTC, for {Words.Count(dear.DearBlocks, "block", "blocks")}, the "
        + $"base fee has not been below {Gwei(dear.DearLeast)}; it is {Gwei(fee)} now"
        + (expected is { } usual ? $", where {Gwei(usual)} are usual at this time of day" : "")
        + $"; from {Gwei(limit)} on it is unusual."
        + (full is { } share ? $" The newest block is {Words.Share(share)} full." : "")
        + " A pause, liquidations and price updates cost more and come later, or not at all. Check that keepers and "
        + "the signer may pay it: the signer refuses what is above its `max_fee_gwei`, which should be "
        + $"{Gwei(fee * 2)} or more.";

    private static string Gwei(decimal gwei) => gwei >= 10 ? $"{gwei:#,0} gwei" : $"{gwei:0.####} gwei";

    private static string Usual(decimal limit, decimal? expected) =>
        (expected is { } usual ? $", where {usual:#,0} in an hour are usual at this time of day" : "")
        + $"; from {Math.Ceiling(limit):#,0} on it is unusual.";
}
