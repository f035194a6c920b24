using Tocsin.Incidents;

namespace Tocsin.Communications;

/// <summary>Channels may be in wrong hands: nothing goes there any more, and nothing that comes from there counts.
/// </summary>
/// <param name="Name">As it was said: a channel's name, or a kind of channel.</param>
/// <param name="Channels">Which channels that were, by their names.</param>
/// <param name="By">The person's name.</param>
/// <param name="Readers">Whose way one of them was then, by their ids: what was sent to them there is void, whatever
/// becomes of the plan.</param>
public sealed record ChannelDistrusted(
    string Name, ValueList<string> Channels, string By, string Reason, ValueList<string>? Readers = null) : LogEvent;

/// <summary>They are ours again.</summary>
/// <param name="By">The person's name.</param>
public sealed record ChannelTrusted(string Name, ValueList<string> Channels, string By, string Reason) : LogEvent;

/// <summary>What an incident, in which people hear of it, has of that.</summary>
/// <param name="IsTrusted">True where they are ours again.</param>
public sealed record ChannelJudged(
    IncidentId Incident, string Name, ValueList<string> Channels, string By, string Reason, bool IsTrusted)
    : IncidentEvent(Incident);
