using System.Data.Common;

namespace Tocsin.Storage;

/// <summary>
/// What differs between the databases a store can be in: how one is opened, locked and brought up to date, how a
/// transaction begins and ends, and what its faults mean. The statements are the same for all (<see cref="Sql"/>).
/// </summary>
internal interface IDatabase : IDisposable
{
    /// <summary>How messages call it; never with a secret.</summary>
    string Name { get; }

    /// <summary>Used by one thread at a time.</summary>
    DbConnection Connection { get; }

    /// <summary>True where the connection is gone: what was under way may have been done or not.</summary>
    bool IsLost { get; }

    /// <summary>Connects anew and takes the lock again.</summary>
    /// <exception cref="StorageException">It cannot be reached, or another process has taken it.</exception>
    void Reconnect();

    /// <summary>Begins a transaction that writes.</summary>
    void Begin();

    /// <summary>Begins a transaction that sees one state, whatever others commit meanwhile, and writes nothing.
    /// </summary>
    void BeginReading();

    /// <summary>What was written is on the disk when this returns. Where it throws and the connection is lost, that
    /// is not known.</summary>
    void Commit();

    /// <summary>Never throws: what made it necessary is on its way already.</summary>
    void RollBack();

    /// <summary>What a fault means for the person who has to repair it.</summary>
    StorageException Refusal(DbException fault);
}
