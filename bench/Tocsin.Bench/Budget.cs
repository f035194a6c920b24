namespace Tocsin.Bench;

/// <summary>Holds a figure against its budget and says how it went.</summary>
internal static class Budget
{
    public static bool AtLeast(string what, double measured, double budget) =>
        Say(what, measured, $"at least {budget:0.00}", measured >= budget);

    public static bool AtMost(string what, double measured, double budget) =>
        Say(what, measured, $"at most {budget:0.00}", measured <= budget);

    private static bool Say(string what, double measured, string budget, bool isKept)
    {
        Console.WriteLine($"  {(isKept ? "kept  " : "MISSED")} {what}: {measured:0.000}, budget {budget}");
        return isKept;
    }
}
