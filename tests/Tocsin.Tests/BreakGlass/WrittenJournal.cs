using Tocsin.BreakGlass;
using Tocsin.Decisions;
using Tocsin.Evm;
using Tocsin.Incidents;
using Tocsin.Plans;
using Tocsin.Tests.Plans;
using Tocsin.Tests.Signing;
using static Tocsin.Tests.Incidents.Story;

namespace Tocsin.Tests.BreakGlass;

/// <summary>A pause that was made without the server, as its journal.</summary>
internal static class WrittenJournal
{
    public static readonly SignedCall[] Signed = [Call(0), Call(1)];

    /// <summary>What was recorded at once, after the opening.</summary>
    public static IReadOnlyList<IReadOnlyList<IncidentEvent>> Events { get; } =
    [
        [Proposed()],
        [new IncidentEvent.CallSimulated(First, Decision.Id, 0, false, "the node does not answer")],
        [new IncidentEvent.CallSimulated(First, Decision.Id, 0, true, "it would succeed")],
        [new IncidentEvent.CallSimulated(First, Decision.Id, 1, true, "it would succeed")],
        [Approved(MinimalPlan.Commander)],
        [Approved(MinimalPlan.Engineer), new IncidentEvent.DecisionTaken(First, Decision.Id)],
        [SignedEvent(0)],
        [SignedEvent(1)],
        [new IncidentEvent.CallBroadcast(First, Decision.Id, 0, Signed[0].Transaction, 99)],
        [new IncidentEvent.CallBroadcast(First, Decision.Id, 1, Signed[1].Transaction, 99)],
        [Included(0)],
        [Included(1)],
        [new IncidentEvent.ScopePaused(First, Decision.Id, 0, "market", At(86_400), Block(100))],
        [new IncidentEvent.ScopePaused(First, Decision.Id, 1, "vault", At(86_400), Block(100))],
    ];

    public static int Lines => Events.Count + 1;

    public static IncidentEvent.CallSigned SignedEvent(int call) =>
        new(First, Decision.Id, call, (ulong)call, Signed[call].Transaction, Signed[call].Raw);

    public static IncidentEvent.CallIncluded Included(int call) =>
        new(First, Decision.Id, call, Signed[call].Transaction, Block(100), true);

    public static IncidentEvent.ApprovalAccepted Approved(PrivateKey key) => new(
        First,
        new Approval(
            Decision.Id, key.Address, key.Sign(DecisionTypedData.Of(Decision).Digest()).ToHex(), At(60)),
        "somebody");

    /// <summary>Writes so many lines as 'contain' would have.</summary>
    public static ReadJournal Write(string path, int lines, ReadPlan? plan = null)
    {
        using (var journal = BreakGlassJournal.Open(path, _ => { }, new FixedTime(At(60))))
        {
            var read = plan ?? MinimalPlan.Read();
            journal.Record((_, now) => Opening.Events(read, read.Plan.Decisions[0], false, now));
            foreach (var events in Events.Take(lines - 1))
                journal.Record((_, _) => events);
        }
        return ReadJournal.Open(path);
    }

    private static SignedCall Call(byte number) => new(number, Hash((byte)(0xe0 + number)), $"0x0{number}", At(60));
}
