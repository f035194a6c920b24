using System.Numerics;
using Tocsin.Chains;
using Tocsin.Detection;
using Tocsin.Detection.Loans;
using Tocsin.Findings;
using Tocsin.Tests.Detection;
using static Tocsin.Tests.Conduct.CallScript;

namespace Tocsin.Tests.Loans;

/// <summary>Loans and robberies of which no event tells.</summary>
public sealed class LoanByCallsTests
{
    private const string Name = "flash-loan-profit";
    private const string Send = "transfer(address,uint256)";
    private static readonly BigInteger Million = BigInteger.Pow(10, 24);
    private static readonly Address Manager = Of(9);

    private static readonly Watch Watch = new(
        Story.Watch.Chain, [new Asset("dUSD", Token, 18, 1m), new Asset("GEM", Of(11), 18, 10m)], [],
        [new ProtectedContract("market", Market, "lending")],
        // So high that no flow of tokens is a loan by itself.
        new Thresholds { LargeLoanUsd = 100_000_000m })
    {
        Detectors = [new FlashLoanProfitSettings([])],
    };

    [Theory]
    [InlineData("onFlashLoan(address,address,uint256,uint256,bytes)", true)]
    [InlineData("uniswapV2Call(address,uint256,uint256,bytes)", true)]
    [InlineData("pancakeCall(address,uint256,uint256,bytes)", true)]
    [InlineData("executeOperation(address,uint256,uint256,address,bytes)", true)]
    [InlineData("receiveFlashLoan(address[],uint256[],uint256[],bytes)", true)]
    [InlineData("callFunction(address,(address,uint256),bytes)", true)]
    [InlineData("onMorphoFlashLoan(uint256,bytes)", true)]
    [InlineData("onFlashLoan(bytes)", true)]
    [InlineData("uniswapV3SwapCallback(int256,int256,bytes)", false)]
    public void What_writes_no_events_is_seen_by_its_calls(string callback, bool isLoan)
    {
        var script = new Conduct.CallScript(Robot, "go(uint256,uint256)", 1, 2);
        script.Call(Manager, () => script.Call(Robot, () => Drain(script), callback, 1, 1, 1), "lend()");

        var findings = Traced(script);

        Assert.Equal(isLoan ? 1 : 0, findings.Count);
        Assert.All(findings, finding => Assert.Equal(
            (Severity.Critical, "market", 50_000m), (finding.Severity, finding.Subject, finding.ImpactUsd)));
    }

    [Theory]
    [InlineData("take(address,address,uint256)", "settle()", true, true)]
    [InlineData("sendTo(address,address,uint256)", "settle(address,uint256)", true, true)]
    [InlineData("take(address,address,uint256)", "settle()", false, false)]
    [InlineData("swap()", "settle()", true, false)]
    public void What_a_manager_gives_and_gets_back_while_unlocked_is_a_loan(
        string take, string settle, bool paysBack, bool isLoan)
    {
        var script = new Conduct.CallScript(Robot, "go(uint256,uint256)", 1, 2);
        script.Call(Manager, () => script.Call(Robot, () =>
        {
            script.Call(Manager, () => script.Call(Token, Send, Robot, Million), take, Token, Robot, Million);
            Drain(script);
            if (paysBack)
                script.Call(Token, Send, Manager, Million);
            script.Call(Manager, settle, Token, Million);
        }, "unlockCallback(bytes)", 32, 0), "unlock(bytes)", 32, 0);

        Assert.Equal(isLoan ? 1 : 0, Traced(script).Count);
    }

    [Fact]
    public void What_failed_never_happened()
    {
        var script = new Conduct.CallScript(Robot, "go(uint256,uint256)", 1, 2);
        script.Call(Manager, () => script.Call(
            Robot, () => script.Fail(Market, () => script.Call(Token, Send, Robot, Million), "drain()"),
            "onFlashLoan(address,address,uint256,uint256,bytes)", 1), "lend()");

        Assert.Empty(Traced(script));
    }

    [Fact]
    public void A_liquidation_that_repays_us_is_none()
    {
        var script = new Conduct.CallScript(Robot, "go(uint256,uint256)", 1, 2);
        script.Call(Manager, () => script.Call(Robot, () => script.Call(Market, () =>
        {
            script.Call(Token, "transferFrom(address,address,uint256)", Robot, Market, Million / 10);
            script.Call(Of(11), Send, Robot, 10_800 * BigInteger.Pow(10, 18));
        }, "liquidateBorrow(address,uint256,address)", Somebody, Million / 10, Of(11)),
            "onFlashLoan(address,address,uint256,uint256,bytes)", 1), "lend()");

        Assert.Empty(Traced(script));
    }

    [Fact]
    public void Who_winds_up_a_position_takes_back_his_own_by_the_calls_too()
    {
        var script = new Conduct.CallScript(Robot, "go(uint256,uint256)", 1, 2);
        script.Call(Manager, () => script.Call(Robot, () => Drain(script), "onFlashLoan(bytes)", 1), "lend()");
        var story = new Story();
        var engine = new Engine(Watch);
        DetectorRuns.Run(engine,
        [
            story.Next(tx => tx.By(Sender, Market).Transfer(Token, Sender, Market, 50_000m)),
            story.Next(tx => tx.By(Sender, Robot).Transfer(Token, Market, Robot, 50_000m)),
        ]);

        Assert.Empty(engine.Step(DetectorRuns.Traced(story, script.Frames)).Of(Name));
    }

    private static void Drain(Conduct.CallScript script) =>
        script.Call(Market, () => script.Call(Token, Send, Robot, Million / 20), "drain()");

    private static List<Finding> Traced(Conduct.CallScript script)
    {
        var story = new Story();
        var engine = new Engine(Watch);
        DetectorRuns.Run(engine, [story.Next(tx => tx.By(Sender, Robot))]);
        return [.. engine.Step(DetectorRuns.Traced(story, script.Frames)).Of(Name)];
    }
}
