using Tocsin.Chains;
using Tocsin.Evm.Inputs;
using Tocsin.Incidents;
using Tocsin.Recording;

namespace Tocsin.Plans;

/// <summary>What somebody asks for over the API.</summary>
/// <param name="Target">An address, or the name of a contract or control of the plan.</param>
internal sealed record SubmittedOperation(
    string By,
    string Reason,
    string Name,
    DateTimeOffset? From,
    DateTimeOffset? To,
    string Account,
    string Target,
    ValueList<Hash32> Calldata);

/// <summary>
/// Where operations are announced while the server runs. The watch looks here what it is to expect, and detection hears
/// of it as of everything: by an input, which the input log keeps, so that a replay judges the same.
/// </summary>
internal sealed class OperationDesk(Logbook logbook)
{
    // A block may be read late.
    private static readonly TimeSpan ExpectedAfter = TimeSpan.FromDays(1);

    public IReadOnlyList<AnnouncedOperation> List() => logbook.Book.Operations.All;

    /// <summary>Null where it is announced now, else why not.</summary>
    public string? Announce(SubmittedOperation asked) => Record((book, plan, now) =>
        Address.TryParse(asked.Account, out var account) && AddressOf(plan, asked.Target) is { } target
            ? Announcing.Announce(
                book, plan,
                new OperationAnnounced(
                    asked.Name, asked.From!.Value, asked.To!.Value, account, target, asked.Calldata, asked.By,
                    asked.Reason),
                now)
            : Ruling.Refuse(
                "the account is an address, and the target an address or a contract or control of the plan"));

    /// <summary>Null where it is withdrawn now, else why not.</summary>
    public string? Withdraw(string name, string by, string reason) => Record((book, plan, now) =>
        Announcing.Withdraw(book.Operations, plan, name, by, reason, now));

    /// <summary>What the watch is to expect.</summary>
    public static ValueList<ExpectedOperation> Expected(IncidentBook book, DateTimeOffset now) => book.Operations
        .Live(now - ExpectedAfter)
        .Select(one => one.Operation)
        .Select(one => new ExpectedOperation(
            $"{one.Name} ({one.By}: {one.Reason})", one.From, one.To, one.Account, one.Target, one.Calldata))
        .ToValueList();

    private string? Record(Func<IncidentBook, Plan, DateTimeOffset, Ruling> rule)
    {
        var ruling = Ruling.Refuse("no plan is in force");
        logbook.Record((book, now) =>
        {
            if (logbook.InForce is { } plan)
                ruling = rule(book, plan, now);
            return ruling.Events;
        });
        return ruling.Refusal;
    }

    private static Address? AddressOf(Plan plan, string name)
    {
        if (Address.TryParse(name, out var address))
            return address;
        return plan.Protected.Contracts.Where(one => one.Name == name).Select(one => (Address?)one.Address)
            .Concat(plan.Protected.Controls.Where(one => one.Name == name).Select(one => (Address?)one.Address))
            .FirstOrDefault();
    }
}
