using Tocsin.Chains;
using Tocsin.Evm.Blocks;

namespace Tocsin.Fuzz;

/// <summary>How a case failed, with all that is needed to play it again.</summary>
public sealed record Failure(string Target, ulong Seed, long Case, byte[] Input, string Reason);

/// <summary>What a run over one target saw; the counts of both kinds show that it reached its inside.</summary>
/// <param name="AllocatedPerByte">The most that a case allocated beyond the constant, by bytes of input.</param>
public sealed record Tally(long Read, long Refused, double AllocatedPerByte, Failure? Failure);

/// <summary>Runs cases against a target, each made from the seed and its number.</summary>
public static class Fuzzing
{
    /// <param name="begin">Hears of each case before it is played.</param>
    public static Tally Run(
        Target target, ulong seed, long first, long count, Action<long, byte[]>? begin = null)
    {
        WarmUp(target);
        var (read, refused, most) = (0L, 0L, 0d);
        for (var number = first; number < first + count; number++)
        {
            var random = new CaseRandom(seed, number);
            var input = Mutation.Of(target.Seeds, ref random);
            begin?.Invoke(number, input);
            var outcome = Play(target, input, out var allocated);
            var perByte = (double)(allocated - target.AllocatedAlways) / Math.Max(1, input.Length);
            most = Math.Max(most, perByte);
            if (perByte > target.AllocatedPerInputByte && outcome is (null or Refusal))
                outcome = $"it allocated {allocated} bytes for an input of {input.Length}";
            if (outcome is not (null or Refusal))
                return new Tally(read, refused, most, new Failure(target.Name, seed, number, input, outcome));
            _ = outcome is null ? read++ : refused++;
        }
        return new Tally(read, refused, most, null);
    }

    private const string Refusal = "refused";

    /// <summary>Null where a value was read, <see cref="Refusal"/>, else what went wrong.</summary>
    private static string? Play(Target target, byte[] input, out long allocated)
    {
        var before = GC.GetAllocatedBytesForCurrentThread();
        try
        {
            return target.Read(input) ? null : Refusal;
        }
        catch (Exception exception) when (target.IsFault(exception))
        {
            return Refusal;
        }
        catch (Exception exception)
        {
            // Whatever it is, it is the answer that was looked for.
            return exception.ToString();
        }
        finally
        {
            allocated = GC.GetAllocatedBytesForCurrentThread() - before;
        }
    }

    // What is built once (tables, the library's curve) is no cost of a case. The seeds must be good, or nothing is.
    private static void WarmUp(Target target)
    {
        LogsBloom.Of([new Log(0, Address.Zero, [Hash32.Zero], default)]);
        foreach (var good in target.Seeds)
        {
            if (!target.Read(good))
                throw new InvalidOperationException($"{target.Name}: a seed is refused");
        }
        Play(target, [0xff], out _);
    }
}
