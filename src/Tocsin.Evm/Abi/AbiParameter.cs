namespace Tocsin.Evm.Abi;

/// <summary>A parameter of a function, event or error, a result, or a component of a tuple.</summary>
/// <param name="Name">Empty where the source gives none.</param>
/// <param name="Indexed">For parameters of events: kept in a topic instead of the data.</param>
public sealed record AbiParameter(string Name, AbiType Type, bool Indexed = false)
{
    /// <summary>The types as a signature lists them, for example <c>(address,uint256)</c>.</summary>
    internal static string CanonicalList(IEnumerable<AbiParameter> parameters) =>
        $"({string.Join(',', parameters.Select(parameter => parameter.Type.CanonicalName))})";
}
