namespace Tocsin.Evm.Inputs;

/// <summary>
/// One thing that detection takes in. Detection is a fold of inputs: the same inputs in the same order give the same
/// findings. Either a <see cref="Blocks.ChainStep"/>, or an <see cref="Arrival"/> from anywhere else.
/// </summary>
public abstract record Input
{
    private protected Input()
    {
    }
}
