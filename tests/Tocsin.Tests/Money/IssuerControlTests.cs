using Tocsin.Chains;
using Tocsin.Detection.Money;
using Tocsin.Evm;
using Tocsin.Evm.Blocks;
using Tocsin.Findings;
using static Tocsin.Tests.Money.Ledger;

namespace Tocsin.Tests.Money;

public sealed class IssuerControlTests
{
    private static readonly IssuerControlSettings OfUsdc = new("USDC");
    private readonly Ledger ledger = new();

    public static TheoryData<string, string, bool, Severity> Acts() => new()
    {
        { "Pause()", "", false, Severity.Critical },
        { "Paused(address)", "issuer", false, Severity.Critical },
        { "Deprecate(address)", "next", false, Severity.Critical },
        { "Blacklisted(address)", "vault", true, Severity.Critical },
        { "AddedBlackList(address)", "vault", false, Severity.Critical },
        { "AddedBlackList(address)", "vault", true, Severity.Critical },
        { "DestroyedBlackFunds(address,uint256)", "vault", false, Severity.Critical },
        { "Blacklisted(address)", "pair", true, Severity.High },
        { "Blacklisted(address)", "somebody", true, Severity.Minor },
        { "DestroyedBlackFunds(address,uint256)", "somebody", false, Severity.Minor },
        { "UnBlacklisted(address)", "vault", true, Severity.Elevated },
        { "RemovedBlackList(address)", "somebody", false, Severity.Minor },
        { "Unpause()", "", false, Severity.Minor },
        { "MinterConfigured(address,uint256)", "minter", true, Severity.Elevated },
        { "MinterRemoved(address)", "minter", true, Severity.Elevated },
        { "MasterMinterChanged(address)", "minter", true, Severity.High },
        { "OwnershipTransferred(address,address)", "owner", false, Severity.High },
        { "Upgraded(address)", "code", true, Severity.High },
        { "Params(uint256,uint256)", "", false, Severity.Elevated },
    };

    [Theory]
    [MemberData(nameof(Acts))]
    public void What_an_issuer_does_is_as_severe_as_what_it_hits(
        string signature, string about, bool indexed, Severity severity)
    {
        ledger.Send("issuer", Usdc, Act(Usdc, signature, about, indexed)).Close();

        var finding = Assert.Single(ledger.Findings(OfUsdc));

        Assert.Equal((Threat.IssuerControl, severity, "USDC"), (finding.Threat, finding.Severity, finding.Subject));
        Assert.Equal(severity != Severity.Minor || about != "somebody", finding.Confidence >= 0.7m);
    }

    [Fact]
    public void Freezing_others_does_not_hide_that_one_of_ours_is_frozen()
    {
        for (var i = 0; i < 5; i++)
            ledger.Send("issuer", Usdc, Act(Usdc, "Blacklisted(address)", $"thief {i}", true)).Close();
        ledger.Send("issuer", Usdc, Act(Usdc, "Blacklisted(address)", "vault", true)).Close();

        var findings = ledger.Findings(OfUsdc);

        Assert.Equal([Severity.Minor, Severity.Critical], findings.Select(finding => finding.Severity));
        Assert.Contains("froze an account (vault)", findings[1].Reason);
        Assert.Single(ledger.Findings(OfUsdc with { Others = false }));
    }

    [Fact]
    public void The_same_event_of_another_contract_says_nothing()
    {
        ledger.Send("issuer", Dai, Act(Dai, "Pause()", "", false), Act(Bridge, "Pause()", "", false)).Close();

        Assert.Empty(ledger.Findings(OfUsdc));
    }

    [Fact]
    public void It_goes_on_the_same_from_a_snapshot_and_after_a_reorg()
    {
        foreach (var act in Acts())
            ledger.Send("issuer", Usdc, Act(Usdc, act.Data.Item1, act.Data.Item2, act.Data.Item3)).Close();

        ledger.HoldsAcrossSnapshotsAndReorgs(OfUsdc);
    }

    [Theory]
    [InlineData("Blacklisted(address)", "0xffa4e6181777692565cf28528fc88fd1516ea86b56da075235fa575af6a4b855")]
    [InlineData("UnBlacklisted(address)", "0x117e3210bb9aa7d9baff172026820255c6f6c30ba8999d1c2fd88e2848137c4e")]
    [InlineData("AddedBlackList(address)", "0x42e160154868087d6bfdc0ca23d96a1c1cfa32f1b72ba9ba27b69b98a0d819dc")]
    [InlineData("RemovedBlackList(address)", "0xd7e9ec6e6ecd65492dce6bf513cd6867560d49544421d0783ddf06e76c24470c")]
    [InlineData(
        "DestroyedBlackFunds(address,uint256)", "0x61e6e66b0d6339b2980aecc6ccc0039736791f0ccde9ed512e789a7fbdd698c6")]
    [InlineData("Deprecate(address)", "0xcc358699805e9a8b7f77b522628c7cb9abd07d9efb86b6fb616af1609036a99e")]
    [InlineData(
        "MinterConfigured(address,uint256)", "0x46980fca912ef9bcdbd36877427b6b90e860769f604e89c0e67720cece530d20")]
    [InlineData("MasterMinterChanged(address)", "0xdb66dfa9c6b8f5226fe9aac7e51897ae8ee94ac31dc70bb6c9900b2574b707e6")]
    [InlineData(
        "OwnershipTransferred(address,address)", "0x8be0079c531659141344cd1fd0a4f28419497f9722a3daafe3b4186f6b6457e0")]
    [InlineData("Paused(address)", "0x62e78cea01bee320cd4e420270b5ea74000d11b0c9f74754ebdbfc544b05a258")]
    [InlineData("Unpaused(address)", "0x5db9ee0a495bf2e6ff9c91a7834c1ba4fdd244a5e8aa4e537bd38aeae4b073aa")]
    [InlineData("Upgraded(address)", "0xbc7cd75a20ee27fd9adebab32041f755214dbc6bffa90cc0225b39da2e5c2d3b")]
    [InlineData("AdminChanged(address,address)", "0x7e644d79422f17c01e4894b5f4f588d331ebfa28653d42ae832dc59e38c9798f")]
    [InlineData("Mint(address,address,uint256)", "0xab8530f87dc9b59234c4623bf917212bb2536d647574c8e7e5da92c2ede0c9f8")]
    [InlineData("Burn(address,uint256)", "0xcc16f5dbb4873280815c1ee09dbd06736cffcc184412cf7a71a0fdb75d397ca5")]
    [InlineData("Issue(uint256)", "0xcb8241adb0c3fdb35b70c24ce35c5eb0c17af7431c99f827d44a445ca624176a")]
    [InlineData("Redeem(uint256)", "0x702d5967f45f6513a38ffc42d6ba9bf230bd40e8f53b16363c7eb4fd2deb9a44")]
    public void The_signatures_are_those_that_issuers_write(string signature, string topic) =>
        Assert.Equal(Hash32.Parse(topic), Keccak256.Hash(signature));

    private static Log Act(Address token, string signature, string about, bool indexed) => indexed
        ? Event(token, signature, [Account(about)], 1, 2)
        : Event(token, signature, [], about.Length == 0 ? [1, 2] : [Word(Account(about)), 2]);
}
