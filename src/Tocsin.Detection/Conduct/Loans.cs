using Tocsin.Chains;
using Tocsin.Evm.Inputs;

namespace Tocsin.Detection.Conduct;

/// <summary>Flash loans as their lenders show them.</summary>
public static class Loans
{
    /// <summary>True where a lender of flash loans calls its borrower, as far as the function's name tells.</summary>
    public static bool IsCallback(CallFrame frame) =>
        frame.Kind == CallKind.Call && Selector.Of(frame.Input.Span) is { } function
        && Functions.Loans.Contains(function);
}
