using System.Buffers;
using System.Text.Json;

namespace Tocsin.Chain;

/// <summary>A call that may travel with others.</summary>
/// <param name="Parameters">Writes the items of the params array; the array itself is already open.</param>
public readonly record struct BatchCall(string Method, Action<Utf8JsonWriter> Parameters);

/// <summary>What became of one call of a batch.</summary>
/// <param name="Refusal">Set where the node refused this call (a revert, for example) and answered the others.</param>
public readonly record struct BatchAnswer<T>(T? Value, NodeException? Refusal)
{
    /// <exception cref="NodeException">The refusal.</exception>
    public T Result => Refusal is null ? Value! : throw Refusal;
}

/// <content>Many small calls in one HTTP request.</content>
public sealed partial class Node
{
    private const int AloneAtOnce = 8;

    // geth's words where the answers together outgrow its limit: those that did not fit get this error.
    private const string OutgrownWords = "response too large";

    /// <summary>
    /// Asks all of them in as few requests as the node takes: a batch that it refuses as a whole, does not answer in
    /// time or answers at too great length is asked again in halves, and what it takes is remembered. A node that
    /// takes no batches is asked for one call after another.
    /// </summary>
    /// <param name="parse">Reads one result, which may be a JSON null; the element is gone once it returns.</param>
    /// <returns>One answer a call, in the order of the calls.</returns>
    /// <exception cref="NodeException">
    /// Any fault but the refusal of single calls. Missing, doubled and foreign ids are <see cref="NodeFault.Garbage"/>.
    /// </exception>
    public async Task<IReadOnlyList<BatchAnswer<T>>> BatchAsync<T>(
        IReadOnlyList<BatchCall> calls, Func<JsonElement, T> parse, CancellationToken cancellationToken)
    {
        var answers = new List<BatchAnswer<T>>(calls.Count);
        var patient = true;
        while (answers.Count < calls.Count)
        {
            var left = calls.Count - answers.Count;
            var size = Math.Min(left, batchSize.At(time.GetUtcNow()));
            if (size == 1)
            {
                var alone = calls.Skip(answers.Count).Take(Math.Min(left, AloneAtOnce));
                answers.AddRange(await Task.WhenAll(alone.Select(call => AloneAsync(call, parse, cancellationToken))));
                continue;
            }
            try
            {
                var part = calls.Skip(answers.Count).Take(size).ToArray();
                answers.AddRange(await TogetherAsync(part, parse, cancellationToken));
                batchSize.Grow(size, time.GetUtcNow());
            }
            catch (NodeException fault) when (
                fault.Fault is NodeFault.Refused or NodeFault.TooLarge
                || (fault.Fault == NodeFault.TimedOut && patient))
            {
                // A node that is silent about half a batch too is silent for another reason.
                patient = fault.Fault != NodeFault.TimedOut;
                batchSize.Shrink(size, time.GetUtcNow());
            }
        }
        return answers;
    }

    private async Task<BatchAnswer<T>> AloneAsync<T>(
        BatchCall call, Func<JsonElement, T> parse, CancellationToken cancellationToken)
    {
        try
        {
            return new BatchAnswer<T>(
                await RequestAsync(call.Method, call.Parameters, parse, cancellationToken), Refusal: null);
        }
        catch (NodeException fault) when (fault is { Fault: NodeFault.Refused, Error: not null })
        {
            return new BatchAnswer<T>(default, fault);
        }
    }

    private async Task<BatchAnswer<T>[]> TogetherAsync<T>(
        BatchCall[] calls, Func<JsonElement, T> parse, CancellationToken cancellationToken)
    {
        var name = $"{calls.Length} calls such as {calls[0].Method}";
        var firstId = Interlocked.Add(ref lastId, calls.Length) - calls.Length + 1;
        if (rate is not null)
            await rate.WaitAsync(calls.Length, cancellationToken);
        var answers = new BatchAnswer<T>[calls.Length];
        using var batch = await ExchangeAsync(
            name,
            Envelopes(firstId, calls),
            DocumentSize,
            (body, response) =>
            {
                var parsed = RpcBatch.Parse(body, firstId, calls.Length, options.MaximumDepth);
                try
                {
                    ThrowIfRefused(name, parsed, response);
                    Refusals(calls, parsed, response, answers);
                    return parsed;
                }
                catch
                {
                    parsed.Dispose();
                    throw;
                }
            },
            cancellationToken);
        for (var index = 0; index < calls.Length; index++)
        {
            if (answers[index].Refusal is not null)
                continue;
            var result = batch.Answers[index].Result;
            answers[index] = new BatchAnswer<T>(Parse(calls[index].Method, () => parse(result)), Refusal: null);
        }
        return answers;
    }

    private void ThrowIfRefused(string name, RpcBatch batch, HttpResponseMessage response)
    {
        if (batch.Refused is { } refused)
            throw Refusal(name, refused, response);
        if (batch.Answers.Any(answer => answer.Error?.Message.Contains(OutgrownWords) == true))
        {
            throw Fault(
                NodeFault.TooLarge, name, "has longer answers than it is willing to send", "ask for fewer at once");
        }
    }

    // A call that is throttled in the middle of a batch says it for all that would come after.
    private void Refusals<T>(
        BatchCall[] calls, RpcBatch batch, HttpResponseMessage response, BatchAnswer<T>[] answers)
    {
        for (var index = 0; index < calls.Length; index++)
        {
            if (batch.Answers[index].Error is not { } error)
                continue;
            var refusal = Refusal(calls[index].Method, error, response);
            if (refusal.Fault == NodeFault.Throttled)
                throw refusal;
            answers[index] = new BatchAnswer<T>(default, refusal);
        }
    }

    private static ReadOnlyMemory<byte> Envelopes(long firstId, BatchCall[] calls)
    {
        var bytes = new ArrayBufferWriter<byte>();
        using (var writer = new Utf8JsonWriter(bytes))
        {
            writer.WriteStartArray();
            for (var index = 0; index < calls.Length; index++)
                RpcParameters.Write(writer, firstId + index, calls[index].Method, calls[index].Parameters);
            writer.WriteEndArray();
        }
        return bytes.WrittenMemory;
    }
}
