using Tocsin.Plans;
using Tocsin.Texts;

namespace Tocsin.Configuration;

/// <summary>What a token may do over the API. Each may do what those before it may.</summary>
internal enum TokenRole
{
    /// <summary>Looks.</summary>
    Viewer,

    /// <summary>Opens, answers, works on an incident.</summary>
    Responder,

    /// <summary>Leads: rates, hands over, merges, closes.</summary>
    Commander,

    /// <summary>Revokes people, and acts in the name of others.</summary>
    Admin,
}

/// <summary>A token that is known to the API.</summary>
/// <param name="Person">Whose it is, by their id in the plan; null for a tool, which acts in nobody's name.</param>
internal sealed record TokenSettings(string Name, string? Person, TokenRole Role, Secret Token, SourceLine At)
{
    private static readonly Dictionary<string, TokenRole> Roles =
        Enum.GetValues<TokenRole>().ToDictionary(role => role.ToString().ToLowerInvariant());

    public static TokenSettings Read(string name, YamlPart part)
    {
        if (!Names.IsName(name))
            part.Complain(Names.Expected("a token", name));
        part.Knows("person", "role", "token");
        return new TokenSettings(
            name,
            part.Optional("person")?.Line(),
            part.Required("role").OneOf(Roles),
            Secret.Read(part.Required("token")),
            part.At);
    }
}
