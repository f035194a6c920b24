using Tocsin.Detection.Detectors;
using Tocsin.Detection.Governance;
using Tocsin.Plans;
using Tocsin.Texts;

namespace Tocsin.Configuration.Detectors;

/// <summary>The settings of one detector, and where the file gives them.</summary>
internal sealed record DetectorEntry(DetectorSettings Settings, SourceLine At);

/// <summary>
/// The section <c>detectors</c> of the configuration: under the name of each kind a list of entries, one for each
/// subject, and under <c>off</c> the kinds that are not wanted.
/// </summary>
/// <param name="Off">Kinds that would be there without an entry and shall not.</param>
internal sealed record DetectorEntries(ValueList<DetectorEntry> Entries, ValueList<string> Off)
{
    private const string OffKey = "off";

    /// <summary>Every kind that can be configured, by its card's name.</summary>
    private static readonly Dictionary<string, Func<YamlPart, DetectorSettings>> Kinds = new()
    {
        ["flash-loan-profit"] = FlashLoanProfitEntry.Read,
        ["oracle-failure"] = OracleFailureEntry.Read,
        ["oracle-spot"] = OracleSpotEntry.Read,
        ["share-price-jump"] = SharePriceJumpEntry.Read,
        ["standing-risk"] = StandingRiskEntry.Read,
        [GovernanceAttackSettings.CardName] = GovernanceAttackEntry.Read,
        [PrivilegeChangeSettings.CardName] = PrivilegeChangeEntry.Read,
        ["pending-attack"] = PendingAttackEntry.Read,
        ["approval-drain"] = ApprovalDrainEntry.Read,
        ["silent-change"] = SilentChangeEntry.Read,
        ["suspicious-preparation"] = SuspiciousPreparationEntry.Read,
        ["suspicious-transfer"] = SuspiciousTransferEntry.Read,
        ["attack-code"] = AttackCodeEntry.Read,
        ["laundering"] = LaunderingEntry.Read,
        ["redemption-run"] = RedemptionRunEntry.Read,
        ["unbacked-mint"] = UnbackedMintEntry.Read,
        ["issuer-control"] = IssuerControlEntry.Read,
        ["liquidity-drop"] = LiquidityDropEntry.Read,
        ["outflow-drain"] = OutflowDrainEntry.Read,
        ["unusual-trading"] = UnusualTradingEntry.Read,
        ["activity-spike"] = ActivitySpikeEntry.Read,
        ["user-reports"] = UserReportsEntry.Read,
    };

    private static readonly Dictionary<string, int> KindNumbers =
        Kinds.Keys.Select((kind, number) => (kind, number)).ToDictionary();

    /// <summary>The names of the kinds that can be configured.</summary>
    public static IReadOnlyCollection<string> KindNames => Kinds.Keys;

    public static DetectorEntries None { get; } = new([], []);

    public static DetectorEntries Read(YamlPart part)
    {
        part.Knows([.. Kinds.Keys, OffKey]);
        var entries = part.Entries()
            .Where(entry => Kinds.ContainsKey(entry.Key))
            .SelectMany(entry => entry.Value.Items()
                .Select(item => new DetectorEntry(Kinds[entry.Key](item), item.At)));
        var off = part.Optional(OffKey)?.Items().Select(item => item.OneOf(KindNumbers)) ?? [];
        var kinds = off.Select(number => KindNumbers.First(kind => kind.Value == number).Key);
        return new DetectorEntries(entries.ToValueList(), kinds.ToValueList());
    }
}
