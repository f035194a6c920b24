using System.Globalization;
using System.Text;
using Tocsin.Channels;
using Tocsin.Demo.Providers;
using Tocsin.Findings;
using Tocsin.Plans;
using Tocsin.Tests.Tidy;

namespace Tocsin.Tests.Delivery;

/// <summary>Each kind of channel, against each fault of the world outside, at a bad and at a small severity.</summary>
public sealed class FaultMatrixTests
{
    private const string Document = "docs/delivery.md";
    private const string Begin = "<!-- the table below is made by FaultMatrixTests -->";
    private const string End = "<!-- the table ends -->";

    private static readonly TimeSpan Promised = TimeSpan.FromSeconds(10);

    // What goes to nobody in particular, or to no provider.
    private static readonly string[] Left = ["x", "siren"];

    private static readonly Fault[] Faults =
    [
        new("none", _ => []),
        new("answers after 5 s", _ => [Answer.Late(TimeSpan.FromSeconds(5))]),
        new("silence", _ => [Answer.Never]),
        new("a byte every 3 s", _ => [Answer.Dripping(TimeSpan.FromSeconds(3))]),
        new("lost before", _ => [Answer.Dropped]),
        new("lost after", _ => [Answer.DroppedAfter]),
        new("429, wait 60 s", words => [words.TooMany(TimeSpan.FromSeconds(60))]),
        new("429", words => [words.TooMany(null)]),
        new("503 three times", _ => Answer.Burst(3)),
        new("refused", words => [words.Refusal]),
        new("taken, not brought", _ => [Answer.Lost]),
        new("undelivered, said after 20 s", _ => [Answer.Lost], TimeSpan.FromSeconds(20)),
    ];

    private static readonly Severity[] Severities = [Severity.Critical, Severity.Minor];

    [Fact]
    public void Every_kind_that_calls_people_by_a_provider_is_in_the_table() => Assert.Equal(
        ChannelKind.All.Keys.Except(Left).Order(), FaultChannel.All.Select(channel => channel.Kind).Order());

    [Fact]
    public async Task The_next_way_is_told_in_time_and_the_table_says_what_happens()
    {
        var cells = new Dictionary<(string Kind, string Fault), List<string>>();
        var late = new List<string>();
        foreach (var channel in FaultChannel.All)
        {
            foreach (var fault in Faults)
            {
                cells[(channel.Kind, fault.Name)] = [];
                if (fault.UndeliveredAfter is not null && !channel.SaysWhetherArrived)
                {
                    cells[(channel.Kind, fault.Name)].Add("–");
                    continue;
                }
                foreach (var severity in Severities)
                {
                    var outcome = await FaultTown.RunAsync(channel, () => fault, severity);
                    cells[(channel.Kind, fault.Name)].Add(Cell(outcome));
                    if (severity == Severity.Critical && !IsInTime(outcome, fault.Name))
                        late.Add($"{channel.Kind}, {fault.Name}: {outcome}");
                }
            }
        }

        Assert.Empty(late);
        Agree(Table(cells));
    }

    // Where nothing failed that can be known, the plan gives the way its time for an answer.
    private static bool IsInTime(Outcome outcome, string fault)
    {
        var failed = fault == "taken, not brought" ? outcome.FailedAfter ?? Way.DefaultWait : outcome.FailedAfter;
        return failed is null || outcome.NextWayAfter <= failed + Promised;
    }

    private static string Cell(Outcome outcome) =>
        (outcome.IsByNextWay ? "→ " : "") + outcome.ReachedAfter.TotalSeconds.ToString(CultureInfo.InvariantCulture)
        + " s";

    private static string Table(Dictionary<(string Kind, string Fault), List<string>> cells)
    {
        var text = new StringBuilder();
        text.Append("| channel |").AppendJoin("|", Faults.Select(fault => $" {fault.Name} ")).Append("|\n");
        text.Append("|---|").AppendJoin("|", Faults.Select(_ => "---")).Append("|\n");
        foreach (var channel in FaultChannel.All)
        {
            text.Append($"| {channel.Kind} |");
            foreach (var fault in Faults)
                text.Append($" {string.Join(" · ", cells[(channel.Kind, fault.Name)].Distinct())} |");
            text.Append('\n');
        }
        return text.ToString();
    }

    private static void Agree(string table)
    {
        var written = Repository.Text(Document);
        var begin = written.IndexOf(Begin, StringComparison.Ordinal) + Begin.Length;
        var end = written.IndexOf(End, StringComparison.Ordinal);
        var made = written[..begin] + "\n\n" + table + "\n" + written[end..];
        // To be copied over what is committed, where it is right.
        File.WriteAllText(Path.Combine(AppContext.BaseDirectory, "delivery.received.md"), made);
        Assert.Equal(made, written);
    }
}
