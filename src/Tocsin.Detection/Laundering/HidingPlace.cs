using Tocsin.Chains;

namespace Tocsin.Detection.Laundering;

/// <summary>How a place breaks the trail of money.</summary>
public enum HidingKind
{
    /// <summary>What goes in cannot be told from what others put in.</summary>
    Mixer,

    /// <summary>It comes out on another chain.</summary>
    Bridge,

    /// <summary>A service that changes one coin for another without asking who it is.</summary>
    Swap,

    /// <summary>An exchange that knows its customers: it can be asked to freeze.</summary>
    Exchange,
}

/// <summary>An account into or out of which money goes where nobody can follow it.</summary>
/// <param name="Name">For people.</param>
public sealed record HidingPlace(string Name, Address Address, HidingKind Kind)
{
    internal static IEnumerable<string> Problems(string detector, ValueList<HidingPlace> places, Watch watch)
    {
        foreach (var place in places)
        {
            if (string.IsNullOrWhiteSpace(place.Name))
                yield return $"{detector}: the place {place.Address} has no name";
            if (place.Address.IsZero)
                yield return $"{detector}: '{place.Name}' has the zero address";
            if (watch.Contracts.Any(contract => contract.Address == place.Address))
                yield return $"{detector}: '{place.Name}' is a protected contract";
        }
        foreach (var twice in places.GroupBy(place => place.Address).Where(group => group.Count() > 1))
            yield return $"{detector}: {twice.Key} is listed twice";
    }

    internal string Words => Kind switch
    {
        HidingKind.Mixer => $"the mixer {Name}",
        HidingKind.Bridge => $"the bridge {Name}",
        HidingKind.Swap => $"the instant swap {Name}",
        HidingKind.Exchange => $"the exchange {Name}",
    };
}
