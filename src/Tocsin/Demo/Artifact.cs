using System.Text.Json;
using Tocsin.Chains;
using Tocsin.Evm.Abi;
using Tocsin.Texts;

namespace Tocsin.Demo;

/// <summary>A compiled contract: what it understands, and the code that creates it.</summary>
internal sealed record Artifact(ContractAbi Abi, byte[] Bytecode)
{
    public static Artifact OfTocsin(Toolchain toolchain, string contract) =>
        Load(Path.Combine(toolchain.Root, "contracts", "artifacts", $"{contract}.json"));

    /// <summary>The compiled contract that its own team publishes.</summary>
    public static Artifact OfPackage(Toolchain toolchain, string path) =>
        Load(Path.Combine(toolchain.Root, "node_modules", path));

    /// <summary>The code with its constructor's arguments behind it, ready to be sent.</summary>
    public byte[] Create(params ReadOnlySpan<object> arguments) => [.. Bytecode, .. Abi.EncodeConstructor(arguments)];

    public static Artifact Load(string path)
    {
        try
        {
            using var json = JsonDocument.Parse(File.ReadAllText(path));
            var code = json.RootElement.GetProperty("bytecode").GetString()
                ?? throw new FormatException("its bytecode is null");
            return new Artifact(
                ContractAbi.Parse(json.RootElement.GetProperty("abi").GetRawText()),
                Hex.Parse(code.StartsWith("0x", StringComparison.Ordinal) ? code : "0x" + code));
        }
        catch (Exception e) when (
            e is IOException or UnauthorizedAccessException or JsonException or KeyNotFoundException or FormatException
                or InvalidOperationException)
        {
            throw new InputException(
                $"the compiled contract {path} is not usable ({e.Message}): "
                    + "'npm run build' compiles ours, 'npm install' fetches the others",
                e);
        }
    }
}
