using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using FsCheck;
using FsCheck.Fluent;
using Tocsin.Chain;
using Tocsin.Chain.Senses;
using Tocsin.Chains;
using Tocsin.Evm.Blocks;
using Tocsin.Evm.Inputs;

namespace Tocsin.Tests.Chain.Senses;

public sealed class StateChangeTests
{
    private const string Alice = "0x00000000000000000000000000000000000a11ce";
    private const string NoCodeHash = "0xc5d2460186f7233c927e7db2dcc703c0e500b653ca82273b7bfad8045d85a470";
    private static readonly Hash32 Transaction = Hash(7);

    [Fact]
    public void What_changed_is_told_before_and_after_and_nothing_else()
    {
        var slots = Slots((1, 5), (2, 6));
        var change = Assert.Single(Parse(
            Alices($"\"balance\":\"0x10\",\"nonce\":3,\"code\":\"0x60\",{slots}"),
            Alices($"\"nonce\":4,{Slots((2, 8), (3, 9))}")));

        Assert.Equal(
            new StateChange(
                Transaction, Address.Parse(Alice), null, new Change<ulong>(3, 4), null,
                [
                    new SlotChange(Hash(1), Hash(5), Hash32.Zero), new SlotChange(Hash(2), Hash(6), Hash(8)),
                    new SlotChange(Hash(3), Hash32.Zero, Hash(9)),
                ]),
            change);
    }

    [Fact]
    public void A_new_account_comes_from_nothing_and_one_that_is_gone_leaves_nothing()
    {
        var account = Alices("\"balance\":\"0x1\",\"nonce\":\"0x1\",\"code\":\"0x6001\"");
        var created = Assert.Single(Parse("{}", account));
        var gone = Assert.Single(Parse(account, "{}"));

        Assert.Equal(new Change<UInt256>(0, 1), created.BalanceWei);
        Assert.Equal(new Change<ulong>(0, 1), created.Nonce);
        Assert.Equal(new Change<ValueList<byte>>([], [0x60, 1]), created.Code);
        Assert.Equal(new Change<UInt256>(1, 0), gone.BalanceWei);
        Assert.Equal(new Change<ulong>(1, 0), gone.Nonce);
        Assert.Equal(new Change<ValueList<byte>>([0x60, 1], []), gone.Code);
    }

    [Fact]
    public void Code_that_was_cleared_is_told_by_its_hash()
    {
        var change = Assert.Single(Parse(
            Alices("\"balance\":\"0x1\",\"code\":\"0xef01\""), Alices($"\"codeHash\":\"{NoCodeHash}\"")));

        Assert.Equal(new Change<ValueList<byte>>([0xef, 1], []), change.Code);
        Assert.Null(change.BalanceWei);
    }

    [Fact]
    public void An_account_without_change_is_left_out() =>
        Assert.Empty(Parse(Alices("\"balance\":\"0x1\""), Alices("")));

    [Fact]
    public void Two_states_differ_by_what_is_told_of_them() => Prop.ForAll<int>(seed =>
    {
        var random = new System.Random(seed);
        var before = State(random);
        var after = State(random);

        var changes = Parse(Side(before, after), Side(after, before));

        foreach (var change in changes)
        {
            foreach (var slot in change.Slots)
            {
                if (slot.Before != before.GetValueOrDefault((change.Account, slot.Place))
                    || slot.After != after.GetValueOrDefault((change.Account, slot.Place)))
                {
                    return false;
                }
            }
        }
        var told = changes.Sum(change => change.Slots.Count);
        return told == before.Keys.Union(after.Keys)
            .Count(key => before.GetValueOrDefault(key) != after.GetValueOrDefault(key));
    }).QuickCheckThrowOnFailure();

    [Theory]
    [InlineData("""[{"result":{"pre":{}}}]""", "diffMode")]
    [InlineData("""[{"result":{"pre":{},"post":{},"pre":{}}}]""", "other than one")]
    [InlineData("""[{"result":{"0x00":{}}}]""", "other than one")]
    [InlineData("""[{"result":{"pre":{"0x01":{}},"post":{}}}]""", "not 20 bytes")]
    [InlineData("""[{"result":{"pre":[],"post":{}}}]""", "JSON StartArray")]
    [InlineData("""[{"result":{"pre":null,"post":{}}}]""", "JSON Null")]
    [InlineData("""[]""", "1 transactions but 0 traces")]
    [InlineData("""[{"txHash":"0x0000000000000000000000000000000000000000000000000000000000000001"}]""", "no 'result'")]
    public void What_is_no_difference_is_refused(string json, string why) => Assert.Contains(
        why, Assert.Throws<RpcFormatException>(() => ParseRaw(json)).Message, StringComparison.Ordinal);

    [Theory]
    [InlineData("\"balance\":\"0x1\",\"balance\":\"0x2\"")]
    [InlineData("\"nonce\":-1")]
    [InlineData("\"code\":\"60\"")]
    [InlineData("\"storage\":{\"0x01\":\"0x01\"}")]
    public void A_damaged_account_is_refused(string fields) => Assert.Throws<RpcFormatException>(
        () => Parse(Alices(fields), "{}"));

    [Fact]
    public void Accounts_and_slots_are_bounded()
    {
        var refusal = Assert.Throws<RpcFormatException>(() => Parse(
            Alices(Slots((0, 1), (1, 1), (2, 1))), "{}", new TraceOptions { MaximumItems = 3 }));

        Assert.Equal(NodeFault.TooLarge, refusal.Fault);
    }

    private static string Alices(string fields) => "{\"" + Alice + "\":{" + fields + "}}";

    private static string Slots(params (int Place, int Value)[] slots) => "\"storage\":{"
        + string.Join(",", slots.Select(slot => $"\"{Hash(slot.Place)}\":\"{Hash(slot.Value)}\"")) + "}";

    private static ValueList<StateChange> Parse(string before, string after, TraceOptions? options = null) => ParseRaw(
        "[{\"txHash\":\"" + Transaction + "\",\"result\":{\"post\":" + after + ",\"pre\":" + before + "}}]", options);

    private static ValueList<StateChange> ParseRaw(string json, TraceOptions? options = null)
    {
        var transaction = new Transaction(
            Transaction, 0, default, null, 0, UInt256.Zero, default, true, null, default);
        var block = new Block(new BlockRef(9, Hash(9)), Hash(8), DateTimeOffset.UnixEpoch, new[] { transaction });
        return StateChangeJson.ParseBlock(Encoding.UTF8.GetBytes(json), block, options);
    }

    private static Dictionary<(Address Account, Hash32 Place), Hash32> State(System.Random random)
    {
        var state = new Dictionary<(Address, Hash32), Hash32>();
        for (var i = random.Next(8); i > 0; i--)
            state[(Account(random.Next(1, 4)), Hash(random.Next(3)))] = Hash(random.Next(1, 3));
        return state;
    }

    // As geth writes one side: no zero slots, no unchanged ones, and every account that still exists.
    private static string Side(
        Dictionary<(Address Account, Hash32 Place), Hash32> state,
        Dictionary<(Address Account, Hash32 Place), Hash32> other)
    {
        var accounts = new JsonObject();
        foreach (var account in Enumerable.Range(1, 3).Select(Account))
        {
            var slots = state.Where(slot => slot.Key.Account == account)
                .Where(slot => other.GetValueOrDefault(slot.Key) != slot.Value)
                .Select(slot => KeyValuePair.Create(slot.Key.Place.ToString(), (JsonNode?)slot.Value.ToString()));
            accounts[account.ToString()] = new JsonObject { ["nonce"] = 1, ["storage"] = new JsonObject(slots) };
        }
        return accounts.ToJsonString(JsonSerializerOptions.Default);
    }

    private static Address Account(int number) => new([.. new byte[19], (byte)number]);

    private static Hash32 Hash(int number) => new([.. new byte[31], (byte)number]);
}
