using Tocsin.Chains;
using Tocsin.Detection;
using Tocsin.Detection.Pegs;
using Tocsin.Detection.Preparation;
using Tocsin.Evm.Blocks;
using Tocsin.Evm.Inputs;
using Tocsin.Findings;

namespace Tocsin.Tests.Detection;

public sealed class ContagionTests
{
    private static readonly Address Twin = Story.Account(0xb1);
    private static readonly ChainId OtherChain = new(10);

    private readonly Story story = new();
    private readonly List<Input> inputs = [];

    [Theory]
    [InlineData("the same", true)]
    [InlineData("the same against another victim", true)]
    [InlineData("made naming ours", true)]
    [InlineData("other code", false)]
    [InlineData("nothing of ours touched", false)]
    [InlineData("a day later", false)]
    [InlineData("code that everybody makes", false)]
    [InlineData("a clone", false)]
    [InlineData("the attack was taken back", false)]
    public void A_contract_with_the_code_of_an_attack_is_told(string what, bool isTold)
    {
        var code = what == "a clone" ? new byte[55] : Code(Story.Vault);
        Add(story.Begin());
        if (what == "code that everybody makes")
            for (var maker = 0; maker < 4; maker++)
                Make(Story.Account(0x900 + maker), Story.Account(0x950 + maker), code);
        Make(Story.Attacker, Story.AttackContract, code);
        Add(story.Next(Story.Attack()));
        if (what == "the attack was taken back")
            Add(story.BackTo(story.Blocks.Count - 2));

        var late = what == "a day later" ? TimeSpan.FromHours(25) : TimeSpan.Zero;
        var twin = what switch
        {
            "other code" => Code(Story.Vault, statement: 7),
            "made naming ours" => Code(Story.Market),
            "a clone" => code,
            _ => Code(Story.Account(0x77)),
        };
        Make(Story.OtherAttacker, Twin, what == "the same" ? code : twin);
        if (what != "made naming ours")
            Add(story.NextBlock(tx =>
            {
                tx.By(Story.OtherAttacker, Twin);
                if (what != "nothing of ours touched")
                    tx.Transfer(Story.Dusd, Story.Market, Twin, 10m);
            }), late);

        var told = DetectorRuns.Run(new Engine(DetectorRuns.With(AttackCodeSettings.Default)), inputs)
            .Of("attack-code");
        Assert.Equal(isTold, told.Exists(finding => finding.Pages()));
        Assert.All(told, finding =>
        {
            Assert.Equal((Threat.SuspiciousPreparation, Severity.High), (finding.Threat, finding.Severity));
            Assert.Equal([Story.OtherAttacker, Twin], finding.Addresses);
            Assert.Contains("of an attack of the last day", finding.Reason, StringComparison.Ordinal);
        });
    }

    [Theory]
    [InlineData(1, false, 10UL, true)]
    [InlineData(23, false, 10UL, true)]
    [InlineData(25, false, 10UL, false)]
    [InlineData(1, true, 10UL, false)]
    [InlineData(1, false, 31337UL, false)]
    public void An_account_of_an_attack_on_another_chain_is_known_here(
        int hoursLater, bool isWithdrawn, ulong chain, bool isRaised)
    {
        Add(story.Begin());
        var attackedAt = story.Blocks[0].Time - TimeSpan.FromHours(hoursLater);
        Tell(new ChainId(chain), attackedAt, [Story.Attacker], []);
        if (isWithdrawn)
            Tell(new ChainId(chain), attackedAt, [], [], withdrawn: true);
        Add(story.Next(tx =>
            tx.By(Story.Attacker, Story.Router).Transfer(Story.Dusd, Story.Market, Story.Attacker, 1_500_000m)));

        var found = DetectorRuns.Run(new Engine(Story.Watch), inputs);

        var transfer = Assert.Single(found, finding => finding.Threat == Threat.LargeTransfer);
        Assert.Equal(isRaised ? 0.8m : 0.6m, transfer.Confidence);
        Assert.Equal(Severity.High, transfer.Severity);
        Assert.Equal(isRaised, transfer.Reason.Contains("on chain 10", StringComparison.Ordinal));
    }

    [Fact]
    public void A_tool_that_was_used_on_another_chain_is_known_here()
    {
        Add(story.Begin());
        Tell(OtherChain, story.Blocks[0].Time, [Story.Attacker], [CodeHash.Of(Code(Story.Gem))!.Value]);
        Make(Story.OtherAttacker, Twin, Code(Story.Account(0x77)));
        Add(story.Next(tx => tx.By(Story.OtherAttacker, Twin).Transfer(Story.Dusd, Story.Market, Twin, 10m)));

        var watch = DetectorRuns.With(AttackCodeSettings.Default);
        var found = Assert.Single(DetectorRuns.Run(new Engine(watch), inputs));

        Assert.Equal(("attack-code", Severity.High), (found.Detector, found.Severity));
        DetectorRuns.MustNotDependOnRestarts(watch, inputs);
    }

    [Fact]
    public void What_other_chains_tell_is_bounded()
    {
        var engine = new Engine(Story.Watch);
        for (var i = 0; i < 300; i++)
            engine.Step(new Arrival.AttackElsewhere(
                Start, OtherChain, new FindingId($"a/10/{i}"), Threat.FlashLoanAttack, Start,
                [.. Enumerable.Range(1, 100).Select(Story.Account)],
                [.. Enumerable.Range(1, 100).Select(number => Story.Hash(9, number))], false));

        var heard = engine.ProvenElsewhere;

        Assert.Equal(("a/10/44", "a/10/299"), (heard[0].Finding.Value, heard[^1].Finding.Value));
        Assert.All(heard, attack => Assert.Equal((64, 16), (attack.Accounts.Count, attack.Codes.Count)));
    }

    [Fact]
    public void What_is_proven_here_is_what_others_are_told_and_a_rollback_takes_it_back()
    {
        var engine = new Engine(Story.Watch);
        Add(story.Begin());
        Make(Story.Attacker, Story.AttackContract, Code(Story.Vault));
        Add(story.Next(Story.Attack()));
        DetectorRuns.Run(engine, inputs);

        // The loan, and the price that it bent.
        var attack = engine.Proven.First();
        Assert.Equal(2, engine.Proven.Count());
        Assert.Equal([Story.Attacker, Story.AttackContract], attack.Accounts.Order());
        Assert.Equal([CodeHash.Of(Code(Story.Vault))!.Value], attack.Codes);

        engine.Step(story.BackTo(1));
        Assert.Empty(engine.Proven);
    }

    [Fact]
    public void A_contract_that_nobody_was_seen_making_is_not_told_as_the_attackers()
    {
        var engine = new Engine(Story.Watch);
        Story.Run(engine, story.Begin(), story.Next(Story.Attack(through: Story.Router)));

        Assert.NotEmpty(engine.Proven);
        Assert.All(engine.Proven, attack => Assert.Equal([Story.Attacker], attack.Accounts));
    }

    [Theory]
    [InlineData(Threat.ContractAnomaly, 0.92, "market", true)]
    [InlineData(Threat.ContractAnomaly, 0.99, "market", false)] // On its peg.
    [InlineData(Threat.LargeTransfer, 0.92, "market", false)] // What a crowd does too.
    [InlineData(Threat.ContractAnomaly, 0.92, "vault", false)] // Never dealt with it.
    public void An_asset_off_its_peg_makes_what_is_done_to_its_holders_surer(
        Threat threat, double price, string contract, bool isRaised)
    {
        var raised = Spread(threat, price, contract, new Flow("market", "USDC", 5m));

        Assert.Equal(isRaised ? Severity.High : Severity.Elevated, raised.Severity);
        Assert.Equal(isRaised ? 0.55m : 0.4m, raised.Confidence);
    }

    [Fact]
    public void An_asset_that_everybody_holds_raises_nothing()
    {
        Flow[] flows = [.. new[] { "market", "a", "b", "c" }.Select(name => new Flow(name, "USDC", 5m))];

        Assert.Equal(0.4m, Spread(Threat.ContractAnomaly, 0.92, "market", flows).Confidence);
        Assert.Equal(0.55m, Spread(Threat.ContractAnomaly, 0.92, "market", flows[..3]).Confidence);
    }

    [Fact]
    public void It_is_never_critical_by_what_it_shares_alone()
    {
        var raised = Spread(
            Threat.ContractAnomaly, 0.5, "market", [new Flow("market", "USDC", 5m)], Severity.High);

        Assert.Equal(Severity.High, raised.Severity);
    }

    [Fact]
    public void Live_over_reorgs_and_in_pieces_it_finds_the_same()
    {
        Add(story.Begin());
        Make(Story.Attacker, Story.AttackContract, Code(Story.Vault));
        Add(story.Next(Story.Attack(hash: 1)));
        Tell(OtherChain, story.Blocks[0].Time, [Story.OtherAttacker], []);
        Add(story.BackTo(1));
        Add(story.Next(Story.Attack(hash: 1)));
        Make(Story.OtherAttacker, Twin, Code(Story.Market));
        Add(story.Next(tx => tx.By(Story.OtherAttacker, Twin).Transfer(Story.Dusd, Story.Market, Twin, 10m)));
        var watch = DetectorRuns.With(AttackCodeSettings.Default);

        DetectorRuns.MustNotDependOnRestarts(watch, inputs);
        var live = DetectorRuns.Run(new Engine(watch), inputs);
        var remained = story.Blocks.Select(block => block.Ref).ToHashSet();
        var canonical = DetectorRuns.Run(new Engine(watch), inputs.Where(input =>
            input is Arrival || (input is ChainStep.Forward { Block: var block } && remained.Contains(block.Ref))));
        Assert.Contains(live, finding => finding.Detector == "attack-code");
        Assert.Equal(Newest(canonical), Newest(live));
    }

    private static IEnumerable<Finding> Newest(List<Finding> findings) =>
        findings.GroupBy(finding => finding.Id).Select(group => group.Last() with { Revision = 0 })
            .OrderBy(finding => finding.Id.Value, StringComparer.Ordinal);

    private static DateTimeOffset Start => new(2026, 3, 1, 3, 0, 0, TimeSpan.Zero);

    // The code of a tool, in the shape that compilers give it.
    private static byte[] Code(Address victim, int statement = 1) =>
    [
        0x60, 0x80, 0x60, 0x40, 0x52,
        .. Enumerable.Range(0, 300).SelectMany(i => (byte[])[0x61, (byte)(i >> 8), (byte)(i * statement % 256)]),
        0x73, .. victim.ToArray(), 0x31,
        0xa2, 0x64, .. "ipfs"u8, 0x58, 0x22, .. victim.ToArray(), 0x00, 0x33,
        .. new byte[12], .. victim.ToArray(),
    ];

    private static Hit Spread(
        Threat threat, double price, string contract, Flow flow, Severity severity = Severity.Elevated) =>
        Spread(threat, price, contract, [flow], severity);

    private static Hit Spread(
        Threat threat, double price, string contract, Flow[] flows, Severity severity = Severity.Elevated)
    {
        var more = flows.Select(flow => flow.Contract).Where(name => name.Length == 1)
            .Select((name, i) => new ProtectedContract(name, Story.Account(0x700 + i), "x"));
        var watch = Story.Watch with
        {
            Pegs = [new Peg("USDC", 1m)],
            Contracts = Story.Watch.Contracts.Concat(more).ToValueList(),
        };
        var pegs = new PegWatch(watch);
        foreach (var minutes in new[] { 0, 2, 4 })
            pegs.Take(new Arrival.Tick(Start.AddMinutes(minutes), "kraken", "USDC", (decimal)price, null), null, []);
        var proven = new ProvenAttacks(new WatchIndex(watch));
        var block = new BlockRef(7, Story.Hash(2, 7));
        proven.Ties.Take(flows, block);
        var hit = new Hit(
            block, Start, severity, 0.4m, contract, [new AttackTransaction(block, Story.Hash(1, 1), [])],
            [Story.Attacker], []);
        return new Contagion(watch, proven, () => pegs.Depegged).Spread(threat, hit, []);
    }

    private void Add(Input input) => inputs.Add(input);

    private void Add(Block block, TimeSpan late) => inputs.Add(Story.Step(block with { Time = block.Time + late }));

    private void Tell(
        ChainId chain, DateTimeOffset at, ValueList<Address> accounts, ValueList<Hash32> codes,
        bool withdrawn = false) =>
        Add(new Arrival.AttackElsewhere(
            Start, chain, new FindingId("flash-loan-attack/10/0xab"), Threat.FlashLoanAttack, at, accounts, codes,
            withdrawn));

    private void Make(Address maker, Address contract, byte[] code)
    {
        var told = story.NextBlock(tx =>
        {
            tx.By(maker, null);
            tx.Input = code;
        });
        Add(Story.Step(Created(told, contract)));
    }

    private static Block Created(Block block, Address contract) => block with
    {
        Transactions = block.Transactions.ToArray().Select(tx => tx with { ContractCreated = contract }).ToArray(),
    };
}
