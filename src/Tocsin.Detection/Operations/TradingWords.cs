using Tocsin.Detection.Detectors;

namespace Tocsin.Detection.Operations;

/// <summary>What is told of unusual trading.</summary>
internal readonly record struct TradingWords(DateTimeOffset At, string Subject)
{
    private string Hour => $"{Hours.Of(At).UtcDateTime:HH:mm}";

    /// <param name="expected">What is usual at this hour; null where that is not known.</param>
    public string Volume(decimal usd, decimal limit, decimal? expected) =>
        $"Since {Hour} UTC {Words.Usd(usd)} were traded in {Subject}"
        + (expected is { } usual ? $", where {Words.Usd(usual)} in an hour are usual at this time of day" : "")
        + $"; from {Words.Usd(limit)} on it is unusual. Somebody may know something that others do not, or be moving "
        + "the price.";

    public static string OneSided(decimal share, bool buys, int trades) =>
        $"{Words.Share(share)} of it in {trades:#,0} trades were {(buys ? "purchases" : "sales")}: there is hardly "
        + "anybody on the other side.";

    public static string Linked(LinkedAccounts group) =>
        $"{group.Senders.Count:#,0} accounts {group.Bond} {(group.Buys ? "bought" : "sold")} for "
        + $"{Words.Usd(group.Usd)} within minutes: they may be one hand.";
}
