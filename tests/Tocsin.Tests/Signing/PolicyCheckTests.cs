using Tocsin.Evm;
using Tocsin.Plans;
using Tocsin.Signing;
using Tocsin.Tests.Plans;

namespace Tocsin.Tests.Signing;

public sealed class PolicyCheckTests : IDisposable
{
    private static readonly string Policy = $$"""
        key: env:NONE
        journal: journal
        socket: s
        exercise: false
        allowed:
          - chain: 31337
            target: "0x00000000000000000000000000000000000000c0"
            function: pause(bytes32 module,uint64 durationSeconds)
            first_argument: [market, vault]
            bounds:
              durationSeconds: { at_least: 3600, at_most: 604800 }
            required:
              - ["{{Wallet(MinimalPlan.Commander)}}", "{{Wallet(MinimalPlan.Deputy)}}"]
            additional:
              - of: ["{{Wallet(MinimalPlan.Engineer)}}"]
                at_least: 1
        """;

    private readonly DirectoryInfo folder = Directory.CreateTempSubdirectory("tocsin-policy-");

    public void Dispose() => folder.Delete(recursive: true);

    [Fact]
    public void A_policy_that_allows_all_that_is_decided_gives_no_complaint() => Assert.Empty(Check(Policy));

    /// <summary>Each would be found out on the night, after everybody has approved.</summary>
    [Theory]
    [InlineData("chain: 31337", "chain: 1", "'chain' is 1, that of the plan is 31337")]
    [InlineData("00c0\"", "00c1\"", "the plan calls 0x00000000000000000000000000000000000000C0")]
    [InlineData("pause(bytes32 module,", "halt(bytes32 module,", "nothing under 'allowed' has this function")]
    [InlineData("[market, vault]", "[market]", "pause(vault, 86400): the first argument is not one that the policy")]
    [InlineData("at_most: 604800", "at_most: 7200", "durationSeconds is 86400; the policy allows 3600 to 7200")]
    [InlineData("at_least: 1", "at_least: 2", "'ben' and 'ada' decide by the plan, but do not fill every place")]
    [InlineData("exercise: false", "exercise: false\nmax_gas: 100000", "'max_gas' is 100000")]
    [InlineData("exercise: false", "exercise: false\nmin_gas: 300000", "'min_gas' is 300000")]
    public void What_the_signer_would_refuse_is_an_error_of_the_plan(string piece, string change, string says)
    {
        Assert.Contains(piece, Policy, StringComparison.Ordinal);

        var complaints = Check(Policy.Replace(piece, change, StringComparison.Ordinal));

        Assert.Contains(complaints, complaint => complaint.Message.Contains(says, StringComparison.Ordinal));
        Assert.All(complaints, complaint => Assert.Equal(ComplaintLevel.Error, complaint.Level));
        Assert.All(
            complaints, complaint => Assert.Contains("signer.yaml", complaint.ToString(), StringComparison.Ordinal));
    }

    [Fact]
    public void A_substitute_that_the_signer_does_not_know_is_named() => Assert.Contains(
        Check(Policy.Replace($", \"{Wallet(MinimalPlan.Deputy)}\"", "", StringComparison.Ordinal)),
        complaint => complaint.Message.Contains(
            $"'cem' may decide by the plan, but {Wallet(MinimalPlan.Deputy)} is not among", StringComparison.Ordinal)
            && complaint.At == new SourceLine("plan.yaml", MinimalPlan.LineOf("- scope: market")));

    [Fact]
    public void Everybody_whom_the_signer_does_not_know_is_named_in_one_run() => Assert.Contains(
        Check(Policy.Replace(Wallet(MinimalPlan.Deputy), Wallet(MinimalPlan.Auditor), StringComparison.Ordinal)
            .Replace(Wallet(MinimalPlan.Engineer), Wallet(MinimalPlan.Stranger), StringComparison.Ordinal)),
        complaint => complaint.Message.Contains("'cem', 'ben' may decide by the plan, but ", StringComparison.Ordinal)
            && complaint.Message.Contains(
                $"{Wallet(MinimalPlan.Deputy)}, {Wallet(MinimalPlan.Engineer)} are not among",
                StringComparison.Ordinal));

    [Fact]
    public void A_signer_that_lets_more_people_decide_than_the_plan_refuses_nothing() => Assert.Empty(Check(
        Policy.Replace("- of: [", $"- of: [\"{Wallet(MinimalPlan.Auditor)}\", ", StringComparison.Ordinal)));

    [Fact]
    public void What_is_wrong_with_the_policy_itself_is_told_with_its_line() => Assert.Equal(
        [$"{Path.Combine(folder.FullName, "signer.yaml")}:4: error: 'exercise' must be true or false"],
        Check(Policy.Replace("exercise: false", "exercise: maybe", StringComparison.Ordinal))
            .Select(complaint => complaint.ToString()));

    [Fact]
    public void Where_there_is_no_policy_that_is_a_warning()
    {
        var complaint = Assert.Single(PolicyCheck.Check(folder.FullName, MinimalPlan.Plan, null));

        Assert.Equal(ComplaintLevel.Warning, complaint.Level);
        Assert.Contains("was not checked", complaint.Message, StringComparison.Ordinal);
    }

    private static string Wallet(PrivateKey key) => ChecksumAddress.Format(key.Address);

    private IReadOnlyList<Complaint> Check(string policy)
    {
        File.WriteAllText(Path.Combine(folder.FullName, "signer.yaml"), policy);
        return PolicyCheck.Check(folder.FullName, MinimalPlan.Plan, null);
    }
}
