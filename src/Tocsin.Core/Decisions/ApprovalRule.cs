using Tocsin.Chains;

namespace Tocsin.Decisions;

/// <summary>One approval that a decision needs: of one role, or one of the places in a group.</summary>
/// <param name="Role">The role or group as the plan calls it.</param>
/// <param name="Wallets">Who can fill this place: the holders of the role and their named substitutes.</param>
public sealed record ApproverPlace(string Role, ValueList<Address> Wallets);

/// <summary>
/// Who must approve: every required role, and at least so many of each additional group. An approval fills one place
/// only, so nobody stands on both sides of a quorum.
/// </summary>
public sealed record ApprovalRule(ValueList<ApproverPlace> Places)
{
    public bool IsApprover(Address wallet)
    {
        foreach (var place in Places)
        {
            if (place.Wallets.Contains(wallet))
                return true;
        }
        return false;
    }

    /// <summary>
    /// Seats the approvers so that as many places as possible are filled (augmenting paths; the order in which people
    /// approved does not change how many). Null where a place is still empty.
    /// </summary>
    public ValueList<Address?> Seat(IReadOnlyCollection<Address> approvers)
    {
        var seated = new Address?[Places.Count];
        foreach (var approver in approvers.Distinct())
            TryToSeat(approver, seated, new bool[Places.Count]);
        return new ValueList<Address?>(seated);
    }

    /// <summary>True if every place is filled.</summary>
    public bool IsMetBy(IReadOnlyCollection<Address> approvers) => Places.Count > 0 && !Seat(approvers).Contains(null);

    private bool TryToSeat(Address approver, Address?[] seated, bool[] tried)
    {
        for (var place = 0; place < Places.Count; place++)
        {
            if (tried[place] || !Places[place].Wallets.Contains(approver))
                continue;
            tried[place] = true;
            if (seated[place] is not { } holder || TryToSeat(holder, seated, tried))
            {
                seated[place] = approver;
                return true;
            }
        }
        return false;
    }
}
