using System.Reflection;
using Tocsin.Adapters;
using Tocsin.Commands;
using Tocsin.Incidents;
using Tocsin.Plans;
using Tocsin.Tests.Tidy;
using Tocsin.Texts;

namespace Tocsin.Tests.Adapters;

/// <summary>The adapters that are built in: true signatures, and a page that says what they say.</summary>
public sealed class AdapterCatalogTests
{
    // By Foundry's cast.
    [Theory]
    [InlineData("openzeppelin-pausable", "pause-by-role", "0x8456cb59")]
    [InlineData("openzeppelin-pausable", "pause-by-owner", "0x8456cb59")]
    [InlineData("openzeppelin-access-manager", "pause-target", "0x8456cb59")]
    [InlineData("openzeppelin-access-manager", "close-target", "0x167bd395")]
    [InlineData("aave-v3", "pause-reserve", "0x48d9fba9")]
    [InlineData("aave-v3", "pause-pool", "0x7641f3d9")]
    [InlineData("aave-v3", "freeze-reserve", "0x96e957c4")]
    [InlineData("compound-v2-guardian", "pause-mint", "0x3bcf7ec1")]
    [InlineData("compound-v2-guardian", "pause-borrow", "0x18c882a5")]
    [InlineData("compound-v2-guardian", "pause-transfer", "0x8ebf6364")]
    [InlineData("compound-v2-guardian", "pause-seize", "0x2d70db78")]
    [InlineData("compound-v3-guardian", "pause-outflows", "0x44c35d07")]
    [InlineData("compound-v3-guardian", "pause-all", "0x44c35d07")]
    [InlineData("eigenlayer-pausable", "pause-bits", "0x136439dd")]
    [InlineData("eigenlayer-pausable", "pause-all", "0x595c6a67")]
    [InlineData("circle-fiat-token", "pause", "0x8456cb59")]
    [InlineData("circle-fiat-token", "blacklist", "0xf9f92be4")]
    [InlineData("circle-fiat-token", "remove-minter", "0x3092afd5")]
    [InlineData("balancer-v2", "pause-vault", "0x16c38b3c")]
    [InlineData("balancer-v3", "pause-pool", "0x55aca1ec")]
    [InlineData("balancer-v3", "pause-vault", "0x9e0879c2")]
    [InlineData("balancer-v3", "pause-buffers", "0xe085c5a8")]
    [InlineData("lido-circuit-breaker", "pause", "0x76a67a51")]
    [InlineData("safe", "execute", "0x6a761202")]
    public void An_action_calls_the_function_of_its_protocol(string adapter, string action, string selector) =>
        Assert.Equal(selector, Action(adapter, action).Call.Function.Selector.ToString());

    [Fact]
    public void Every_action_is_in_the_table_above()
    {
        var listed = typeof(AdapterCatalogTests)
            .GetMethod(nameof(An_action_calls_the_function_of_its_protocol))!
            .GetCustomAttributesData()
            .Where(data => data.AttributeType == typeof(InlineDataAttribute))
            .Select(data => (IEnumerable<CustomAttributeTypedArgument>)data.ConstructorArguments[0].Value!)
            .Select(values => string.Join('/', values.Take(2).Select(value => value.Value)));

        Assert.Equal(
            AdapterCatalog.All.SelectMany(one => one.Actions.Select(action => $"{one.Name}/{action.Name}")).Order(),
            listed.Order());
    }

    // As the protocols' logs carry them.
    [Theory]
    [InlineData("openzeppelin-pausable", "0x62e78cea01bee320cd4e420270b5ea74000d11b0c9f74754ebdbfc544b05a258")]
    [InlineData("openzeppelin-pausable", "0x5db9ee0a495bf2e6ff9c91a7834c1ba4fdd244a5e8aa4e537bd38aeae4b073aa")]
    [InlineData("openzeppelin-access-manager", "0x90d4e7bb7e5d933792b3562e1741306f8be94837e1348dacef9b6f1df56eb138")]
    [InlineData("openzeppelin-access-manager", "0x82a2da5dee54ea8021c6545b4444620291e07ee83be6dd57edb175062715f3b4")]
    [InlineData("openzeppelin-access-manager", "0xf98448b987f1428e0e230e1f3c6e2ce15b5693eaf31827fbd0b1ec4b424ae7cf")]
    [InlineData("openzeppelin-access-manager", "0x9ea6790c7dadfd01c9f8b9762b3682607af2c7e79e05a9f9fdf5580dde949151")]
    [InlineData("aave-v3", "0xe188d542a5f11925d3a3af33703cdd30a43cb3e8066a3cf68b1b57f61a5a94b5")]
    [InlineData("aave-v3", "0x0c4443d258a350d27dc50c378b2ebf165e6469725f786d21b30cab16823f5587")]
    [InlineData("compound-v2-guardian", "0x71aec636243f9709bb0007ae15e9afb8150ab01716d75fd7573be5cc096e03b0")]
    [InlineData("compound-v2-guardian", "0xef159d9a32b2472e32b098f954f3ce62d232939f1c207070b584df1814de2de0")]
    [InlineData("eigenlayer-pausable", "0xab40a374bc51de372200a8bc981af8c9ecdc08dfdaef0bb6e09f88f3c616ef3d")]
    [InlineData("circle-fiat-token", "0x6985a02210a168e66602d3235cb6db0e70f92b3ba4d376a33c0f3d9434bff625")]
    [InlineData("circle-fiat-token", "0xffa4e6181777692565cf28528fc88fd1516ea86b56da075235fa575af6a4b855")]
    [InlineData("circle-fiat-token", "0x117e3210bb9aa7d9baff172026820255c6f6c30ba8999d1c2fd88e2848137c4e")]
    [InlineData("balancer-v2", "0x9e3a5e37224532dea67b89face185703738a228a6e8a23dee546960180d3be64")]
    [InlineData("balancer-v3", "0x57e20448028297190122571be7cb6c1b1ef85730c673f7c72f533c8662419aa7")]
    [InlineData("balancer-v3", "0xe0629fe656e45ad7fd63a24b899da368690024c07043b88e57aee5095b1d3d02")]
    [InlineData("lido-circuit-breaker", "0x9628d25c6e4299393a2779652c1df703eb599acae5fc406c6ef98e92c9ccd93e")]
    [InlineData("safe", "0x442e715f626346e8c54381002da614f62bee8d27386535b2521ec8540898556e")]
    [InlineData("safe", "0x9465fa0c962cc76958e6373a993326400c1c94f8be2fe3a952adfa7f60b2ea26")]
    [InlineData("safe", "0xecdf3a3effea5783a3c4c2140e677577666428d44ed9d474a0b3a4c9943f8440")]
    public void An_adapter_knows_the_event_by_its_topic(string adapter, string topic) =>
        Assert.Contains(
            AdapterCatalog.Named(adapter)!.Events, one => one.Event.Topic0.ToString() == topic);

    [Fact]
    public void A_file_is_named_as_its_adapter() => Assert.Equal(
        Directory.GetFiles(Path.Combine(Repository.Root, "contracts", "adapters"))
            .Select(Path.GetFileName).Order(StringComparer.Ordinal),
        AdapterCatalog.All.Select(adapter => adapter.Name + ".yaml"));

    [Fact]
    public void Only_what_npm_publishes_is_told_to_be_tested() => Assert.Equal(
        ["aave-v3", "balancer-v2", "openzeppelin-access-manager", "openzeppelin-pausable", "safe"],
        AdapterCatalog.All.Where(adapter => adapter.TestedAgainst is not null).Select(adapter => adapter.Name));

    [Fact]
    public void The_page_of_the_documentation_is_what_the_command_prints() =>
        Assert.Equal(AdaptersCommand.Markdown(AdapterCatalog.All), Repository.Text("docs/adapters.md"));

    [Fact]
    public void A_name_that_is_none_is_answered_with_the_one_that_was_meant()
    {
        var thrown = Assert.Throws<InputException>(() => AdaptersCommand.Run("aave-v4", json: false, markdown: false));

        Assert.Contains("aave-v3", thrown.Message, StringComparison.Ordinal);
    }

    // The plan knows views with the scope as their one argument alone; those of most protocols have none.
    [Fact]
    public void The_actions_for_a_plan_lack_nothing_but_what_a_plan_cannot_say_yet() => Assert.All(
        AdapterCatalog.All,
        adapter =>
        {
            var snippet = PlanSnippet.Of(adapter)
                .Replace("<data>", "0x00", StringComparison.Ordinal)
                .Replace("<signatures>", "0x00", StringComparison.Ordinal)
                .Replace("<flags>", "1", StringComparison.Ordinal);
            var names = adapter.Contracts.Concat(adapter.Values).Select(name => name.Name).ToList();
            foreach (var name in names)
                snippet = snippet.Replace($"<{name}>", Address(names.IndexOf(name)), StringComparison.Ordinal);
            foreach (var contract in adapter.Contracts)
            {
                var given = Address(names.IndexOf(contract.Name));
                snippet = snippet.Replace($"target: \"{given}\"", "target: brake", StringComparison.Ordinal);
            }

            var read = PlanReader.Read([new PlanFile(PlanReader.MainFile, Start + snippet)]);

            Assert.Equal(adapter.Actions.Count, read.Plan.Actions.Count);
            Assert.All(
                read.Plan.Actions.SelectMany(action => action.Calls), call => Assert.NotEmpty(call.Call.Data));
            Assert.All(read.Complaints.Where(complaint => complaint.Level == ComplaintLevel.Error), complaint =>
                Assert.True(
                    complaint.Message.StartsWith("'holds' is missing", StringComparison.Ordinal)
                        || complaint.Message.StartsWith("'until' is missing", StringComparison.Ordinal)
                        || complaint.Message.Contains("is missing in plan.yaml", StringComparison.Ordinal),
                    complaint.ToString()));
        });

    private const string Start = """
        name: test
        protected:
          chain: { id: 1, name: Ethereum }
          controls: { brake: "0x0000000000000000000000000000000000000003" }
          assets: []
          contracts: []

        """;

    private static string Address(int number) => "0x" + (0x10 + number).ToString("x40");

    private static AdapterAction Action(string adapter, string action) =>
        AdapterCatalog.Named(adapter)!.Actions.Single(one => one.Name == action);
}
