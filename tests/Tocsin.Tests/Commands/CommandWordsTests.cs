using Tocsin.Chain.Senses;
using Tocsin.Commands;
using Tocsin.Tests.Tidy;

namespace Tocsin.Tests.Commands;

public sealed class CommandWordsTests
{
    [Theory]
    [InlineData("Cannot parse argument 'many' for option '--port' as expected type 'System.Nullable`1[System.Int32]'.",
        "Cannot parse argument 'many' for option '--port': it takes a whole number")]
    [InlineData("Cannot parse argument 'a' for option '--from' as expected type 'System.UInt64'.",
        "Cannot parse argument 'a' for option '--from': it takes a whole number")]
    [InlineData("Cannot parse argument 'x' for option '--once' as expected type 'System.Boolean'.",
        "Cannot parse argument 'x' for option '--once': it takes true or false")]
    [InlineData("Option '--config' is required.", "Option '--config' is required.")]
    public void A_mistake_on_the_command_line_is_told_without_types(string message, string words) =>
        Assert.Equal(words, CommandLine.Words(message));

    [Theory]
    [InlineData("demo", "--port", "many")]
    [InlineData("demo", "--once", "maybe")]
    [InlineData("serve", "--config", "x", "--from", "many")]
    [InlineData("record", "--rpc", "x", "--from", "a", "--to", "b", "--out", "c")]
    [InlineData("serve", "--config", "x", "--from", "18446744073709551615")]
    public void No_mistake_shows_a_type(params string[] arguments)
    {
        var root = new System.CommandLine.RootCommand
        {
            CommandLine.Demo(), CommandLine.Serve(), CommandLine.Record(),
        };

        var errors = root.Parse(arguments).Errors;

        Assert.NotEmpty(errors);
        Assert.All(errors, error => Assert.DoesNotContain(
            "System.", CommandLine.Words(error.Message), StringComparison.Ordinal));
    }

    [Fact]
    public void The_list_of_detectors_says_which_run_without_an_entry_and_which_need_one()
    {
        var lines = DetectorsCommand.Words().Split(Environment.NewLine);

        Assert.Contains(lines, line => line.StartsWith("outflow-drain ", StringComparison.Ordinal)
            && line.EndsWith(" without an entry", StringComparison.Ordinal));
        Assert.Contains(lines, line => line.StartsWith("governance-attack ", StringComparison.Ordinal)
            && line.EndsWith(" with an entry under 'detectors'", StringComparison.Ordinal));
        Assert.Contains(lines, line => line.EndsWith(" always", StringComparison.Ordinal));
    }

    [Fact]
    public void The_document_of_detectors_has_quotes_and_backticks_as_they_are()
    {
        var document = DetectorsCommand.Json();

        Assert.DoesNotContain("\\u0060", document, StringComparison.Ordinal);
        Assert.DoesNotContain("\\u0027", document, StringComparison.Ordinal);
        Assert.Equal("\"\\u001B[31m `a`\"", System.Text.Json.JsonSerializer.Serialize(
            "\u001b[31m `a`", Tocsin.Recording.EventJson.Printed));
    }

    [Fact]
    public void Each_sense_is_called_what_its_page_calls_it()
    {
        var page = Repository.Text("docs/nodes.md");

        Assert.All(Enum.GetValues<Sense>(), sense => Assert.Contains(
            $"\n| {SenseWords.Of(sense)} |", page, StringComparison.Ordinal));
    }

    [Theory]
    [InlineData(true, true, "Unknown", "in one answer")]
    [InlineData(true, false, "Unknown", "one by one")]
    [InlineData(false, true, "Absent", "in one answer")]
    public void What_needs_a_socket_is_absent_without_one_and_receipts_say_how_they_come(
        bool hasSocket, bool areTogether, string heads, string receipts)
    {
        var senses = new NodeSenses("node", default, 0,
        [
            new Capability(Sense.BlockReceipts, Presence.Present, "gives receipts"),
            new Capability(Sense.NewHeads, Presence.Unknown, "no answer"),
        ]);

        var reports = NodeCommand.Reports(senses, hasSocket, areTogether).ToList();

        Assert.Contains(receipts, reports[0].Words, StringComparison.Ordinal);
        Assert.Equal(heads, reports[1].Presence);
    }
}
