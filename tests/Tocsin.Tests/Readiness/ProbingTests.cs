using Tocsin.Chains;
using Tocsin.Hosting;
using Tocsin.Plans;
using Tocsin.Readiness;
using Tocsin.Response;
using Tocsin.Tests.Configuration;
using Tocsin.Tests.Plans;

namespace Tocsin.Tests.Readiness;

public sealed class ProbingTests : IDisposable
{
    private readonly ConfigurationFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Fact]
    public async Task What_is_done_on_another_chain_is_tried_on_the_nodes_that_act_there()
    {
        // Port 1 refuses: who is asked there is silent, and who is not asked is not configured.
        var configuration = folder.Load("""
            chain:
              id: 31337
              rpc: http://127.0.0.1:1
            act_on: [ { id: 10, name: optimism, rpc: "http://127.0.0.1:1" } ]
            """);
        var chains = ActingChains.Create(
            configuration, Installation.CreateNodes(configuration, TimeProvider.System), TimeProvider.System);
        var probe = Probing.Create(configuration, chains, TimeProvider.System);

        var (results, _) = await probe.ProbeAsync(
            Plan(), KnownCode.None, TestContext.Current.CancellationToken);

        Assert.Equal(
            [("here", ReadyState.Unknown), ("there", ReadyState.Unknown), ("nowhere", ReadyState.NotReady)],
            results.Select(result => (result.Action, result.State)));
    }

    private static Plan Plan()
    {
        static PlannedAction On(string id, ulong chain) => new(id, id, [], default)
        {
            Needs =
            [
                new PlannedRead(
                    new ChainId(chain), MinimalPlan.Stranger.Address, [1, 2, 3, 4], AnswerForm.Number,
                    ReadRelation.AtLeast, UInt256.One, "view()", "it holds", default),
            ],
        };
        return MinimalPlan.Plan with { Actions = [On("here", 31337), On("there", 10), On("nowhere", 8453)] };
    }
}
