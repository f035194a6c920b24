namespace Tocsin.Evm.Abi;

/// <summary>A value does not fit its Solidity type, or data is not an encoding of the types it is read as.</summary>
public sealed class AbiException : FormatException
{
    public AbiException()
    {
    }

    public AbiException(string message)
        : base(message)
    {
    }

    public AbiException(string message, Exception innerException)
        : base(message, innerException)
    {
    }
}
