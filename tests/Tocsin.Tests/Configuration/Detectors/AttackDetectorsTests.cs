using Tocsin.Chains;
using Tocsin.Detection.Accounts;
using Tocsin.Detection.Contracts;
using Tocsin.Detection.Detectors;
using Tocsin.Detection.Laundering;
using Tocsin.Detection.Mempool;
using Tocsin.Detection.Preparation;

namespace Tocsin.Tests.Configuration.Detectors;

/// <summary>How the detectors of attacks before, beside and after the act are configured.</summary>
public sealed class AttackDetectorsTests : IDisposable
{
    private static readonly Address Place = Address.Parse("0x00000000000000000000000000000000000000f1");

    private readonly ConfigurationFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Fact]
    public void All_that_can_be_set_is_read() => Assert.Equal(
        [
            new PendingAttackSettings(TimeSpan.FromMinutes(5)),
            new ApprovalDrainSettings(TimeSpan.FromHours(2), 7, 2, 1_000m, ["market"]),
            new SilentChangeSettings(
                [new WatchedSlot("market", Hash32.Parse("0x" + new string('0', 63) + "5"), "the guardian")], ["vault"], 9),
            new SuspiciousPreparationSettings(
                3, TimeSpan.FromHours(12), [new HidingPlace("Far", Place, HidingKind.Mixer)], ["deployer"]),
            new SuspiciousTransferSettings(5_000m),
            new LaunderingSettings(
                [new HidingPlace("Far", Place, HidingKind.Bridge)], 4, 500m, TimeSpan.FromDays(3), "WETH"),
        ],
        Read($$"""
            detectors:
              pending-attack: { expiry: 5min }
              approval-drain: { window: 2h, victims: 7, recipients: 2, usd: 1000, known: [market] }
              silent-change:
                slots: [{ contract: market, place: "0x{{new string('0', 63)}}5", means: the guardian }]
                targets: vault
                learn_calls: 9
              suspicious-preparation:
                fresh_nonce: 3
                funded_within: 12h
                sources: [{ name: Far, at: "{{Place}}", kind: mixer }]
                known: [deployer]
              suspicious-transfer: { usd: 5000 }
              laundering:
                places: [{ name: Far, at: "{{Place}}", kind: bridge }]
                split: 4
                usd: 500
                follow: 3d
                coin: WETH
            """).ToList());

    [Fact]
    public void What_is_not_said_has_its_default() => Assert.Equal(
        [
            PendingAttackSettings.Default, ApprovalDrainSettings.Default, SilentChangeSettings.Default,
            SuspiciousPreparationSettings.Default, SuspiciousTransferSettings.Default, LaunderingSettings.Default,
            AttackCodeSettings.Default,
        ],
        Read("""
            detectors:
              pending-attack: {}
              approval-drain: {}
              silent-change: {}
              suspicious-preparation: {}
              suspicious-transfer: {}
              laundering: {}
              attack-code: {}
            """).ToList());

    [Theory]
    [InlineData("laundering: { places: [{ name: Far, at: \"0x12\", kind: bridge }] }", "'at' must be an address")]
    [InlineData("laundering: { places: [{ name: Far, kind: tunnel }] }", "'kind' must be one of mixer, bridge")]
    [InlineData("pending-attack: { expiry: 2d }", "'expiry' must be a duration from 1min to 1h")]
    [InlineData("silent-change: { slots: [{ contract: market, place: \"5\", means: x }] }", "a storage place")]
    [InlineData("approval-drain: { victim: 3 }", "'victim' is not known")]
    public void What_cannot_be_is_refused_with_its_reason(string entry, string reason)
    {
        var refused = Assert.ThrowsAny<Exception>(() => Read($"detectors:\n  {entry}\n").ToList());

        Assert.Contains(reason, refused.ToString());
    }

    private IEnumerable<DetectorSettings> Read(string text) =>
        folder.Load(text).Detectors.Entries.Select(entry => entry.Settings);
}
