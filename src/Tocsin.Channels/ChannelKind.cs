using System.Reflection;

namespace Tocsin.Channels;

/// <summary>What a field of a channel's section in <c>tocsin.yaml</c> holds.</summary>
public enum FieldForm
{
    /// <summary>One line that is no secret.</summary>
    Text,

    /// <summary>By reference alone: <c>env:NAME</c> or <c>file:PATH</c>.</summary>
    Secret,

    /// <summary>An http or https address that is a password at once: by reference, unless it is on this machine.
    /// </summary>
    SecretAddress,

    /// <summary>An http or https address that anybody may know.</summary>
    Address,
}

/// <param name="What">In a few words, for who fills it in.</param>
public sealed record ChannelField(string Name, FieldForm Form, string What, bool IsOptional = false);

/// <summary>
/// A kind of channel: what its section holds, and how a channel is made of that. Each kind is one file of this project
/// with a class that is an <see cref="IChannel"/> and has a static property <c>Kind</c> of this type; nothing else
/// names it.
/// </summary>
/// <param name="Id">As <c>kind:</c> names it.</param>
public sealed record ChannelKind(
    string Id, string What, ValueList<ChannelField> Fields, Func<ChannelSection, ChannelTools, IChannel> Create)
{
    /// <summary>
    /// Whether a person whose own way it is can answer there, by the fields of the section as the file has them:
    /// secrets by reference. By their own link they can, unless a kind carries none.
    /// </summary>
    public Func<IReadOnlyDictionary<string, string>, bool> LetsAnswer { get; init; } = _ => true;

    /// <summary>All kinds, by their ids.</summary>
    public static IReadOnlyDictionary<string, ChannelKind> All { get; } = typeof(IChannel).Assembly.GetTypes()
        .Where(type => type.IsAssignableTo(typeof(IChannel)))
        .Select(type => type.GetProperty("Kind", BindingFlags.Public | BindingFlags.Static)?.GetValue(null))
        .OfType<ChannelKind>()
        .ToDictionary(kind => kind.Id);
}

/// <summary>What a channel needs of the process.</summary>
/// <param name="Http">Made by <see cref="ChannelHttp.Create"/>.</param>
/// <param name="Networks">Which private networks are meant, for what is not HTTP; with null none is.</param>
public sealed record ChannelTools(HttpClient Http, TimeProvider Time, PrivateNetworks? Networks = null);

/// <summary>A channel's section with its secrets revealed; printing it prints the name alone.</summary>
/// <param name="name">The channel's name in the configuration.</param>
public sealed class ChannelSection(string name, IReadOnlyDictionary<string, string> values)
{
    public string Name => name;

    /// <summary>A field that is not optional.</summary>
    public string this[string field] => values[field];

    /// <summary>Null where it is left out.</summary>
    public string? Find(string field) => values.GetValueOrDefault(field);

    /// <exception cref="FormatException">It is no absolute address.</exception>
    public Uri Address(string field) => Uri.TryCreate(values[field], UriKind.Absolute, out var uri)
        ? uri
        : throw new FormatException($"'{field}' is no address");

    public override string ToString() => name;
}
