namespace Tocsin.Storage;

/// <summary>The store cannot be opened or written. The message is one sentence that says what to change.</summary>
public sealed class StorageException : Exception
{
    public StorageException(string message)
        : base(message)
    {
    }

    public StorageException(string message, Exception cause)
        : base(message, cause)
    {
    }
}
