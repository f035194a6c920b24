using Tocsin.Detection.Conduct;

namespace Tocsin.Detection.Preparation;

/// <param name="Names">The protected contract that the code names; null where it names none.</param>
/// <param name="TakesLoans">It has a function that lenders of flash loans call.</param>
internal readonly record struct CodeSigns(string? Names, bool TakesLoans);

/// <summary>
/// What the code of a new contract gives away: constants and constructor arguments hold an address as its 20 bytes,
/// and the dispatcher compares selectors by PUSH4 (0x63).
/// </summary>
internal sealed class CodeReading(Watch watch)
{
    // EIP-3860 limits it to 49,152 bytes on mainnet; other chains allow more, but no compiler makes it.
    private const int CodeMax = 262_144;

    private const byte Push4 = 0x63;

    private readonly (byte[] Bytes, string Name)[] ours =
        [.. watch.Contracts.Select(contract => (contract.Address.ToArray(), contract.Name))];

    private readonly byte[][] loans = [.. Functions.Loans.Select(loan => (byte[])[Push4, .. loan.ToArray()])];

    public CodeSigns Read(ReadOnlySpan<byte> code)
    {
        var looked = code.Length > CodeMax ? code[..CodeMax] : code;
        string? names = null;
        foreach (var (bytes, name) in ours)
            if (names is null && looked.IndexOf(bytes) >= 0)
                names = name;
        foreach (var loan in loans)
            if (looked.IndexOf(loan) >= 0)
                return new CodeSigns(names, true);
        return new CodeSigns(names, false);
    }
}
