using Tocsin.Chain;

namespace Tocsin.Foresight;

/// <summary>Who is asked what a call would do: whoever answers first, or one node.</summary>
/// <param name="One">The node's name; null for whoever answers first.</param>
internal readonly record struct Asked(Nodes Nodes, string? One = null)
{
    public Task<T> AskAsync<T>(Func<Node, CancellationToken, Task<T>> ask, CancellationToken cancellationToken) =>
        One is { } name ? ask(Nodes.Named(name), cancellationToken) : Nodes.AskAsync(ask, cancellationToken);
}
