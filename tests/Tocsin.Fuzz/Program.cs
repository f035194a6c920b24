using System.Globalization;
using System.Security.Cryptography;
using Tocsin.Fuzz;

const string Usage = "usage: --cases N [--target NAME] [--seed N] [--first N]";
const long HangMs = 10_000;

// A flood of hostile input to every reader of what comes from outside, each made from a seed and its number. Exit 0:
// every case ended in a value or in the reader's own refusal, within its bounds. Exit 1: one did not. Exit 2: usage.
var options = new Dictionary<string, string>(StringComparer.Ordinal);
for (var i = 0; i + 1 < args.Length; i += 2)
    options[args[i]] = args[i + 1];
if (args.Length % 2 != 0 || options.Keys.Except(["--cases", "--target", "--seed", "--first"]).Any()
    || !TryNumber("--cases", 100_000, out var cases) || !TryNumber("--first", 0, out var first)
    || !TryNumber("--seed", RandomNumberGenerator.GetInt32(int.MaxValue), out var seed))
    return Fail(Usage);
var targets = Targets.All.Where(target => options.GetValueOrDefault("--target", target.Name) == target.Name).ToList();
if (targets.Count == 0)
    return Fail($"{Usage}; targets: {string.Join(", ", Targets.All.Select(target => target.Name))}");

Console.WriteLine($"seed {seed}");
return targets.All(Holds) ? 0 : 1;

bool Holds(Target target)
{
    (long Number, byte[] Input, long SinceMs) current = (first, [], Environment.TickCount64);
    var gate = new Lock();
    using var watch = new Timer(_ => EndIfHanging(), null, 1_000, 1_000);
    var tally = Fuzzing.Run(target, (ulong)seed, first, cases, (number, input) =>
    {
        lock (gate)
            current = (number, input, Environment.TickCount64);
        if (number % 10_000 == 0)
            Console.Error.Write($"\r{target.Name}: {number - first} of {cases} ");
    });
    Console.Error.Write("\r");
    Console.WriteLine(
        $"{target.Name}: {tally.Read} read, {tally.Refused} refused, "
            + $"at most {Math.Max(0, tally.AllocatedPerByte):0} bytes allocated per byte of input");
    if (tally.Failure is { } failure)
        Report(failure);
    return tally.Failure is null;

    void EndIfHanging()
    {
        lock (gate)
        {
            if (Environment.TickCount64 - current.SinceMs < HangMs)
                return;
            Report(new Failure(
                target.Name, (ulong)seed, current.Number, current.Input, $"it takes longer than {HangMs} ms"));
            Environment.Exit(1);
        }
    }
}

static void Report(Failure failure)
{
    var file = $"fuzz-{failure.Target}-{failure.Seed}-{failure.Case}.bin";
    File.WriteAllBytes(file, failure.Input);
    Console.WriteLine($"FAILED: target {failure.Target}, seed {failure.Seed}, case {failure.Case}: {failure.Reason}");
    Console.WriteLine($"the input is in {file}; play it again with --target {failure.Target} --seed {failure.Seed} "
        + $"--first {failure.Case} --cases 1");
}

bool TryNumber(string name, long otherwise, out long number)
{
    number = otherwise;
    return !options.TryGetValue(name, out var text)
        || long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out number);
}

static int Fail(string words)
{
    Console.Error.WriteLine(words);
    return 2;
}
