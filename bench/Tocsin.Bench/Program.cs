using System.Diagnostics;
using System.Reflection;
using Tocsin.Bench;
using Tocsin.Chain;

// One entry a benchmark: a name, what it measures, and a run that says whether its budgets were kept.
Dictionary<string, (string What, Func<BenchOptions, bool> Run)> benchmarks = new()
{
    ["parse"] = ("blocks read, checked and evaluated, against a bare pass of Utf8JsonReader", ParseBench.Run),
    ["watch"] = ("the same with 1 and with 100,000 watched addresses", WatchBench.Run),
    ["calls"] = ("what judging a traced call costs", CallsBench.Run),
    ["latency"] = ("from a block at the node to the finding recorded and the alert accepted", LatencyBench.Run),
    ["pause"] = ("from a finding to its pause accepted by a node, with nobody to wait for", PauseBench.Run),
    ["signing"] = ("signatures a second of the signer, and what the disk takes of that", SigningBench.Run),
    ["races"] = ("how often a pause that was approved ahead comes before a pending attack", PoolRaces.Run),
    ["store"] = ("events made durable a second, in SQLite and in PostgreSQL", StoreBench.Run),
    ["storm"] = ("pages of severity 1 among 100,000 waiting alerts, and alerts delivered a second", StormBench.Run),
    ["due"] = ("what 10,000 open incidents owe, and the start with 10,000 closed ones", DueBench.Run),
    ["chains"] = ("memory and processor time of watching ten chains at once", ChainsBench.Run),
};

if (args is [ChainsBench.Inside, .. var folders])
{
    await ChainsBench.ServeAsync(folders);
    return 0;
}
if (typeof(BlockReader).Assembly.GetCustomAttribute<DebuggableAttribute>() is { IsJITOptimizerDisabled: true })
{
    Console.Error.WriteLine("This is a Debug build, whose figures mean nothing: run with -c Release.");
    return 2;
}
var names = args.TakeWhile(word => !word.StartsWith("--", StringComparison.Ordinal)).ToArray();
if (BenchOptions.Parse(args[names.Length..]) is not { } options || names.Any(name => !benchmarks.ContainsKey(name)))
{
    Console.Error.WriteLine("usage: Tocsin.Bench [NAME…] [--data DIR] [--rounds N]");
    foreach (var (name, (what, _)) in benchmarks)
        Console.Error.WriteLine($"  {name,-8} {what}");
    return 2;
}
Console.WriteLine($"{Machine.Model()}, {Environment.ProcessorCount} cores, .NET {Environment.Version}");
var kept = true;
foreach (var name in names.Length == 0 ? [.. benchmarks.Keys] : names)
    kept &= benchmarks[name].Run(options);
Console.WriteLine(kept ? "Every budget is kept." : "A budget is MISSED.");
return kept ? 0 : 1;
