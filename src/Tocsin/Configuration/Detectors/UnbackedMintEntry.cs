using Tocsin.Detection.Money;
using Tocsin.Texts;

namespace Tocsin.Configuration.Detectors;

/// <summary>An entry of <c>unbacked-mint</c>.</summary>
internal static class UnbackedMintEntry
{
    private const string LearnMost = "90d";

    public static UnbackedMintSettings Read(YamlPart part)
    {
        part.Knows(
            "asset", "backing", "tolerance", "minters", "learn_for", "mint_usd", "stranger_share", "mint_share",
            "times_largest");
        var settings = new UnbackedMintSettings(
            part.Required("asset").Line(),
            part.Optional("backing")?.Items().Select(ReadBacking).ToValueList() ?? []);
        return settings with
        {
            Tolerance = part.Optional("tolerance")?.Decimal() ?? settings.Tolerance,
            Minters = part.Optional("minters")?.Items().Select(minter => minter.Line()).ToValueList(),
            LearnFor = part.Optional("learn_for")?.Duration("0s", LearnMost),
            MintUsd = part.Optional("mint_usd")?.Decimal() ?? settings.MintUsd,
            StrangerShare = part.Optional("stranger_share")?.Decimal() ?? settings.StrangerShare,
            MintShare = part.Optional("mint_share")?.Decimal() ?? settings.MintShare,
            TimesLargest = part.Optional("times_largest")?.Decimal() ?? settings.TimesLargest,
        };
    }

    private static Backing ReadBacking(YamlPart part)
    {
        if (part.Optional("feed") is { } feed)
        {
            part.Knows("feed", "stale_after");
            return new Backing.Attested(
                Addresses.OnChain(feed), part.Required("stale_after").Duration("1s", "30d"));
        }
        part.Knows("token", "holder", "rate");
        return new Backing.Holding(
            part.Required("token").Line(), part.Required("holder").Line(), part.Optional("rate")?.Decimal());
    }
}
