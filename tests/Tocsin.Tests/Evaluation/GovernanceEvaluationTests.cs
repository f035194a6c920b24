using Tocsin.Evaluation;

namespace Tocsin.Tests.Evaluation;

public sealed class GovernanceEvaluationTests : IDisposable
{
    private const string Governor = "0xc0dA01a04C3f3E0be433606045bB7017A7323E38";
    private const string Holder = "0x8169522c2C57883E8EF80C498aAB7820dA539806";

    private readonly DirectoryInfo folder = Directory.CreateTempSubdirectory("tocsin-governance-");

    public void Dispose() => folder.Delete(recursive: true);

    [Fact]
    public void Ordinary_proposals_are_counted_and_left_alone()
    {
        Write("some.jsonl",
            Proposal(1, 100, "2020-05-01T00:00:00Z", "_setPendingImplementation(address)"),
            Vote(1, 200, "2020-05-02T00:00:00Z"),
            Event("ProposalExecuted", 300, "2020-05-04T00:00:00Z", "\"id\":\"1\""));

        var result = Run();

        Assert.Equal((1, 0, 1, 3, 0), (
            result.Proposals, result.Flagged, result.Recorded, result.Events, result.Rejected));
    }

    [Fact]
    public void A_dangerous_proposal_that_runs_in_its_own_block_is_flagged_by_name()
    {
        Write("some.jsonl",
            Proposal(1, 100, "2020-05-01T00:00:00Z", "_setPendingImplementation(address)"),
            Event("ProposalExecuted", 100, "2020-05-01T00:00:00Z", "\"id\":\"1\""));

        Assert.Equal(["some 1"], Run().FlaggedProposals);
    }

    [Fact]
    public void A_script_is_read_as_hexadecimal_and_as_the_literal_that_the_source_prints()
    {
        // Both call transferOwnership(address), 0xf2fde38b, in a script whose vote ran within an hour.
        Write("hex.jsonl", Start(1), Script(2, "0x00000001" + Holder[2..] + "00000004f2fde38b"), Executed(2));
        Write("literal.jsonl", Start(1), Script(2,
            @"b'\\x00\\x00\\x00\\x01" + string.Concat(Enumerable.Repeat(@"\\x11", 20))
                + @"\\x00\\x00\\x00\\x04\\xf2\\xfd\\xe3\\x8b'"),
            Executed(2));

        Assert.Equal(["hex 9", "literal 9"], Run().FlaggedProposals);

        static string Start(int block) =>
            Event("StartVote", block, "2021-01-01T00:00:00Z", $"\"voteId\":\"9\",\"creator\":\"{Holder}\"");
        static string Script(int block, string script) =>
            Event("ScriptResult", block, "2021-01-01T01:00:00Z", $"\"script\":\"{script}\",\"executor\":\"{Holder}\"");
        static string Executed(int block) => Event("ExecuteVote", block, "2021-01-01T01:00:00Z", "\"voteId\":\"9\"", 2);
    }

    [Fact]
    public void What_is_no_event_is_rejected_aloud_and_the_rest_is_read()
    {
        var told = new List<string>();
        Write("some.jsonl", "nonsense", Event("Unheard", 1, "2020-05-01T00:00:00Z", "\"id\":\"1\""),
            Event("ScriptResult", 1, "2021-01-01T01:00:00Z", $"\"script\":\"b'\\\\x'\",\"executor\":\"{Holder}\""),
            Proposal(1, 100, "2020-05-01T00:00:00Z", "setFee(address)"));

        var result = new GovernanceEvaluation(folder.FullName, told.Add, _ => { })
            .Run(TestContext.Current.CancellationToken);

        Assert.Equal((1, 3, 3), (result.Proposals, result.Rejected, told.Count));
    }

    private GovernanceResult Run() => new GovernanceEvaluation(folder.FullName, _ => { }, _ => { })
        .Run(TestContext.Current.CancellationToken);

    private void Write(string name, params string[] lines) =>
        File.WriteAllLines(Path.Combine(folder.FullName, name), lines);

    private static string Proposal(int id, int block, string time, string signature) => Event(
        "ProposalCreated", block, time,
        $"\"id\":\"{id}\",\"proposer\":\"{Holder}\",\"targets\":[\"{Governor}\"],\"signatures\":[\"{signature}\"],"
            + "\"calldatas\":[\"0x" + new string('0', 64) + "\"],\"startBlock\":\"1\",\"endBlock\":\"2\"");

    private static string Vote(int id, int block, string time) => Event(
        "VoteCast", block, time,
        $"\"voter\":\"{Holder}\",\"proposalId\":\"{id}\",\"support\":\"True\",\"votes\":\"24107640000000000000000\"");

    private static string Event(string name, int block, string time, string fields, int log = 1) =>
        $"{{\"dao\":\"some\",\"event_name\":\"{name}\",\"block_number\":{block},\"txhash\":\"0x{block:x64}\","
            + $"\"log_index\":{log},\"timestamp\":\"{time}\",{fields},\"contract_address\":\"{Governor}\"}}";
}
