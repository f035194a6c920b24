using System.Security.Cryptography;
using Tocsin.Fuzz;

namespace Tocsin.Tests.Fuzz;

/// <summary>A short run of what <c>tests/Tocsin.Fuzz</c> does for hours.</summary>
public sealed class FuzzTests
{
    private const int CaseCount = 3_000;
    private const ulong KnownSeed = 20_260_101;

    public static TheoryData<string> Names => [.. Targets.All.Select(target => target.Name)];

    [Theory]
    [MemberData(nameof(Names))]
    public void Hostile_input_ends_in_a_value_or_in_the_readers_own_refusal(string name)
    {
        var target = Targets.All.Single(target => target.Name == name);
        var random = (ulong)RandomNumberGenerator.GetInt32(int.MaxValue);
        TestContext.Current.TestOutputHelper!.WriteLine($"seed {random}");
        foreach (var seed in new[] { KnownSeed, random })
        {
            var tally = Fuzzing.Run(target, seed, first: 0, CaseCount);
            Assert.True(tally.Failure is null, $"seed {seed}, case {tally.Failure?.Case}: {tally.Failure?.Reason}");
            // Both ways must be walked, or the run has tested nothing. A reason for a revert is given for all bytes.
            Assert.True(tally.Read > 0 && (tally.Refused > 0 || name == "revert"), $"{tally}");
        }
    }

    [Fact]
    public void A_case_is_made_of_the_seed_and_its_number_alone()
    {
        var inputs = new List<byte[]>();
        var target = new Target("any", [[1, 2, 3, 4]], input => true, _ => false, AllocatedPerInputByte: 1_000);
        Fuzzing.Run(target, KnownSeed, first: 0, count: 20, (_, input) => inputs.Add(input));
        Fuzzing.Run(target, KnownSeed, first: 17, count: 1, (_, input) => inputs.Add(input));
        Assert.Equal(inputs[17], inputs[20]);
        Assert.True(inputs.Distinct().Count() > 10);
    }

    [Fact]
    public void A_foreign_exception_and_a_broken_bound_are_found()
    {
        var seeds = new[] { new byte[] { 1, 2, 3, 4 } };
        var strict = new Target(
            "index", seeds, input => input[3] == 4 || input[9] == 0, e => e is FormatException, 1_000);
        Assert.Contains("IndexOutOfRange", Fuzzing.Run(strict, KnownSeed, 0, 1_000).Failure?.Reason);

        var greedy = new Target(
            "greedy", seeds, input => new byte[input.Length == 4 ? 1 : 1 << 20].Length > 0, _ => false, 8);
        Assert.Contains("allocated", Fuzzing.Run(greedy, KnownSeed, 0, 1_000).Failure?.Reason);
    }
}
