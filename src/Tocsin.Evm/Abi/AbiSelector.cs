using Tocsin.Chains;

namespace Tocsin.Evm.Abi;

/// <summary>Selectors of functions and errors: the first four bytes of keccak256 of the canonical signature.</summary>
public static class AbiSelector
{
    /// <param name="canonicalSignature">Name and types alone, for example <c>transfer(address,uint256)</c>.</param>
    public static Selector Of(string canonicalSignature) =>
        Selector.Of(Keccak256.Hash(canonicalSignature).ToArray())!.Value;
}
