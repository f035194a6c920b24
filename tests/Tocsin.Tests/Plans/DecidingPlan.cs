using Tocsin.Plans;

namespace Tocsin.Tests.Plans;

/// <summary>
/// A plan with decisions that people carry out. Ada alone decides to close the shop; where she cannot be reached, Ben
/// (or Cem in his place) and Dee decide to call the exchange.
/// </summary>
internal static class DecidingPlan
{
    public const string Shop = "close-the-shop";
    public const string Exchange = "call-the-exchange";

    private const string Decisions = $$"""
          - id: {{Shop}}
            name: Close the front end
            action: {{Shop}}
            required: [{ role: commander }]
            valid_for: 1h
            ratify: { within: 1h, roles: [deputy] }
            unreachable: { after: 20min, then: {{Exchange}} }
          - id: {{Exchange}}
            name: Have deposits stopped
            action: {{Exchange}}
            required: [{ role: engineer, substitutes: [deputy] }]
            additional: [{ group: auditor, at_least: 1 }]
            valid_for: 1h
            reviewer: deputy
            attested: { by: 2 }
            ratify: { within: 4h, roles: [engineer] }
        actions:
          - { id: {{Shop}}, what: Close the front end, manual: { text: Turn it off., who: engineer } }
          - { id: {{Exchange}}, what: Have deposits stopped, manual: { text: Call its desk., who: engineer } }

        """;

    public static Plan Plan { get; } = Read();

    /// <summary>A plan's text with these decisions.</summary>
    public static string Of(string main)
    {
        var text = main
            .Replace("    reopen: open-again\n", $$"""
                    reopen: open-again
                    reviewer: deputy
                    unreachable: { after: 10min, then: {{Exchange}} }

                """, StringComparison.Ordinal)
            .Replace("actions:\n", Decisions, StringComparison.Ordinal);
        Assert.Contains($"then: {Exchange} }}\n", text, StringComparison.Ordinal);
        return text;
    }

    private static Plan Read()
    {
        var read = MinimalPlan.Read(Of(MinimalPlan.Main));
        Assert.Empty(read.Complaints);
        return read.Plan;
    }
}
