using Tocsin.Chains;
using Tocsin.Evm.Abi;

namespace Tocsin.Tests.Evm;

public sealed class ContractAbiTests
{
    private const string Json =
        """
        [
          {"type":"constructor","inputs":[{"name":"owner","type":"address","internalType":"address"}]},
          {"type":"receive","stateMutability":"payable"},
          {"type":"function","name":"pause","inputs":[{"name":"module","type":"bytes32"}],"outputs":[],
            "stateMutability":"nonpayable"},
          {"type":"function","name":"pause","inputs":[],"outputs":[{"name":"","type":"bool"}]},
          {"name":"cut","inputs":[{"name":"cuts","type":"tuple[2][]","components":[
            {"name":"facet","type":"address"},
            {"name":"inner","type":"tuple","components":[{"name":"x","type":"uint8"}]}]}],"outputs":[]},
          {"type":"event","name":"Transfer","anonymous":false,"inputs":[
            {"name":"from","type":"address","indexed":true},{"name":"value","type":"uint256","indexed":false}]},
          {"type":"error","name":"ModulePaused","inputs":[{"name":"module","type":"bytes32"}]}
        ]
        """;

    [Fact]
    public void Functions_events_and_errors_come_by_name()
    {
        var abi = ContractAbi.Parse(Json);
        Assert.Equal("cut((address,(uint8))[2][])", abi.Function("cut").Signature);
        Assert.Equal("pause(bytes32)", abi.Function("pause(bytes32)").Signature);
        Assert.Equal("bool", abi.Function("pause()").Outputs[0].Type.CanonicalName);
        Assert.Equal([true, false], abi.Event("Transfer").Parameters.Select(parameter => parameter.Indexed));
        Assert.Equal("ModulePaused(bytes32)", abi.Error("ModulePaused").Signature);
        Assert.Equal(32, abi.EncodeConstructor(Address.Zero).Length);
    }

    [Fact]
    public void A_name_that_is_missing_or_has_two_meanings_is_an_error()
    {
        var abi = ContractAbi.Parse(Json);
        Assert.Contains("no function 'unpause'", Assert.Throws<AbiException>(() => abi.Function("unpause")).Message);
        Assert.Contains("pause(bytes32), pause()", Assert.Throws<AbiException>(() => abi.Function("pause")).Message);
        Assert.Throws<AbiException>(() => abi.EncodeConstructor());
        Assert.Empty(ContractAbi.Parse("[]").EncodeConstructor());
    }

    [Theory]
    [InlineData("", "not JSON")]
    [InlineData("{}", "array")]
    [InlineData("[1]", "object")]
    [InlineData("[{\"type\":\"thing\"}]", "'thing'")]
    [InlineData("[{\"type\":1}]", "'type'")]
    [InlineData("[{\"type\":\"function\"}]", "'name'")]
    [InlineData("[{\"name\":\"f\",\"inputs\":{}}]", "'inputs'")]
    [InlineData("[{\"name\":\"f\",\"inputs\":[1]}]", "parameter")]
    [InlineData("[{\"name\":\"f\",\"inputs\":[{\"name\":\"a\"}]}]", "'type'")]
    [InlineData("[{\"name\":\"f\",\"inputs\":[{\"type\":\"adress\"}]}]", "entry 'f': 'adress'")]
    [InlineData("[{\"name\":\"f\",\"inputs\":[{\"type\":\"tuple\"}]}]", "'tuple'")]
    [InlineData("[{\"name\":\"f\",\"inputs\":[{\"type\":\"uint8 x\"}]}]", "nothing more")]
    [InlineData("[{\"name\":\"f\",\"name\":\"g\",\"inputs\":[]}]", "JSON")]
    [InlineData("[{\"name\":\"\\ud800\",\"inputs\":[]}]", "Unicode")]
    [InlineData("[{\"name\":\"f\\u0028\",\"inputs\":[]}]", "'f('")]
    [InlineData("[{\"type\":\"event\",\"name\":\"E\",\"inputs\":[{\"type\":\"bool\",\"indexed\":1}]}]", "'indexed'")]
    public void Malformed_JSON_is_an_error_that_says_what_is_wrong(string json, string complaint) =>
        Assert.Contains(complaint, Assert.Throws<AbiException>(() => ContractAbi.Parse(json)).Message);

    [Fact]
    public void Nesting_without_end_is_an_error()
    {
        var nested = "{\"type\":\"uint8\"}";
        for (var i = 0; i < 2_000; i++)
            nested = $"{{\"type\":\"tuple\",\"components\":[{nested}]}}";
        Assert.Throws<AbiException>(() => ContractAbi.Parse($"[{{\"name\":\"f\",\"inputs\":[{nested}]}}]"));
    }
}
