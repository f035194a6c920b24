using Tocsin.Chains;
using Tocsin.Deployments;
using Tocsin.Texts;

namespace Tocsin.Tests.Deployments;

public sealed class DeploymentFileReaderTests : IDisposable
{
    private const string Address = "0x00000000000000000000000000000000000000a1";

    private const string Good = $$"""
        {
          "chainId": 31337, "deployedAt": 7,
          "controls": "{{Address}}", "limits": "{{Address}}", "queue": "{{Address}}", "migrations": "{{Address}}",
          "holders": [
            {
              "name": "vault", "module": "vault", "address": "{{Address}}", "artifact": "Vault.json",
              "assets": ["{{Address}}", { "address": "{{Address}}", "minted": true }],
              "gated": [
                {
                  "signature": "redeem(uint256 amount)", "direction": "Redeem", "calldata": "CALL",
                  "state": { "{{Address}}": { "SLOT": "SLOT" } }
                }
              ],
              "exempt": ["poke()"]
            }
          ]
        }
        """;

    private readonly string folder = Directory.CreateTempSubdirectory("tocsin").FullName;

    private static string Slot => "0x" + new string('0', 63) + "1";

    public void Dispose() => Directory.Delete(folder, recursive: true);

    [Fact]
    public void A_deployment_is_read_with_its_holders_calls_and_their_functions()
    {
        File.WriteAllText(Path.Combine(folder, "Vault.json"), """
            {
              "abi": [
                { "type": "function", "name": "poke", "inputs": [], "outputs": [], "stateMutability": "nonpayable" },
                { "type": "function", "name": "sweep", "inputs": [{ "name": "to", "type": "address" }], "outputs": [],
                  "stateMutability": "payable" },
                { "type": "function", "name": "cap", "inputs": [], "outputs": [], "stateMutability": "view" },
                { "type": "error", "name": "No", "inputs": [] }
              ]
            }
            """);

        var file = Read(Good);

        Assert.Equal((new ChainId(31337), 7UL), (file.Chain, file.DeployedAt));
        Assert.Null(file.Peg);
        var holder = Assert.Single(file.Holders);
        Assert.Equal([false, true], holder.Assets.Select(asset => asset.IsMinted));
        var call = Assert.Single(holder.Gated);
        Assert.Equal(("redeem(uint256)", Direction.Redeem), (call.Signature, call.Direction));
        Assert.Equal("vault", ModuleName.Format(call.Module));
        Assert.Equal(Hash32.Parse(Slot), Assert.Single(call.Overrides).Value);
        Assert.Equal(["poke()", "sweep(address)"], holder.Abi!);
    }

    [Theory]
    [InlineData("\"chainId\": 31337,", "", "lacks 'chainId'")]
    [InlineData("\"chainId\": 31337,", "\"chainId\": \"one\",", "not usable")]
    [InlineData("\"deployedAt\"", "\"deployed\"", "has no 'deployed'")]
    [InlineData("\"gated\"", "\"guarded\"", "has no 'guarded'")]
    [InlineData("\"Redeem\"", "\"redeem\"", "is no direction")]
    [InlineData("\"Redeem\"", "\"3\"", "is no direction")]
    [InlineData("\"module\": \"vault\"", "\"module\": \"a name of more than thirty-one characters\"", "a module is")]
    [InlineData("0x00000000000000000000000000000000000000a1", "0xa1", "is no address")]
    [InlineData("redeem(uint256 amount)", "redeem(uint256 amount", "not usable")]
    [InlineData("redeem(uint256 amount)", "claim(uint256 amount)", "is not a call of claim(uint256)")]
    [InlineData("Vault.json", "Missing.json", "no such file")]
    [InlineData("{", "[", "not usable")]
    public void What_is_not_usable_is_refused_with_its_reason(string before, string after, string words)
    {
        File.WriteAllText(Path.Combine(folder, "Vault.json"), "[]");

        var refused = Assert.Throws<InputException>(() => Read(Good.Replace(before, after, StringComparison.Ordinal)));

        Assert.Contains(words, refused.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("vault", "vault")]
    [InlineData("0x7661756c74000000000000000000000000000000000000000000000000000000", "vault")]
    [InlineData("0x00000000000000000000000000000000000000000000000000000000000000ff",
        "0x00000000000000000000000000000000000000000000000000000000000000ff")]
    public void A_module_is_a_word_or_32_bytes(string text, string shown)
    {
        Assert.True(ModuleName.TryParse(text, out var module));
        Assert.Equal(shown, ModuleName.Format(module));
    }

    private DeploymentFile Read(string json)
    {
        // redeem(uint256) of nothing.
        json = json.Replace("CALL", "0xdb006a75" + new string('0', 64), StringComparison.Ordinal)
            .Replace("SLOT", Slot, StringComparison.Ordinal);
        var path = Path.Combine(folder, "deployment.json");
        File.WriteAllText(path, json);
        return DeploymentFileReader.Read(path);
    }
}
