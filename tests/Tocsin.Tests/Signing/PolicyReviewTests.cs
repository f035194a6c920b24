using System.Text.Json;
using Tocsin.Commands;
using Tocsin.Evm.Abi;
using Tocsin.Signing;

namespace Tocsin.Tests.Signing;

public sealed class PolicyReviewTests : IDisposable
{
    private const string Policy = """
        key: file:signer.key
        journal: journal
        socket: s
        exercise: false
        clients: [1001]
        signatures_per_day: 10
        max_gas: 500000
        max_fee_gwei: 1000
        allowed:
          - chain: 1
            target: "0x00000000000000000000000000000000000000C0"
            function: pause(bytes32 module,uint64 durationSeconds,bytes32 reasonCode)
            first_argument: [market, vault]
            bounds:
              durationSeconds: { at_least: 3600, at_most: 604800 }
            required:
              - ["0x0000000000000000000000000000000000000011", "0x0000000000000000000000000000000000000012"]
            additional:
              - of: ["0x0000000000000000000000000000000000000013", "0x0000000000000000000000000000000000000014"]
                at_least: 1
        """;

    private readonly DirectoryInfo folder = Directory.CreateTempSubdirectory("tocsin-review-");

    public void Dispose() => folder.Delete(recursive: true);

    [Fact]
    public void A_good_policy_is_explained_and_has_no_weakness()
    {
        var (code, words, _) = Run(Policy);

        Assert.Equal(0, code);
        foreach (var part in (string[])
            [
                "durationSeconds: 1 hour to 7 days", "module: market, vault", "2 different wallets",
                "10 signatures a day, 5 ETH of fees at most", "with the server alone stolen: nothing is signed",
                "with the server and 2 approvers' keys stolen: 10 transactions a day that cost 5 ETH",
                "the policy is in order",
            ])
            Assert.Contains(part, words, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("pause(bytes32 module,", "unpause(bytes32 module,", "loosens, gives power, moves funds", 1)]
    [InlineData("pause(bytes32 module,", "upgradeTo(bytes32 module,", "loosens, gives power, moves funds", 1)]
    [InlineData("pause(bytes32 module,", "poke(bytes32 module,", "its name does not say", 0)]
    [InlineData("bounds:\n      durationSeconds: { at_least: 3600, at_most: 604800 }", "", "has no bounds", 0)]
    [InlineData("at_most: 604800", "at_most: 7776000", "90 days; that is longer than a month", 0)]
    [InlineData("at_least: 3600", "at_least: 999999", "no value that is allowed", 1)]
    [InlineData("first_argument: [market, vault]", "", "any scope is signed", 0)]
    [InlineData("at_least: 1\n", "at_least: 3\n", "never signed", 1)]
    [InlineData(", \"0x0000000000000000000000000000000000000012\"", "", "stands alone in its place", 0)]
    [InlineData("clients: [1001]", "", "without 'clients'", 0)]
    public void A_weakness_is_named(string piece, string change, string says, int exitCode)
    {
        var text = Policy + "\n";
        Assert.Contains(piece, text, StringComparison.Ordinal);

        var (code, words, _) = Run(text.Replace(piece, change, StringComparison.Ordinal));

        Assert.Contains(says, words, StringComparison.Ordinal);
        Assert.Equal(exitCode, code);
    }

    [Fact]
    public void Approval_by_one_wallet_is_a_weakness()
    {
        var at = Policy.IndexOf("    additional:", StringComparison.Ordinal);

        Assert.Contains("one wallet approves alone", Run(Policy[..at]).Words, StringComparison.Ordinal);
    }

    [Fact]
    public void A_key_that_others_can_read_is_an_error()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "files have other rights there");
        var key = Path.Combine(folder.FullName, "signer.key");
        File.WriteAllText(key, "0x1");
        File.SetUnixFileMode(key, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.OtherRead);

        var (code, words, _) = Run(Policy);

        Assert.Equal(1, code);
        Assert.Contains("file:signer.key can be read by other users", words, StringComparison.Ordinal);
    }

    [Fact]
    public void A_client_that_owns_the_policy_is_a_weakness()
    {
        var path = Write(Policy);
        Assert.SkipUnless(Privileges.OwnerOf(path) is > 0 or 0 && OperatingSystem.IsLinux(), "only Linux says who");
        var owner = Privileges.OwnerOf(path)!.Value;

        var (_, words, _) = Run(Policy.Replace("[1001]", $"[{owner}]", StringComparison.Ordinal));

        Assert.Contains($"user {owner}, who owns the policy", words, StringComparison.Ordinal);
    }

    [Fact]
    public void Json_is_one_document()
    {
        using var output = new StringWriter();
        using var words = new StringWriter();

        SignerCheckCommand.Run(Write(Policy), json: true, output, words);

        using var document = JsonDocument.Parse(output.ToString());
        Assert.Equal(2, document.RootElement.GetProperty("allowed")[0].GetProperty("approvals").GetInt32());
        Assert.Equal("5000000000000000000", document.RootElement.GetProperty("mostFeesPerDayWei").GetString());
    }

    [Theory]
    [InlineData("pause(bytes32)", FunctionNature.Tightens)]
    [InlineData("pauseModule(address)", FunctionNature.Tightens)]
    [InlineData("emergencyStop()", FunctionNature.Tightens)]
    [InlineData("cancel(bytes32)", FunctionNature.Tightens)]
    [InlineData("_setBorrowPaused(address,bool)", FunctionNature.Privileged)]
    [InlineData("unPause()", FunctionNature.Privileged)]
    [InlineData("liftPause(bytes32)", FunctionNature.Privileged)]
    [InlineData("grantRole(bytes32,address)", FunctionNature.Privileged)]
    [InlineData("transfer(address,uint256)", FunctionNature.Privileged)]
    [InlineData("execTransaction(address)", FunctionNature.Privileged)]
    [InlineData("upgradeToAndCall(address,bytes)", FunctionNature.Privileged)]
    [InlineData("enableModule(address)", FunctionNature.Privileged)]
    [InlineData("setReserveCap(uint256)", FunctionNature.Unknown)]
    internal void A_function_is_judged_by_its_words(string signature, FunctionNature nature) =>
        Assert.Equal(nature, FunctionNatures.Of(AbiFunction.Parse(signature)));

    [Theory]
    [InlineData("{ keystore: file:k.json, password: env:P }", "a keystore, file:k.json")]
    [InlineData(
        "{ web3signer: \"http://127.0.0.1:9000\", account: \"0x0000000000000000000000000000000000000011\" }",
        "a web3signer at 127.0.0.1:9000")]
    public void Where_the_key_is_kept_is_said(string key, string says) => Assert.Contains(
        says, Run(Policy.Replace("file:signer.key", key, StringComparison.Ordinal)).Words, StringComparison.Ordinal);

    [Fact]
    public void A_web3signer_without_tls_elsewhere_is_refused()
    {
        const string Key =
            "{ web3signer: \"http://10.0.0.7:9000\", account: \"0x0000000000000000000000000000000000000011\" }";

        Assert.Contains("without TLS", Refused(Policy.Replace("file:signer.key", Key, StringComparison.Ordinal)),
            StringComparison.Ordinal);
        Run(Policy.Replace("file:signer.key", Key.Replace("}", ", allow_plain: true }", StringComparison.Ordinal),
            StringComparison.Ordinal));
    }

    private string Refused(string text) =>
        Assert.Throws<Tocsin.Texts.InputException>(() => Run(text)).Message;

    private (int Code, string Words, string People) Run(string text)
    {
        using var output = new StringWriter();
        using var people = new StringWriter();
        var code = SignerCheckCommand.Run(Write(text), json: false, output, people);
        return (code, output.ToString(), people.ToString());
    }

    private string Write(string text)
    {
        var path = Path.Combine(folder.FullName, SignerPolicy.FileName);
        File.WriteAllText(path, text);
        if (!OperatingSystem.IsWindows())
            File.SetUnixFileMode(path, UnixFileMode.UserRead | UnixFileMode.UserWrite);
        return path;
    }
}
