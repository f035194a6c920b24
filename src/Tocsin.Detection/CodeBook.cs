using Tocsin.Chains;
using Tocsin.Detection.Conduct;
using Tocsin.Detection.Detectors;
using Tocsin.Evm.Blocks;
using Tocsin.Evm.Inputs;

namespace Tocsin.Detection;

/// <param name="Codes">Of the contracts that were seen made.</param>
/// <param name="Makers">By code hash: whose transactions made it, the first few.</param>
public sealed record CodeBookState(
    NotebookState<Address, Hash32> Codes, NotebookState<Hash32, ValueList<Address>> Makers);

/// <summary>Which code the contracts run that were made lately, as <see cref="CodeHash"/>, and by how many.</summary>
internal sealed class CodeBook
{
    /// <summary>What more accounts than this made is everybody's: a proxy, a wallet, a token of a launch
    /// pad.</summary>
    public const int MakersMax = 3;

    private const int ContractsMax = 2_048;
    private const int CodesMax = 1_024;

    private readonly Notebook<Address, Hash32> codes = new(ContractsMax);
    private readonly Notebook<Hash32, ValueList<Address>> makers = new(CodesMax);

    public void Take(in Transaction transaction, BlockRef block)
    {
        if (transaction is { Succeeded: true, ContractCreated: { } made })
            Made(transaction.From, made, transaction.Input.Span, block);
    }

    /// <summary>Takes what contracts made; what a transaction made itself came with its block.</summary>
    public void Take(TransactionTrace trace, BlockRef block)
    {
        if (trace.Frames.Count == 0)
            return;
        foreach (var call in TracedCall.Read(trace.Frames))
            if (!call.IsUndone && call.Frame is { Depth: > 0, To: { } made }
                && call.Frame.Kind is CallKind.Create or CallKind.Create2)
                Made(trace.Frames[0].From, made, call.Frame.Input.Span, block);
    }

    /// <summary>Null where it was not seen made.</summary>
    public Hash32? Of(Address contract) => codes.TryGet(contract, out var code) ? code : null;

    /// <summary>True where a few made it at most, as far as was seen.</summary>
    public bool IsOwn(Hash32 code) => makers.TryGet(code, out var known) && known.Count <= MakersMax;

    public void Rollback(BlockRef ancestor)
    {
        codes.Rollback(ancestor);
        makers.Rollback(ancestor);
    }

    public CodeBookState Snapshot() => new(codes.Snapshot(), makers.Snapshot());

    public void Restore(CodeBookState state)
    {
        codes.Restore(state.Codes);
        makers.Restore(state.Makers);
    }

    private void Made(Address maker, Address contract, ReadOnlySpan<byte> creationCode, BlockRef block)
    {
        if (CodeHash.Of(creationCode) is not { } code)
            return;
        codes.Set(contract, code, block);
        if (!makers.TryGet(code, out var known))
            makers.Set(code, [maker], block);
        else if (known.Count <= MakersMax && !known.Contains(maker))
            makers.Set(code, known.Add(maker), block);
    }
}
