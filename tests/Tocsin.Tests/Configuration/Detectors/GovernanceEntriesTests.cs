using Tocsin.Chains;
using Tocsin.Configuration;
using Tocsin.Detection.Governance;
using Tocsin.Evm;
using Tocsin.Plans;
using Tocsin.Tests.Plans;
using Tocsin.Texts;

namespace Tocsin.Tests.Configuration.Detectors;

public sealed class GovernanceEntriesTests : IDisposable
{
    private const string Governor = "0x00000000000000000000000000000000000000f1";
    private const string Token = "0x00000000000000000000000000000000000000f4";

    private readonly ConfigurationFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Fact]
    public void A_governor_is_enough()
    {
        var settings = Assert.Single(folder.Load($"detectors: {{ governance-attack: {{ governor: '{Governor}' }} }}")
            .Detectors.Entries).Settings;

        Assert.Equal(new GovernanceAttackSettings(Governor), settings);
        Assert.Equal($"governance-attack {Governor}", settings.Name);
    }

    [Fact]
    public void Everything_can_be_said()
    {
        var settings = Assert.Single(folder.Load($"""
            detectors:
              governance-attack:
                - governor: "{Governor}"
                  token: "{Token}"
                  token_decimals: 6
                  quorum: 400000
                  large_share: 0.5
                  window: 2h
                  timelock: timelock
                  minimum_delay: 2d
            """).Detectors.Entries).Settings;

        Assert.Equal(
            new GovernanceAttackSettings(Governor)
            {
                Token = Token,
                TokenDecimals = 6,
                Quorum = 400_000m,
                LargeShare = 0.5m,
                Window = TimeSpan.FromHours(2),
                Timelock = "timelock",
                MinimumDelay = TimeSpan.FromDays(2),
            },
            settings);
    }

    [Fact]
    public void Accounts_of_ours_and_further_contracts_are_lists()
    {
        var settings = Assert.Single(folder.Load($"""
            detectors:
              privilege-change:
                also: ["{Governor}"]
                known: ["{Token}"]
            """).Detectors.Entries).Settings;

        Assert.Equal(
            new PrivilegeChangeSettings { Also = [Governor], Known = [Address.Parse(Token)] }, settings);
    }

    [Fact]
    public void An_operation_is_announced_by_its_data_by_the_hash_of_it_or_by_its_function()
    {
        var planned = folder.Load($"""
            planned:
              - name: vault v2
                from: 2026-03-01T14:00Z
                to: 2026-03-01T16:00+01:00
                by: "{Token}"
                target: vault
                calldata: "0x3659cfe6"
              - name: again
                from: 2026-03-01T14:00:00Z
                to: 2026-03-01T16:00:00Z
                by: "{Token}"
                target: "{Governor}"
                function: upgradeTo(address)
            """).Planned;

        Assert.Equal(
            new Planned(
                "vault v2", At(14), At(15), Address.Parse(Token), "vault", Keccak256.Hash(Hex.Parse("0x3659cfe6")),
                null),
            planned[0].Operation);
        Assert.Equal(
            new Planned("again", At(14), At(16), Address.Parse(Token), Governor, null, new Selector(0x3659cfe6)),
            planned[1].Operation);

        static DateTimeOffset At(int hour) => new(2026, 3, 1, hour, 0, 0, TimeSpan.Zero);
    }

    [Theory]
    [InlineData("from: 2026-03-01T14:00", "'from' must be an instant")]
    [InlineData("calldata: '0x123'", "'calldata' must be the data of the call")]
    [InlineData("calldata_hash: '0x12'", "'calldata_hash' must be a hash")]
    [InlineData("function: upgradeTo", "'function' must be a function with its types")]
    [InlineData("wen: now", "'wen' is not known")]
    public void What_cannot_be_meant_is_refused_with_its_line(string line, string message)
    {
        var refused = Assert.Throws<InputException>(() => folder.Load($"""
            planned:
              - name: x
                {line}
            """));

        Assert.Contains(message, refused.Message);
    }

    [Theory]
    [InlineData("detectors: { governance-attack: { governor: nobody } }", "'nobody' (governor) is neither in the plan")]
    [InlineData("detectors: { governance-attack: { governor: market, token: dUSD } }", "'quorum' must say")]
    [InlineData("detectors: { privilege-change: { also: [nobody] } }", "'nobody' (also) is neither in the plan")]
    [InlineData("planned: [{ name: x, from: 2026-03-01T14:00Z, to: 2026-03-02T14:00Z, target: nobody, "
        + "by: '0x00000000000000000000000000000000000000f4', function: pause() }]", "its target 'nobody' is neither")]
    public void What_the_plan_does_not_know_is_told(string text, string message)
    {
        var complaint = Assert.Single(
            ConfigurationCheck.Check(folder.Load(text), MinimalPlan.Plan), one => one.Level == ComplaintLevel.Error);

        Assert.Contains(message, complaint.Message);
    }
}
