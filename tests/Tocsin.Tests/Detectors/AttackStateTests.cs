using System.Text.Json;
using System.Text.Json.Serialization;
using Tocsin.Chains;
using Tocsin.Detection.Accounts;
using Tocsin.Detection.Contracts;
using Tocsin.Detection.Detectors;
using Tocsin.Detection.Laundering;
using Tocsin.Detection.Mempool;
using Tocsin.Detection.Preparation;
using Tocsin.Recording;
using Tocsin.Tests.Detection;

namespace Tocsin.Tests.Detectors;

/// <summary>What detectors remember is kept as text between two starts.</summary>
public sealed class AttackStateTests
{
    private static readonly Address Account = Chronicle.Far(1);
    private static readonly Hash32 Hash = Story.Hash(1, 1);

    public static TheoryData<DetectorState> States =>
    [
        new PendingAttackState(
            [new AwaitedAttack(new AccountTurn(Account, 7), [Hash], Chronicle.Start, 9UL, 1.5m)],
            Noted(new AccountTurn(Account, 7), new TurnTaken(new BlockRef(5, Hash), Hash, true)), Noted(Hash, 5UL)),
        new ApprovalDrainState(
            [new Trailed<Pull>(5, Chronicle.Start,
                new Pull(Hash, Account, Account, Account, Account, Account, 1.5m, true, new BlockRef(5, Hash)))]),
        new SilentChangeState(
            [new Trailed<Announcement>(5, Chronicle.Start, new Announcement(Account, Hash, Hash))],
            Noted(new RunCode(Account, Account), 5UL), Noted(Account, 3)),
        new SuspiciousPreparationState(
            Noted(Account, new HiddenFunds("a mixer", Chronicle.Start)),
            Noted(Account, PreparedAccountOf(new HiddenFunds("a mixer", Chronicle.Start))), Noted(Account, Account)),
        new SuspiciousTransferState(Noted(Account, Chronicle.Start)),
        new LaunderingState(Noted(
            Account,
            new FollowedAccount(
                Account, Chronicle.Start, [new MovedSum("a mixer", "coins", 1.5m, 3m)], [Account], 2m))),
    ];

    [Theory]
    [MemberData(nameof(States))]
    public void A_state_comes_back_as_it_was(DetectorState state)
    {
        var text = JsonSerializer.Serialize(state, EventJson.Options);

        Assert.Equal(state, JsonSerializer.Deserialize<DetectorState>(text, EventJson.Options));
    }

    [Fact]
    public void Every_kind_of_state_has_a_name_to_be_written_by()
    {
        var named = typeof(DetectorState).GetCustomAttributes(typeof(JsonDerivedTypeAttribute), false)
            .Cast<JsonDerivedTypeAttribute>().Select(one => one.DerivedType);

        Assert.Empty(typeof(DetectorState).Assembly.GetTypes()
            .Where(type => type.BaseType == typeof(DetectorState)).Except(named));
    }

    private static PreparedAccount PreparedAccountOf(HiddenFunds funds) =>
        new(funds, true, [Account], "market", true, null, false, Chronicle.Start);

    private static NotebookState<TKey, TValue> Noted<TKey, TValue>(TKey key, TValue value) => new(
        [new Note<TKey, TValue>(key, value, 1)],
        [
            new NoteUndo<TKey, TValue>(4, key, null),
            new NoteUndo<TKey, TValue>(5, key, new Note<TKey, TValue>(key, value, 1)),
        ]);
}
