using Tocsin.Chains;
using Tocsin.Decisions;
using Tocsin.Incidents;

namespace Tocsin.Autonomy;

/// <summary>
/// A person approved one use of an action ahead of any incident: the same approval as on the night, of a decision that
/// stays open for longer.
/// </summary>
/// <param name="Action">As the plan names it.</param>
public sealed record ActionAuthorised(string Action, EmergencyDecision Decision, Approval Approval, string Person)
    : LogEvent;

/// <summary>What was approved ahead counts no more: people took it back, or the signer has closed the use.</summary>
public sealed record AuthorisationWithdrawn(string Action, Hash32 Decision, string By, string Reason) : LogEvent;

/// <summary>An approval that was given ahead.</summary>
public sealed record GivenAhead(Approval Approval, string Person);

/// <summary>One use of an action, approved ahead by some or all who must.</summary>
public sealed record Authorisation(string Action, EmergencyDecision Decision, ValueList<GivenAhead> Given)
{
    public ValueList<Address> Approvers => Given.Select(given => given.Approval.Signer).ToValueList();

    /// <summary>When and by whom, in words.</summary>
    public string InWords => string.Join(
        " and ", Given.Select(given => $"on {given.Approval.ReceivedAt:yyyy-MM-dd HH:mm} UTC by {given.Person}"));
}

/// <summary>An action that was taken by itself.</summary>
public sealed record AutomaticAct(IncidentId Incident, string Action, DateTimeOffset At);

/// <summary>What people have approved ahead, and what was done by it within the last day.</summary>
public sealed record Mandate(ValueList<Authorisation> Authorisations, ValueList<AutomaticAct> Acts)
{
    /// <summary>Over so long the acts of an action are counted.</summary>
    public static readonly TimeSpan Day = TimeSpan.FromDays(1);

    public static Mandate None { get; } = new([], []);

    /// <summary>All that was ever approved ahead, spent and withdrawn too: what people are asked about later.</summary>
    public ValueList<ActionAuthorised> EverGiven { get; init; } = [];

    public Mandate Apply(ActionAuthorised authorised)
    {
        var given = new GivenAhead(authorised.Approval, authorised.Person);
        var known = Authorisations.ToList();
        var at = known.FindIndex(one => one.Action == authorised.Action && one.Decision == authorised.Decision);
        if (at < 0)
            known.Add(new Authorisation(authorised.Action, authorised.Decision, [given]));
        else
            known[at] = known[at] with { Given = known[at].Given.Add(given) };
        return this with { Authorisations = known.ToValueList(), EverGiven = EverGiven.Add(authorised) };
    }

    /// <summary>A use is one execution: nothing else is taken by what was given for it.</summary>
    public Mandate Without(Hash32 decision) => Authorisations.Any(one => one.Decision.Id == decision)
        ? this with { Authorisations = Authorisations.Where(one => one.Decision.Id != decision).ToValueList() }
        : this;

    /// <summary>What these wallets approved ahead counts no more.</summary>
    public Mandate Without(ValueList<Address> wallets) => this with
    {
        Authorisations = Authorisations
            .Select(one => one with
            {
                Given = one.Given.Where(given => !wallets.Contains(given.Approval.Signer)).ToValueList(),
            })
            .Where(one => one.Given.Count > 0)
            .ToValueList(),
    };

    /// <summary>The action was taken by itself: its authorisation is spent, and the act counted.</summary>
    public Mandate With(AutomaticAct act, Hash32 decision) => Without(decision) with
    {
        Acts = Acts.Where(one => act.At - one.At < Day).Append(act).ToValueList(),
    };

    /// <summary>How often an action was taken by itself within the last day.</summary>
    // An act that lies in the future was recorded before the clock was set back; it counts.
    public int ActsOf(string action, DateTimeOffset now) =>
        Acts.Count(act => act.Action == action && now - act.At < Day);
}
