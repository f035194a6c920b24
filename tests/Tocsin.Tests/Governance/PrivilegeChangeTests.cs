using Tocsin.Chains;
using Tocsin.Detection.Detectors;
using Tocsin.Detection.Governance;
using Tocsin.Evm;
using Tocsin.Evm.Abi;
using Tocsin.Evm.Blocks;
using Tocsin.Findings;
using static Tocsin.Tests.Governance.DaoStory;

namespace Tocsin.Tests.Governance;

public sealed class PrivilegeChangeTests
{
    private static readonly Hash32 Role = Keccak256.Hash("PAUSER_ROLE");

    private static readonly Dictionary<string, (int Severity, Action<DaoTransaction> Tell)> Table = new()
    {
        ["a role to a stranger"] = (2, tx => Grant(tx, Stranger)),
        ["a role to an account of ours"] = (4, tx => Grant(tx, Founder)),
        ["a role to a contract of ours"] = (4, tx => Grant(tx, Timelock)),
        ["a role to a stranger by an access manager"] = (2, tx => tx.Log(
            Vault, "RoleGranted(uint64 indexed,address indexed,uint32,uint48,bool)", 0UL, Stranger, 0UL, 5UL, true)),
        ["a role taken from us"] = (3, tx => tx.Log(
            Vault, "RoleRevoked(bytes32 indexed,address indexed,address indexed)", Role, Founder, Stranger)),
        ["an owner who is a stranger"] = (2, tx => tx.Log(
            Vault, "OwnershipTransferred(address indexed,address indexed)", Founder, Stranger)),
        ["an owner in a proxy that indexes nothing"] = (2, tx => tx.Log(
            Vault, "OwnershipTransferred(address,address)", Founder, Stranger)),
        ["the first of two steps to another owner"] = (2, tx => tx.Log(
            Vault, "OwnershipTransferStarted(address indexed,address indexed)", Founder, Stranger)),
        ["ownership given up"] = (3, tx => tx.Log(
            Vault, "OwnershipTransferred(address indexed,address indexed)", Founder, Address.Zero)),
        ["other code"] = (2, tx => tx.Upgrade(Vault, Account(0xbad))),
        ["code of ours"] = (4, tx => tx.Upgrade(Vault, Founder)),
        ["a beacon"] = (2, tx => tx.Log(Vault, "BeaconUpgraded(address indexed)", Account(0xbad))),
        ["the admin of a proxy"] = (2, tx => tx.Log(Vault, "AdminChanged(address,address)", Founder, Stranger)),
        ["a diamond"] = (2, tx => tx.Log(Vault, "DiamondCut((address,uint8,bytes4[])[],address,bytes)",
            Array.Empty<object>(), Stranger, Array.Empty<byte>())),
        ["a pause by anyone"] = (3, tx => tx.Log(Vault, "Paused(address)", Stranger)),
        ["a pause by us"] = (4, tx => tx.Log(Vault, "Paused(address)", Founder)),
        ["an end of a pause by anyone"] = (3, tx => tx.Log(Vault, "Unpaused(address)", Stranger)),
        ["an owner of the Safe"] = (2, tx => tx.Log(Safe, "AddedOwner(address indexed)", Stranger)),
        ["an owner of an old Safe"] = (2, tx => tx.Log(Safe, "AddedOwner(address)", Stranger)),
        ["a module of the Safe"] = (2, tx => tx.Log(Safe, "EnabledModule(address indexed)", Stranger)),
        ["no guard any more"] = (2, tx => tx.Log(Safe, "ChangedGuard(address indexed)", Address.Zero)),
        ["no guard of modules any more"] = (2, tx => tx.Log(Safe, "ChangedModuleGuard(address)", Address.Zero)),
        ["a fallback handler"] = (2, tx => tx.Log(Safe, "ChangedFallbackHandler(address indexed)", Stranger)),
        ["one signature is enough"] = (2, tx => tx.Log(Safe, "ChangedThreshold(uint256)", 1UL)),
        ["a threshold of unknown direction"] = (3, tx => tx.Log(Safe, "ChangedThreshold(uint256)", 4UL)),
        ["a shorter delay"] = (2, tx => tx.Log(Timelock, "MinDelayChange(uint256,uint256)", 172_800UL, 3_600UL)),
        ["a longer delay"] = (4, tx => tx.Log(Timelock, "MinDelayChange(uint256,uint256)", 3_600UL, 172_800UL)),
        ["the admin of a timelock"] = (2, tx => tx.Log(Timelock, "NewAdmin(address indexed)", Stranger)),
        ["a role of the brake offered to a stranger"] = (2, tx => tx.Log(
            Vault, "RoleOffered(address indexed,address indexed,uint8 indexed,uint64)", Founder, Stranger, 2UL, 9UL)),
        ["a role of the brake taken by a stranger"] = (2, tx => tx.Log(
            Vault, "RoleTaken(address indexed,uint8 indexed)", Stranger, 2UL)),
        ["a role of the brake that one of us lost"] = (3, tx => tx.Log(
            Vault, "RoleLeft(address indexed,address indexed,uint8 indexed)", Stranger, Founder, 3UL)),
        ["a stranger with a signature and a lower threshold"] = (1, tx => tx
            .Log(Safe, "AddedOwner(address indexed)", Stranger).Log(Safe, "ChangedThreshold(uint256)", 1UL)),
        ["a stranger with a role and no delay"] = (1, tx => Grant(tx, Stranger)
            .Log(Timelock, "MinDelayChange(uint256,uint256)", 172_800UL, 0UL)),
        ["a stranger with a role and other code"] = (1, tx => Grant(tx, Stranger).Upgrade(Vault, Account(0xbad))),
    };

    public static TheoryData<string> Kinds => [.. Table.Keys];

    /// <summary>Nobody has to name the brake again; who names it does so as the plan does.</summary>
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void What_is_given_over_the_plans_controls_is_watched_and_called_by_its_name(bool named)
    {
        var brake = Account(0xb4);
        var settings = new PrivilegeChangeSettings { Also = named ? ["brake"] : [] };
        var watch = Plain with { Controls = [new Tocsin.Detection.Control("brake", brake)], Detectors = [settings] };

        var finding = Assert.Single(Run(watch, new DaoStory().Next(tx => tx.By(Stranger).Log(
            brake, "RoleGranted(bytes32 indexed,address indexed,address indexed)", Role, Stranger, Founder))));

        Assert.Empty(settings.Problems(watch));
        Assert.Equal((Severity.High, "brake"), (finding.Severity, finding.Subject));
    }

    [Theory]
    [MemberData(nameof(Kinds))]
    public void What_is_given_to_whom_says_how_bad_it_is(string kind)
    {
        var finding = Assert.Single(Run(Powers, new DaoStory().Next(tx => Table[kind].Tell(tx.By(Stranger)))));

        Assert.Equal(Threat.PrivilegeChange, finding.Threat);
        Assert.Equal(Table[kind].Severity, (int)finding.Severity);
        Assert.Equal(Table[kind].Severity <= 2, IsPage(finding));
    }

    [Fact]
    public void One_sender_is_one_finding_that_grows()
    {
        var story = new DaoStory();

        var findings = Run(
            Powers,
            story.Next(tx => Grant(tx.By(Founder), Stranger)),
            story.Next(tx => tx.By(Founder).Upgrade(Vault, Account(0xbad))));

        Assert.Single(findings.Select(finding => finding.Id).Distinct());
        Assert.Equal([Severity.High, Severity.Critical], findings.Select(finding => finding.Severity));
    }

    [Fact]
    public void What_anybody_else_writes_is_not_ours()
    {
        var story = new DaoStory();

        Assert.Empty(Run(Powers, story.Next(tx => tx.Upgrade(Token, Stranger)),
            story.Next(tx => tx.Log(
                Vault, "Transfer(address indexed,address indexed,uint256)", Founder, Stranger, 5UL))));
    }

    [Fact]
    public void A_timelock_that_runs_what_did_not_wait_is_found()
    {
        var (waited, hurried) = (Keccak256.Hash("waited"), Keccak256.Hash("hurried"));
        var story = new DaoStory();

        var findings = Run(
            Powers,
            story.Next(Schedule(waited), Schedule(hurried)),
            story.After(TimeSpan.FromHours(1), Ran(hurried)),
            story.After(TimeSpan.FromDays(2), Ran(waited)));

        var finding = Assert.Single(findings, one => one.Status == FindingStatus.Seen);
        Assert.Equal(Severity.High, finding.Severity);
        Assert.Contains("1 h after it was scheduled", finding.Reason);
    }

    [Fact]
    public void What_was_never_scheduled_is_told_once_it_would_have_been_seen()
    {
        var story = new DaoStory();

        Assert.Empty(Run(Powers, story.Next(Ran(Role))));
        Assert.True(IsPage(Run(
            Powers, story.Next(Schedule(Keccak256.Hash("other"))), story.After(TimeSpan.FromDays(40), Ran(Role)))[^1]));
    }

    [Fact]
    public void Dangerous_calls_are_recorded_when_they_are_scheduled()
    {
        var upgrade = AbiFunction.Parse("upgradeTo(address)").Encode(Stranger);

        var finding = Assert.Single(Run(Powers, new DaoStory().Next(Schedule(Role, upgrade))));

        Assert.Equal(Severity.Elevated, finding.Severity);
    }

    [Fact]
    public void It_is_on_for_whoever_protects_a_contract()
    {
        var names = DetectorDefaults.Of(Plain).Select(settings => settings.Name);

        Assert.Contains("privilege-change", names);
    }

    [Fact]
    public void Pieces_and_rollbacks_give_the_same_findings()
    {
        var story = new DaoStory();
        List<ChainStep> steps =
        [
            story.Next(tx => tx.Log(Safe, "ChangedThreshold(uint256)", 4UL)),
            story.Next(tx => Grant(tx.By(Founder), Stranger)),
            story.Next(tx => tx.By(Founder).Upgrade(Vault, Account(0xbad)), Schedule(Role)),
            story.Back(2),
            story.Next(tx => tx.Log(Safe, "ChangedThreshold(uint256)", 2UL)),
            story.Next(Ran(Role)),
            story.Next(), story.Next(), story.Next(),
        ];

        SameInPieces.Check(Powers, steps);

        Assert.Contains(Run(Powers, steps), finding =>
            finding.Severity == Severity.High && finding.Reason.Contains("were 4 and are 2 now"));
    }

    /// <summary>First topics as the contracts' authors publish them: the declarations must hash to these.</summary>
    [Theory]
    [InlineData("ProposalCreated(uint256,address,address[],uint256[],string[],bytes[],uint256,uint256,string)",
        "0x7d84a6263ae0d98d3329bd7b46bb4e8d6f98cd35a7adb45c274c8b7fd5ebd5e0")]
    [InlineData("VoteCast(address,uint256,uint8,uint256,string)",
        "0xb8e138887d0aa13bab447e82de9d5c1777041ecd21ca36ba824ff1e6c07ddda4")]
    [InlineData("VoteCast(address,uint256,bool,uint256)",
        "0x877856338e13f63d0c36822ff0ef736b80934cd90574a3a5bc9262c39d217c46")]
    [InlineData("ProposalExecuted(uint256)", "0x712ae1383f79ac853f8d882153778e0260ef8f03b504e2866e0593e04d2b291f")]
    [InlineData("DelegateVotesChanged(address,uint256,uint256)",
        "0xdec2bacdd2f05b59de34da9b523dff8be42e5e38e818c82fdb0bae774387a724")]
    [InlineData("CallScheduled(bytes32,uint256,address,uint256,bytes,bytes32,uint256)",
        "0x4cf4410cc57040e44862ef0f45f3dd5a5e02db8eb8add648d4b0e236f1d07dca")]
    [InlineData("CallExecuted(bytes32,uint256,address,uint256,bytes)",
        "0xc2617efa69bab66782fa219543714338489c4e9e178271560a91b82c3f612b58")]
    [InlineData("MinDelayChange(uint256,uint256)",
        "0x11c24f4ead16507c69ac467fbd5e4eed5fb5c699626d2cc6d66421df253886d5")]
    [InlineData("RoleGranted(uint64,address,uint32,uint48,bool)",
        "0xf98448b987f1428e0e230e1f3c6e2ce15b5693eaf31827fbd0b1ec4b424ae7cf")]
    [InlineData("ChangedThreshold(uint256)", "0x610f7ff2b304ae8903c3de74c60c6ab1f7d6226b3f52c5161905bb5ad4039c93")]
    [InlineData("AddedOwner(address)", "0x9465fa0c962cc76958e6373a993326400c1c94f8be2fe3a952adfa7f60b2ea26")]
    [InlineData("EnabledModule(address)", "0xecdf3a3effea5783a3c4c2140e677577666428d44ed9d474a0b3a4c9943f8440")]
    [InlineData("ChangedGuard(address)", "0x1151116914515bc0891ff9047a6cb32cf902546f83066499bcf8ba33d2353fa2")]
    [InlineData("DiamondCut((address,uint8,bytes4[])[],address,bytes)",
        "0x8faa70878671ccd212d20771b795c50af8fd3ff6cf27f4bde57e5d4de0aeb673")]
    [InlineData("Upgraded(address)", "0xbc7cd75a20ee27fd9adebab32041f755214dbc6bffa90cc0225b39da2e5c2d3b")]
    [InlineData("OwnershipTransferred(address,address)",
        "0x8be0079c531659141344cd1fd0a4f28419497f9722a3daafe3b4186f6b6457e0")]
    [InlineData("RoleGranted(bytes32,address,address)",
        "0x2f8788117e7eff1d82e926ec794901d17c78024a50270940304540a733656f0d")]
    [InlineData("QueueTransaction(bytes32,address,uint256,string,bytes,uint256)",
        "0x76e2796dc3a81d57b0e8504b647febcbeeb5f4af818e164f11eef8131a6a763f")]
    public void Signatures_hash_to_the_published_topics(string signature, string topic) =>
        Assert.Equal(Hash32.Parse(topic), AbiEvent.Parse(signature).Topic0);

    private static DaoTransaction Grant(DaoTransaction tx, Address to) => tx.Log(
        Vault, "RoleGranted(bytes32 indexed,address indexed,address indexed)", Role, to, Founder);

    private static Action<DaoTransaction> Schedule(Hash32 id, byte[]? data = null) => tx => tx.By(Founder).Log(
        Timelock, "CallScheduled(bytes32 indexed,uint256 indexed,address,uint256,bytes,bytes32,uint256)",
        id, 0UL, Vault, 0UL, data ?? [], Hash32.Zero, 172_800UL - 12);

    private static Action<DaoTransaction> Ran(Hash32 id) => tx => tx.By(Founder).Log(
        Timelock, "CallExecuted(bytes32 indexed,uint256 indexed,address,uint256,bytes)",
        id, 0UL, Vault, 0UL, Array.Empty<byte>());
}
