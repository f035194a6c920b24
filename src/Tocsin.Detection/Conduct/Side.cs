using Tocsin.Chains;
using Tocsin.Evm.Inputs;

namespace Tocsin.Detection.Conduct;

/// <summary>
/// Who acts in a transaction: its sender, the contract it calls, and what it creates. Everybody else is an outsider,
/// even a contract that the same hands deployed before: that nobody can see from one transaction.
/// </summary>
internal sealed class Side
{
    private readonly HashSet<Address> members = [];
    private readonly HashSet<Address> created = [];

    public Side(TracedCall[] calls)
    {
        Sender = calls[0].Frame.From;
        members.Add(Sender);
        if (calls[0].Frame.To is { } called)
            members.Add(called);
        foreach (var call in calls)
        {
            if (call.IsUndone || call.Frame.Kind is not (CallKind.Create or CallKind.Create2))
                continue;
            if (call.Frame.To is not { } made)
                continue;
            members.Add(made);
            created.Add(made);
        }
    }

    private Side(Side other, IReadOnlySet<Address> outsiders)
    {
        (Sender, created) = (other.Sender, other.created);
        members.UnionWith(other.members);
        members.ExceptWith(outsiders);
    }

    public Address Sender { get; }

    public bool Holds(Address address) => members.Contains(address);

    public bool Created(Address address) => created.Contains(address);

    /// <summary>The sender first, then the others in order of their addresses.</summary>
    public ValueList<Address> ToList() => [Sender, .. members.Where(one => one != Sender).Order()];

    /// <summary>The same, but these belong to others, even if the sender called them itself.</summary>
    public Side Without(IReadOnlySet<Address> outsiders) => new(this, outsiders);

    /// <summary>A call by the caller's side to somebody else.</summary>
    public bool IsOutward(TracedCall call) =>
        call.IsAct && Holds(call.Frame.From) && call.Frame.To is { } to && !Holds(to);

    /// <summary>An outward call that does something other than move or allow tokens.</summary>
    public bool IsAction(TracedCall call) =>
        IsOutward(call) && call.Function is { } function
        && !Functions.Reads.Contains(function) && !Functions.Token.Contains(function);

    /// <summary>A call by somebody else to a contract of the caller's side.</summary>
    public bool IsCallBack(TracedCall call) =>
        call.IsLive && call.Frame.Depth > 0 && call.Frame.Kind is (CallKind.Call or CallKind.StaticCall)
        && call.Frame.To is { } to && to != Sender && Holds(to) && !Holds(call.Frame.From);
}
