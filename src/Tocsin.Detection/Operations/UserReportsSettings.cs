using Tocsin.Detection.Detectors;
using Tocsin.Findings;

namespace Tocsin.Detection.Operations;

public sealed record UserReportsSettings : DetectorSettings
{
    public static DetectorCard TheCard { get; } = new(
        "user-reports", Threat.UserReports,
        "People report the same: missing funds, a wrong price, that they cannot withdraw, a suspicious page. Users "
            + "often see first what no rule looks for. Reports of one kind about one thing within an hour count "
            + "together: one is severity 4 and written down, several are severity 3, many are severity 2 and "
            + "wake people.",
        "What people send to `POST /api/reports` or write on the page `/reports`.",
        [
            "`several`: 3",
            "`many`: 10",
        ],
        [
            "Nobody is asked who they are: one person who varies the words, the contact and the transaction each time "
                + "can wake people. Reports that share one of them with an earlier one count once, so clicking "
                + "again does not.",
            "What people write is not verified; the alert shows the beginning of the first report, never a contact.",
            "No more than 30 reports a minute are taken, whoever sends them, so a flood of them keeps honest ones out: "
                + "who is refused is told, and how many were is on the page `/reports`, in the log and in the metrics.",
            "Two people who name the same transaction count once.",
            "Different words for one trouble, under different kinds, do not add up.",
            "Beyond 100 reports of one kind about one thing, or 1,000 in all, within an hour, further ones are not "
                + "counted; the finding says how many.",
        ]);

    private const int CountMax = 100;

    public override DetectorCard Card => TheCard;

    public override string Subject => "";

    /// <summary>So many distinct reports of one kind about one thing are severity 3.</summary>
    public int Several { get; init; } = 3;

    /// <summary>So many are severity 2.</summary>
    public int Many { get; init; } = 10;

    public override IEnumerable<string> Problems(Watch watch)
    {
        if (Several < 2 || Many <= Several || Many > CountMax)
            yield return $"{Name}: 'several' is at least 2 and 'many' above it, at most {CountMax}; "
                + $"not {Several} and {Many}";
    }

    internal override Detector Create(Watch watch) => new UserReports(this, watch);
}
