using System.Text;

namespace Tocsin.People;

/// <summary>What the <c>person</c> commands print for people.</summary>
internal static class PersonWords
{
    public static string Of(RevocationReport report)
    {
        var text = new StringBuilder();
        if (report.Error is { } error)
            Line(text, $"NOT REVOKED: {error}");
        else
            Line(text, $"{report.Name} ({report.Person}) is revoked, from now on and after a restart.");
        foreach (var decision in report.Decisions)
            Describe(text, decision);
        if (report.Error is not null)
            return text.ToString();
        Line(text, report.Told.Count == 0
            ? "NOBODY WAS TOLD: the plan has no issue that detects 'monitoring-impaired', or nobody to tell. Call them."
            : "Told, as soon as the server runs:");
        foreach (var told in report.Told)
            Line(text, $"  {told.Person ?? "all"} on {told.Channel} ({told.Incident})");
        foreach (var way in report.SharedWays)
            Line(text, $"  {way}: {report.Name} HEARS THIS TOO. Take them out of it, or give it a new address.");
        Line(text, "Not done by this, do it now:");
        foreach (var todo in report.Elsewhere)
            Line(text, $"  {todo}");
        Line(text, $"What {report.Name} did here, to look at again:");
        text.Append(Of(report.Deeds));
        return text.ToString();
    }

    public static string Of(IReadOnlyList<PersonRow> rows)
    {
        var text = new StringBuilder();
        foreach (var row in rows)
        {
            var state = row switch
            {
                { Revoked: true } => $"REVOKED {row.RevokedAt:yyyy-MM-dd HH:mm:ss} UTC by {row.By}: {row.Reason}",
                { RestoredAt: { } at } => $"acts again since {at:yyyy-MM-dd HH:mm:ss} UTC",
                _ => "acts",
            };
            Line(text, $"{row.Person}: {row.Name} ({string.Join(", ", row.Roles)}), {state}");
            foreach (var wallet in row.Wallets)
                Line(text, $"  {wallet}");
        }
        return text.ToString();
    }

    public static string Of(IReadOnlyList<Deed> deeds)
    {
        var text = new StringBuilder();
        foreach (var deed in deeds)
        {
            Line(text, $"  {deed.At:yyyy-MM-dd HH:mm:ss} UTC {deed.Incident}: {deed.What}");
            if (deed.Decision is { } decision)
                Line(text, $"    decision {decision}");
            foreach (var call in deed.Calls)
                Line(text, $"    {call}");
            foreach (var transaction in deed.Transactions)
                Line(text, $"    {transaction}");
        }
        if (deeds.Count == 0)
            Line(text, "  nothing");
        return text.ToString();
    }

    private static void Describe(StringBuilder text, DecisionAfter decision)
    {
        var name = decision.Incident is { } incident ? $"{decision.Decision} of {incident}" : decision.Decision;
        Line(text, decision switch
        {
            { CanBeTaken: false, BecameUnfillable: true } => $"Decision {name}: NOBODY CAN TAKE IT ANY MORE.",
            { CanBeTaken: false } => $"Decision {name}: nobody could take it before either.",
            { Indispensable.Count: > 0 } =>
                $"Decision {name}: it hangs on {string.Join(" and on ", decision.Indispensable)} now.",
            _ => $"Decision {name}: it can be taken.",
        });
        foreach (var place in decision.Places)
            Line(text, $"  {place}");
    }

    private static void Line(StringBuilder text, string line) => text.Append(line).Append('\n');
}
