using Tocsin.Chains;
using Tocsin.Evm.Inputs;
using Tocsin.Evm.Reads;

namespace Tocsin.Detection.Money;

/// <summary>Something that stands behind the units of an asset.</summary>
public abstract record Backing
{
    private Backing()
    {
    }

    /// <summary>What a holder has of a token: a reserve, a lock of a bridge.</summary>
    /// <param name="Token">A watched asset by name or address, or the address of any token.</param>
    /// <param name="Holder">A protected contract by name, or any address.</param>
    /// <param name="Rate">How many units of the asset one unit of the token stands for; null for the ratio of their
    /// prices where both are known, otherwise 1.</param>
    public sealed record Holding(string Token, string Holder, decimal? Rate = null) : Backing;

    /// <summary>A feed that attests the reserve, in whole units of the asset
    /// (<c>AggregatorV3Interface.latestRoundData()</c>).</summary>
    /// <param name="StaleAfter">An attestation older than this is none.</param>
    public sealed record Attested(Address Feed, TimeSpan StaleAfter) : Backing;
}

/// <summary>The reads of one backing, and what their answers amount to.</summary>
internal abstract class BackingReading
{
    public abstract ValueList<StateRead> Reads { get; }

    /// <summary>In whole units of the asset; null where nothing answers.</summary>
    public abstract decimal? UnitsIn(
        ReadAnswers answers, DateTimeOffset now, decimal? assetUsd, Func<Address, decimal?> usdOf);

    /// <summary>The reading of a backing; null where its names mean nothing here.</summary>
    public static BackingReading? Of(Backing backing, Watch watch) => backing switch
    {
        Backing.Attested attested => new Feed(attested),
        Backing.Holding holding when watch.AddressOf(holding.Token) is { } token
            && watch.AddressOf(holding.Holder) is { } holder => new Held(token, holder, holding.Rate),
        _ => null,
    };

    private sealed class Held(Address token, Address holder, decimal? rate) : BackingReading
    {
        private const int DecimalsMax = 36;
        private readonly DeclaredRead<UInt256> balance = ProtocolReads.BalanceOf(token, holder);
        private readonly DeclaredRead<UInt256> decimals = ProtocolReads.Decimals(token);

        public override ValueList<StateRead> Reads => [balance.Read, decimals.Read];

        public override decimal? UnitsIn(
            ReadAnswers answers, DateTimeOffset now, decimal? assetUsd, Func<Address, decimal?> usdOf)
        {
            if (!balance.TryFind(answers, out var held) || !decimals.TryFind(answers, out var places)
                || places > DecimalsMax)
                return null;
            var ratio = rate ?? (assetUsd is > 0 and var of && usdOf(token) is { } usd ? usd / of : 1);
            return Amounts.Usd(Amounts.Units(held, (int)places.ToUInt64()), Math.Min(ratio, Amounts.PriceMax));
        }
    }

    private sealed class Feed(Backing.Attested attested) : BackingReading
    {
        private readonly ChainlinkFeed feed = new(attested.Feed, attested.StaleAfter);

        public override ValueList<StateRead> Reads => feed.Reads;

        public override decimal? UnitsIn(
            ReadAnswers answers, DateTimeOffset now, decimal? assetUsd, Func<Address, decimal?> usdOf) =>
            feed.PriceIn(answers, now) is PriceReading.Price units ? Math.Min(units.Value, Amounts.UsdMax) : null;
    }
}
