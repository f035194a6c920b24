using Tocsin.Chains;
using Tocsin.Communications;
using Tocsin.Deadlines;
using Tocsin.Decisions;
using Tocsin.Findings;
using Tocsin.Incidents;
using Tocsin.Pages;
using Tocsin.Plans;
using Tocsin.Reports;

namespace Tocsin.Tests.Pages;

/// <summary>One attack from its first block to its end, as the log would hold it, to be cut at any moment.</summary>
/// <param name="text">Stands wherever a string could come from the chain, a node or a person.</param>
internal sealed class Night(string text = "lending", bool exercise = false)
{
    public static readonly DateTimeOffset Start = new(2026, 3, 1, 3, 4, 5, TimeSpan.Zero);
    public static readonly IncidentId Id = new(7);
    private static readonly SourceLine Somewhere = new("plan/plan.yaml", 1);
    private static readonly Address Lending = Address.Parse("0x5aaeb6053f3e94c9b9a09f33669435e7ef1beaed");
    private static readonly Address Commander = Address.Parse("0xfb6916095ca1df60bb79ce92ce3ea74c37c5d359");
    private static readonly Address Guardian = Address.Parse("0xdbf03b407c01e7cd3cbea99509d93f8dddc8c6fb");
    private static readonly Address Attacker = Address.Parse("0xd1220a0cf47c7b9be7a2e6ba89f429762e7b9adb");
    private static readonly PlannedCall Pause = new(
        "lending",
        new Call(new ChainId(1), Lending, UInt256.Zero, [0x84, 0x56, 0xcb, 0x59]),
        "Pause lending for 24 hours; withdrawals of collateral stay open", [], [], Somewhere);
    private readonly List<Happened> events = [];
    private IncidentBook book = IncidentBook.Empty;

    public Incident Incident => book[Id]!;

    public DateTimeOffset Now { get; private set; } = Start;

    public Plan Plan { get; } = new(
        "Example protocol", Hash(1), Hash(2),
        new ProtectedThings(
            new ChainId(1), "Ethereum", [], [], [new("Lending pool", Lending, "lending", [], Somewhere)]),
        [
            new(
                "flash-loan",
                text == "lending" ? "Flash-loan attack on lending" : text,
                "attack",
                [Threat.FlashLoanAttack],
                Severity.Critical,
                "stop-attack",
                Somewhere),
            new("transfer", "Unusual transfer", "attack", [Threat.LargeTransfer], Severity.High, "look", Somewhere),
        ],
        [
            new(
                "stop-attack",
                "Stop an attack",
                [
                    new(
                        "verify",
                        "Check the transactions in two explorers and say in the call what you see",
                        "operations",
                        TimeSpan.FromMinutes(2),
                        Somewhere),
                    new("pause", "Sign the pause of lending", "commander", TimeSpan.FromMinutes(5), Somewhere),
                    new(
                        "tell",
                        "Tell users that lending is paused and that withdrawals work",
                        "communications",
                        TimeSpan.FromMinutes(20),
                        Somewhere),
                    new("trace", "Follow the funds and warn exchanges", "operations", TimeSpan.FromHours(1), Somewhere),
                ],
                "pause-lending",
                "",
                Somewhere),
            new(
                "look",
                "Look closer",
                [new("ask", "Ask the treasury", "operations", TimeSpan.FromMinutes(10), Somewhere)],
                null,
                "",
                Somewhere),
        ],
        [],
        [
            new("ada", "Ada Byron", true, ["commander"], null, null, null, Commander, ["chat"], Somewhere),
            new(
                "grace",
                "Grace Murray",
                true,
                ["guardian", "operations"],
                null,
                null,
                null,
                Guardian,
                ["chat"],
                Somewhere),
            new("joan", "Joan Clarke", false, ["communications"], null, null, null, null, ["mail"], Somewhere),
        ],
        [],
        [
            new("pause-lending", "Pause lending", "pause-lending", [new("commander", [])], [new("guardian", 1)],
                TimeSpan.FromMinutes(30), Somewhere),
        ],
        [
            new(
                "pause-lending",
                "Stops every function of the lending pool that lends out or moves value, and nothing else.",
                [Pause],
                Somewhere),
        ]);

    public EmergencyDecision Decision => new(Hash(3), exercise, Plan.DecisionsHash, [Pause.Call], Start.AddMinutes(31));

    public static Hash32 Hash(byte seed)
    {
        var bytes = new byte[Hash32.ByteCount];
        for (var index = 0; index < bytes.Length; index++)
            bytes[index] = (byte)(((seed * 37) + (index * index * 11)) % 256);
        return new Hash32(bytes);
    }

    public static BlockRef Block(ulong number) => new(number, Hash((byte)(number % 200)));

    public Night Add(LogEvent happened, double seconds = 1)
    {
        Now += TimeSpan.FromSeconds(seconds);
        events.Add(new Happened(events.Count + 1, Now, happened));
        book = book.Apply(happened, Now);
        return this;
    }

    public Night Wait(TimeSpan time)
    {
        Now += time;
        return this;
    }

    public Night Detected(Threat threat = Threat.FlashLoanAttack, Severity severity = Severity.Critical)
    {
        var finding = Finding(threat, severity, FindingStatus.Seen, 1);
        var issue = Plan.IssueFor(threat)!;
        var opened = new IncidentEvent.Opened(
            Id, finding.Id, Plan.ContentHash, issue.Id, issue.Procedure, severity, exercise);
        return Add(new FindingRecorded(finding, Now, Id))
            .Add(opened, 0)
            .Add(new IncidentEvent.AlertDelivered(Id, "INC-7/opened/1/chat", "chat", AlertReason.Opened, 1, 412))
            .Add(new IncidentEvent.AlertFailed(Id, "INC-7/opened/1/mail", "mail", AlertReason.Opened, text));
    }

    public Night Proposed() => Add(new IncidentEvent.DecisionProposed(Id, "pause-lending", Decision, ["lending"]))
        .Add(new IncidentEvent.CallSimulated(Id, Decision.Id, 0, true, "succeeds with 61,204 gas"));

    public Night Acknowledged() => Add(new IncidentEvent.Acknowledged(Id, "ada", "personal link"), 71);

    public Night Refused() =>
        Add(new IncidentEvent.ApprovalRefused(Id, Decision.Id, Attacker, ApprovalRefusal.NotAnApprover, text), 20);

    public Night Approved(bool byAll = true)
    {
        Add(new IncidentEvent.ApprovalAccepted(Id, new Approval(Decision.Id, Commander, "0x00", Now), "ada"), 35);
        if (!byAll)
            return this;
        var second = new Approval(Decision.Id, Guardian, "0x00", Now);
        return Add(new IncidentEvent.ApprovalAccepted(Id, second, "grace"), 22)
            .Add(new IncidentEvent.DecisionTaken(Id, Decision.Id), 0);
    }

    public Night NotSigned() =>
        Add(new IncidentEvent.SigningRefused(Id, Decision.Id, 0, SigningRefusal.Unreachable), 15);

    public Night Sent() => Add(new IncidentEvent.CallSigned(Id, Decision.Id, 0, 4, Hash(9), "0x02"))
        .Add(new IncidentEvent.CallBroadcast(Id, Decision.Id, 0, Hash(9)));

    public Night Paused() =>
        Add(new IncidentEvent.CallIncluded(Id, Decision.Id, 0, Hash(9), Block(19_000_020), true), 12)
            .Add(new IncidentEvent.ScopePaused(Id, Decision.Id, 0, "lending", Start.AddDays(1), Block(19_000_020)));

    public Night Leaked() =>
        Add(new IncidentEvent.OutflowSeen(Id, Block(19_000_021), Hash(11), text, "USDX", 15_250m), 12);

    public Night StepDone() => Add(new IncidentEvent.StepDone(Id, "verify", "grace", text), 15);

    public Night Contained() => Add(new IncidentEvent.Contained(Id, Block(19_000_025), 5), 60)
        .Add(new IncidentEvent.ImpactAssessed(
            Id, new Impact(1_204_400m, 38_900_000m, 412, 3, Block(19_000_025), text)));

    public Night Resolved() => Add(new IncidentEvent.Resolved(Id, "ada", text), 3_000);

    public Night Retracted()
    {
        var retracted = Finding(Threat.FlashLoanAttack, Severity.Critical, FindingStatus.Retracted, 2);
        return Add(new FindingRecorded(retracted, Now, Id), 30);
    }

    public WarRoomView View() => new(
        Incident,
        Plan,
        events,
        IncidentDeadlines.Of(Incident, Plan),
        Watch,
        Incident.Decision is null ? null : $"{{\"x\": \"{text}\"}}",
        "__RequestVerificationToken",
        "token-of-the-session",
        text,
        Now)
    {
        Address = new Uri($"https://tocsin.example/incidents/{Id}"),
    };

    public WatchLine Watch => new(text == "lending" ? "Ethereum" : text, 19_000_030, TimeSpan.FromSeconds(7));

    private Finding Finding(Threat threat, Severity severity, FindingStatus status, int revision) => new(
        new FindingId("f-31337"), revision, status, Start.AddSeconds(-4), new ChainId(1), Block(19_000_010),
        [Hash(5), Hash(6)], threat, severity, 0.94m, text == "lending" ? "Lending pool" : text, [Attacker], 1_204_400m,
        [
            Indicator(
                "large_loan",
                "A loan of 40,000,000 USDX, 12 times the pool's usual daily volume, "
                    + "was taken and repaid in one transaction"),
            Indicator(
                "price_deviation",
                "The price that lending reads moved by 31.4 % within the transaction; the limit is 2 %"),
            Indicator("rapid_trades", text),
        ],
        threat.ToName(),
        text == "lending"
            ? "In one transaction 40,000,000 USDX were borrowed, the price that lending reads was moved by 31.4 %, "
                + "and 1,204,400 USD left the Lending pool."
            : text);

    private Indicator Indicator(string name, string reason) => new(
        name, Block(19_000_010), Start.AddSeconds(-12), Hash(5), Attacker, text, 31.4m, 2m, 0.9m, reason);
}
