using System.Diagnostics;
using System.Text;
using Tocsin.Chains;
using Tocsin.Decisions;
using Tocsin.Demo;
using Tocsin.Evm;
using Tocsin.Evm.Abi;
using Tocsin.Signing;

namespace Tocsin.Bench;

/// <summary>
/// How many signatures the signer gives in a second, one after the other over its socket: two approvals recovered, the
/// policy held against the call, a line that reaches the disk. In turns with a bare write to the same disk.
/// </summary>
internal static class SigningBench
{
    // A user may ask 500 times at once, and each signature is asked for with one look at the status.
    private const int Signatures = 240;

    private static readonly AbiFunction Pause =
        AbiFunction.Parse("pause(bytes32 module,uint64 durationSeconds,bytes32 reasonCode)");

    public static bool Run(BenchOptions options) => RunAsync().GetAwaiter().GetResult();

    private static async Task<bool> RunAsync()
    {
        await using var site = await PauseSite.StartAsync(CancellationToken.None);
        var client = new SignerClient(site.SignerSocket);
        var requests = Enumerable.Range(0, Signatures).Select(use => Request(site, (ulong)use)).ToList();
        await using var disk = new FileStream(Path.Combine(site.Folder, "disk"), FileMode.Create);
        var (signing, asking, writing) = (new List<double>(), new List<double>(), new List<double>());
        foreach (var request in requests)
        {
            signing.Add(await TimedAsync(async () =>
            {
                var answer = await client.AskAsync(new SignerRequest(Sign: request), CancellationToken.None);
                if (answer.Signed is null)
                    throw new InvalidOperationException($"not signed: {answer.Refused?.Reason}");
            }));
            asking.Add(await TimedAsync(() =>
                client.AskAsync(new SignerRequest(Status: new StatusRequest()), CancellationToken.None)));
            writing.Add(await TimedAsync(() =>
            {
                disk.Write(new byte[1_000]);
                disk.Flush(flushToDisk: true);
                return Task.CompletedTask;
            }));
        }
        Tell(signing, asking, writing);
        return true;
    }

    private static SignRequest Request(PauseSite site, ulong use)
    {
        var plan = Keccak256.Hash("bench");
        var call = new Call(
            Anvil.Chain, site.Protocol.Controls.Address, UInt256.Zero,
            Pause.Encode(Word("market"), (UInt256)86_400, Word("under-attack")).ToValueList());
        var decision = new EmergencyDecision(
            DecisionTypedData.Id(plan, "pause", use), false, plan, [call],
            DateTimeOffset.FromUnixTimeSeconds(TimeProvider.System.GetUtcNow().AddHours(1).ToUnixTimeSeconds()));
        var digest = DecisionTypedData.Of(decision).Digest();
        return new SignRequest(
            decision, "pause", [Officers.Chief.Sign(digest).ToHex(), Officers.Security.Sign(digest).ToHex()], 0,
            200_000, 30_000_000_000, 1_000_000_000);
    }

    private static void Tell(List<double> signing, List<double> asking, List<double> writing)
    {
        // The first ones are asked of code that is still being compiled.
        foreach (var list in (List<double>[])[signing, asking, writing])
            list.RemoveRange(0, 20);
        Console.WriteLine();
        Console.WriteLine($"{signing.Count} signatures, one after the other; milliseconds:");
        Row("signature over the socket, on the disk", signing);
        Row("  status over the socket, nothing written", asking);
        Row("  one write to the same disk, alone", writing);
        Console.WriteLine(
            $"  {1_000 / Middle(signing):0} signatures a second (median), {1_000 * signing.Count / signing.Sum():0} in "
            + $"all; {Middle(signing) / Middle(writing):0.0} times a bare write, which is "
            + $"{100 * Middle(writing) / Middle(signing):0} % of it");

        static void Row(string what, List<double> all) => Console.WriteLine(
            $"  {what,-42} p50 {Middle(all),6:0.00}  p99 {all.Order().ElementAt((all.Count * 99 / 100) - 1),6:0.00}");
    }

    private static double Middle(List<double> values) => values.Order().ElementAt(values.Count / 2);

    private static async Task<double> TimedAsync(Func<Task> run)
    {
        var start = Stopwatch.GetTimestamp();
        await run();
        return Stopwatch.GetElapsedTime(start).TotalMilliseconds;
    }

    private static Hash32 Word(string text)
    {
        var word = new byte[Hash32.ByteCount];
        Encoding.ASCII.GetBytes(text, word);
        return new Hash32(word);
    }
}
