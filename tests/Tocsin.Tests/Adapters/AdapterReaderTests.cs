using Tocsin.Adapters;
using Tocsin.Chains;
using Tocsin.Texts;

namespace Tocsin.Tests.Adapters;

/// <summary>What an adapter's file may say, and how the answers to its reads are judged.</summary>
public sealed class AdapterReaderTests
{
    private const string File = """
        name: example
        title: Example
        for: A test.
        source: nowhere
        tested_against: none
        contracts:
          target: the contract
        values:
          level: how much
        actions:
          - name: stop
            on: target
            function: stop(uint256 level)
            arguments: [$level]
            scope: all
            by: anybody
            reversed_by: nobody
            expires: never
            risks: [none known]
            role_probe:
              - on: target
                read: keeper(bytes32 role) returns (address keeper)
                arguments: ["keccak:STOPPER"]
                keep: { keeper: keeper }
              - on: keeper
                read: may(address who,bytes4 what) returns (bool may)
                arguments: [$account, "selector:stop(uint256)"]
                expect: { may: true }
            verify:
              - on: target
                read: level() returns (uint256 level)
                expect: { level: { at_least: $level } }
        limits:
          - says: It can end.
            actions: [stop]
            ready:
              - on: target
                read: end() returns (uint64 end)
                expect: { end: { more_than: $now } }
        events:
          - { on: target, event: Stopped(uint256 level), means: It stopped. }
        """;

    private static readonly Address Someone = Address.Parse("0x00000000000000000000000000000000000000aa");

    [Fact]
    public void A_whole_file_is_read()
    {
        var (adapter, complaints) = Read(File);

        Assert.Empty(complaints);
        var action = Assert.Single(adapter.Actions);
        Assert.Equal("stop(uint256)", action.Call.Function.Signature);
        Assert.Null(action.Expires);
        Assert.Null(adapter.TestedAgainst);
        Assert.Single(adapter.ReadyFor(action));
    }

    [Theory]
    [InlineData("name: example", "name: example\ncolour: red", 2, "'colour' is not known")]
    [InlineData("    scope: all", "    scop: all", 15, "'scop' is not known in actions[1]; did you mean 'scope'?")]
    [InlineData("on: keeper", "on: stranger", 25, "'stranger' is no contract of this adapter")]
    [InlineData("arguments: [$level]", "arguments: [$depth]", 14, "'$depth' is no name of this adapter")]
    [InlineData("arguments: [$level]", "arguments: [much]", 14, "'much' is no value of type uint256")]
    [InlineData("arguments: [$level]", "arguments: []", 11, "takes 1 arguments, not 0")]
    [InlineData("function: stop(uint256 level)", "function: stop(uint257 level)", 13, "this is not a signature")]
    [InlineData("expect: { may: true }", "expect: { can: true }", 28, "the read has no result named 'can'")]
    [InlineData("expect: { may: true }", "expect: { may: { at_least: true } }", 28, "compares numbers")]
    [InlineData("expect: { may: true }", "expect: { may: { likes: true } }", 28, "'likes' is not known")]
    [InlineData("actions: [stop]", "actions: [go]", 35, "'go' is no action of this adapter")]
    [InlineData("event: Stopped(uint256 level)", "event: 1", 41, "this is not a signature")]
    [InlineData("  level: how much", "  target: how much", 9, "must be a new name")]
    public void What_is_wrong_is_told_with_file_and_line(string right, string wrong, int line, string told)
    {
        Assert.Contains(right, File, StringComparison.Ordinal);
        var (_, complaints) = Read(File.Replace(right, wrong, StringComparison.Ordinal));

        Assert.Contains(
            complaints,
            complaint => complaint.StartsWith($"example.yaml:{line}: error: ", StringComparison.Ordinal)
                && complaint.Contains(told, StringComparison.Ordinal));
    }

    [Fact]
    public void What_a_read_keeps_the_next_one_uses()
    {
        var probe = Read(File).Adapter.Actions[0].RoleProbe;
        var given = new Dictionary<string, object> { ["account"] = Someone };

        Assert.Empty(probe[0].Judge(Word(0xbb), given));

        Assert.Equal(Address.Parse("0x00000000000000000000000000000000000000bb"), given["keeper"]);
        Assert.Empty(probe[1].Judge(Word(1), given));
        Assert.Equal(
            "may($account, selector:stop(uint256)): may is False and not true",
            Assert.Single(probe[1].Judge(Word(0), given)));
    }

    [Theory]
    [InlineData("is", 5, 5, true)]
    [InlineData("is", 4, 5, false)]
    [InlineData("is_not", 4, 5, true)]
    [InlineData("is_not", 5, 5, false)]
    [InlineData("at_least", 5, 5, true)]
    [InlineData("at_least", 4, 5, false)]
    [InlineData("at_most", 5, 5, true)]
    [InlineData("at_most", 6, 5, false)]
    [InlineData("more_than", 6, 5, true)]
    [InlineData("more_than", 5, 5, false)]
    [InlineData("has_bits", 7, 5, true)]
    [InlineData("has_bits", 6, 5, false)]
    public void A_result_compares_with_what_is_expected(string relation, ulong result, ulong wanted, bool holds)
    {
        var text = File.Replace("{ at_least: $level }", $"{{ {relation}: $level }}", StringComparison.Ordinal);
        var given = new Dictionary<string, object> { ["level"] = (UInt256)wanted };

        var failures = Read(text).Adapter.Actions[0].Verify[0].Judge(Word(result), given);

        Assert.Equal(holds, failures.Count == 0);
    }

    private static byte[] Word(ulong value) => ((UInt256)value).ToArray();

    private static (Adapter Adapter, IReadOnlyList<string> Complaints) Read(string text)
    {
        var yaml = new YamlText();
        var adapter = AdapterReader.Read(yaml, "example.yaml", text);
        return (adapter, [.. yaml.Complaints.Select(complaint => complaint.ToString())]);
    }
}
