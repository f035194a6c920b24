using System.Diagnostics.CodeAnalysis;
using Tocsin.Chains;

namespace Tocsin.Detection.Detectors;

/// <summary>The last value of one thing: a <see cref="Notebook{TKey,TValue}"/> of a single note, which a rollback takes
/// back likewise.</summary>
internal sealed class Cell<T>
    where T : notnull
{
    private const string Only = "only";
    private readonly Notebook<string, T> note = new(1);

    public bool TryGet([MaybeNullWhen(false)] out T value) => note.TryGet(Only, out value);

    public void Set(T value, BlockScene scene) => note.Set(Only, value, scene);

    public void Rollback(BlockRef ancestor) => note.Rollback(ancestor);

    public NotebookState<string, T> Snapshot() => note.Snapshot();

    public void Restore(NotebookState<string, T> state) => note.Restore(state);
}
