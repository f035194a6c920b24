using System.Text;
using FsCheck;
using FsCheck.Fluent;
using Tocsin.Chain.Senses;
using Tocsin.Chains;
using Tocsin.Evm;
using Tocsin.Evm.Blocks;
using Tocsin.Evm.Inputs;
using Tocsin.Foresight;
using Tocsin.Tests.Plans;

namespace Tocsin.Tests.Foresight;

/// <summary>What a call may change, and what nobody was told of, by differences in the form of geth's tracer.</summary>
public sealed class SurprisesTests
{
    private const string Sender = "0x00000000000000000000000000000000000005e4";
    private const string Brake = "0x00000000000000000000000000000000000000c0";
    private const string Vault = "0x00000000000000000000000000000000000000a2";
    private const string Dollar = "0x00000000000000000000000000000000000000d1";
    private const string Thief = "0x000000000000000000000000000000000000bad1";
    private const string Implementation = "0x360894a13ba1a3210667c828492db98dca3e2076cc3735a920a3ca505d382bbc";
    private const string Slot = "0x0000000000000000000000000000000000000000000000000000000000000007";
    private const string One = "0x0000000000000000000000000000000000000000000000000000000000000001";

    private static readonly KnownNames Names = new(MinimalPlan.Plan.Protected, Address.Parse(Sender));

    private static readonly string Sent = Account(Sender, "\"balance\":\"0x64\",\"nonce\":4");
    private static readonly string Paid = Account(Sender, "\"balance\":\"0x5a\",\"nonce\":5");

    [Fact]
    public void A_pause_that_writes_its_own_storage_and_pays_its_fee_is_no_surprise() => Assert.Empty(Of(
        $"{Sent},{Account(Brake, Stored(One))},{Account(Thief, "\"balance\":\"0x1\"")}",
        $"{Paid},{Account(Brake, "")},{Account(Thief, "\"balance\":\"0xb\"")}"));

    /// <summary>The account that changes, how it was and how it is, and the words.</summary>
    [Theory]
    [InlineData(Vault, "\"balance\":\"0x0\"", Stores, "vault's storage slot 0x00")]
    [InlineData(Thief, "\"balance\":\"0x0\"", Stores, "'s storage slot 0x00")]
    [InlineData(Vault, "\"balance\":\"0xad78ebc5ac6200000\"", "\"balance\":\"0x0\"", "200 ETH leave vault")]
    [InlineData(Brake, "\"balance\":\"0x2\"", "\"balance\":\"0x1\"", "ETH leave controls")]
    [InlineData(Thief, "\"balance\":\"0x0\"", "\"balance\":\"0xad78ebc5ac6200000\"", "200 ETH come to 0x")]
    [InlineData(Vault, "\"code\":\"0x6001\"", "\"code\":\"0x6002\"", "the code of vault changes")]
    [InlineData(Thief, "\"balance\":\"0x0\"", "\"code\":\"0x6002\"", "code appears at 0x")]
    [InlineData(Brake, "\"nonce\":1", "\"nonce\":2", "controls makes contracts")]
    public void Anything_else_is_told_by_its_name(string account, string before, string after, string words) =>
        Assert.Contains(words, Assert.Single(Of(
            $"{Sent},{Account(account, before)}",
            $"{Paid},{Account(account, after.Replace(Stores, Stored(One), StringComparison.Ordinal))}")));

    [Fact]
    public void A_count_that_no_account_reaches_is_told_and_ends_nothing() => Assert.Contains(
        "its nonce changes", Assert.Single(Of(
            Account(Sender, "\"nonce\":18446744073709551615"), Account(Sender, "\"nonce\":1"))));

    [Fact]
    public void A_contract_that_is_gone_is_told() => Assert.Contains(
        "the code of vault is gone", Of($"{Sent},{Account(Vault, "\"code\":\"0x6001\"")}", Paid));

    [Fact]
    public void A_target_that_is_upgraded_by_its_own_pause_is_told() => Assert.Equal(
        "the implementation of controls changes to vault",
        Assert.Single(Of(
            $"{Sent},{Account(Brake, "")}",
            $"{Paid},{Account(Brake, $"\"storage\":{{\"{Implementation}\":\"0x{Vault[2..].PadLeft(64, '0')}\"}}")}")));

    [Fact]
    public void The_value_of_the_call_comes_to_its_target_and_nowhere_else()
    {
        var before = $"{Sent},{Account(Brake, "\"balance\":\"0x0\"")},{Account(Thief, "\"balance\":\"0x0\"")}";

        Assert.Empty(Of(before, $"{Paid},{Account(Brake, "\"balance\":\"0xa\"")}," + Account(Thief, ""), value: 10));
        Assert.Single(Of(before, $"{Paid},{Account(Brake, "")},{Account(Thief, "\"balance\":\"0xa\"")}", value: 10));
    }

    [Fact]
    public void What_the_plan_lists_may_change_in_every_way() => Assert.Empty(Of(
        $"{Sent},{Account(Vault, "\"balance\":\"0x9\",\"nonce\":1,\"code\":\"0x60\"")}",
        $"{Paid},{Account(Vault, $"\"balance\":\"0x8\",\"nonce\":2,\"code\":\"0x61\",{Stored(One)}")}",
        listed: [Address.Parse(Vault)]));

    [Theory]
    [InlineData("Transfer(address,address,uint256)", Dollar, "12.5 dUSD leave vault for 0x")]
    [InlineData("Approval(address,address,uint256)", Dollar, "may take 12.5 dUSD from vault")]
    [InlineData("Transfer(address,address,uint256)", Brake, "12500000000000000000 units of controls leave vault")]
    [InlineData("TransferSingle(address,address,address,uint256,uint256)", Thief, "moves tokens")]
    [InlineData("ApprovalForAll(address,address,bool)", Thief, "lends tokens")]
    public void A_token_that_moves_or_may_be_moved_is_told(string signature, string token, string words)
    {
        var log = new Log(
            0, Address.Parse(token),
            [Keccak256.Hash(signature), Word(Vault), Word(Thief)], ((UInt256)12_500_000_000_000_000_000UL).ToArray());

        Assert.Contains(words, Assert.Single(Surprises.Of([log], Expected([]), Names)));
        Assert.Empty(Surprises.Of([log], Expected([Address.Parse(token)]), Names));
    }

    [Fact]
    public void An_event_that_moves_nothing_is_no_surprise() => Assert.Empty(Surprises.Of(
        [
            new Log(0, Address.Parse(Brake), [Keccak256.Hash("Paused(address)")], default),
            new Log(1, default, [], default),
        ],
        Expected([]), Names));

    [Fact]
    public void Native_value_is_told_where_nothing_else_is_known()
    {
        var value = new SimulatedPayment(Address.Parse(Sender), Address.Parse(Brake), 5);
        var theft = new SimulatedPayment(Address.Parse(Vault), Address.Parse(Thief), 5);

        Assert.StartsWith("0 ETH leave vault for 0x", Assert.Single(
            Surprises.Of([value, theft], Expected([], value: 5), Names)), StringComparison.Ordinal);
    }

    [Fact]
    public void Many_surprises_are_counted() => Assert.Equal(
        "and 14 changes more",
        Of(Sent, string.Join(",", Enumerable.Range(1, 20).Select(
            i => Account($"0x{i:x40}", Stored(One))).Prepend(Paid)))[^1]);

    [Fact]
    public void Any_account_that_was_not_expected_is_refused_whatever_of_it_changes() => Prop.ForAll<int>(seed =>
    {
        var random = new System.Random(seed);
        var account = new byte[Address.ByteCount];
        random.NextBytes(account);
        var stranger = new Address(account);
        Change<UInt256>? balance = null;
        Change<ulong>? nonce = null;
        Change<ValueList<byte>>? code = null;
        ValueList<SlotChange> slots = [];
        switch (random.Next(4))
        {
            case 0: balance = new((ulong)random.Next(1, 9) << 40, (ulong)random.Next(9, 20) << 40); break;
            case 1: nonce = new((ulong)random.Next(5), (ulong)random.Next(5, 9)); break;
            case 2: code = new([1], [2]); break;
            default: slots = [new SlotChange(Word(Slot), default, Word(One))]; break;
        }
        if (random.Next(2) == 0 && balance is { } rise)
            balance = new(rise.After, rise.Before);
        ValueList<StateChange> changes =
        [
            new(default, Address.Parse(Sender), new(100, 90), new(4, 5), null, []),
            new(default, stranger, balance, nonce, code, slots),
        ];
        return Surprises.Of(changes, Expected([]), Names).Any();
    }).QuickCheckThrowOnFailure();

    private const string Stores = "Stores";

    private static string Stored(string value) => $"\"storage\":{{\"{Slot}\":\"{value}\"}}";

    private static string Account(string address, string fields) => $"\"{address}\":{{{fields}}}";

    private static Hash32 Word(string hex) => Hash32.Parse($"0x{hex[2..].PadLeft(64, '0')}");

    private static Expectation Expected(ValueList<Address> listed, ulong value = 0) =>
        new(Address.Parse(Sender), Address.Parse(Brake), value, listed);

    private static List<string> Of(string before, string after, ValueList<Address>? listed = null, ulong value = 0)
    {
        var json = "{\"pre\":{" + before + "},\"post\":{" + after + "}}";
        var changes = StateChangeJson.ParseCall(Encoding.UTF8.GetBytes(json));
        return [.. Surprises.Of(changes, Expected(listed ?? [], value), Names)];
    }
}
