using System.Text.Json;
using Tocsin.Chains;

namespace Tocsin.Chain.Senses;

/// <summary>An account as one side of a difference shows it; null is what that side leaves out.</summary>
internal sealed class AccountSide
{
    public UInt256? BalanceWei { get; set; }

    public ulong? Nonce { get; set; }

    public ValueList<byte>? Code { get; set; }

    public Hash32? CodeHash { get; set; }

    public Dictionary<Hash32, Hash32> Slots { get; } = [];
}

/// <summary>Reads the two sides of state differences, counting accounts and slots over all of a block.</summary>
internal sealed class AccountReader(int maximumItems)
{
    private int items;

    /// <summary>The object <c>{"pre":…,"post":…}</c> at whose opening brace the reader stands.</summary>
    public (Dictionary<Address, AccountSide> Before, Dictionary<Address, AccountSide> After) ReadSides(
        ref Utf8JsonReader reader)
    {
        Expect(ref reader, JsonTokenType.StartObject, "a state difference");
        var before = default(Dictionary<Address, AccountSide>);
        var after = default(Dictionary<Address, AccountSide>);
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            var isBefore = reader.ValueTextEquals("pre"u8);
            var isAfter = reader.ValueTextEquals("post"u8);
            reader.Read();
            if (isBefore && before is null)
                before = ReadAccounts(ref reader);
            else if (isAfter && after is null)
                after = ReadAccounts(ref reader);
            else
                throw RpcJson.Garbage("a state difference has something other than one 'pre' and one 'post'");
        }
        return before is null || after is null
            ? throw RpcJson.Garbage("a state difference has no 'pre' or no 'post': is diffMode unknown to the node?")
            : (before, after);
    }

    private Dictionary<Address, AccountSide> ReadAccounts(ref Utf8JsonReader reader)
    {
        Expect(ref reader, JsonTokenType.StartObject, "the accounts of a state difference");
        var accounts = new Dictionary<Address, AccountSide>();
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            Count();
            var address = JsonToken.Address(ref reader, "account");
            reader.Read();
            if (!accounts.TryAdd(address, ReadAccount(ref reader)))
                throw RpcJson.Garbage($"account {address} is given twice");
        }
        return accounts;
    }

    private AccountSide ReadAccount(ref Utf8JsonReader reader)
    {
        Expect(ref reader, JsonTokenType.StartObject, "an account");
        var account = new AccountSide();
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            // A name given twice would leave open which one holds.
            if (IsNext(ref reader, "balance"u8, account.BalanceWei is null))
                account.BalanceWei = JsonToken.Quantity(ref reader, "balance");
            else if (IsNext(ref reader, "nonce"u8, account.Nonce is null))
                account.Nonce = JsonToken.Number(ref reader, "nonce");
            else if (IsNext(ref reader, "code"u8, account.Code is null))
                account.Code = new ValueList<byte>(JsonToken.Bytes(ref reader, "code"));
            else if (IsNext(ref reader, "codeHash"u8, account.CodeHash is null))
                account.CodeHash = JsonToken.Hash(ref reader, "codeHash");
            else if (IsNext(ref reader, "storage"u8, account.Slots.Count == 0))
                ReadSlots(ref reader, account.Slots);
            else
                reader.Skip();
        }
        return account;
    }

    // Stands at the value afterwards where the name is that.
    private static bool IsNext(ref Utf8JsonReader reader, ReadOnlySpan<byte> name, bool isFirst)
    {
        if (!reader.ValueTextEquals(name))
            return false;
        return isFirst ? reader.Read() : throw RpcJson.Garbage("an account has a field twice");
    }

    private void ReadSlots(ref Utf8JsonReader reader, Dictionary<Hash32, Hash32> slots)
    {
        Expect(ref reader, JsonTokenType.StartObject, "the storage of an account");
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            Count();
            var place = JsonToken.Hash(ref reader, "storage");
            reader.Read();
            if (!slots.TryAdd(place, JsonToken.Hash(ref reader, "storage")))
                throw RpcJson.Garbage($"slot {place} is given twice");
        }
    }

    private void Count()
    {
        if (++items > maximumItems)
            throw new RpcFormatException(NodeFault.TooLarge, $"with more accounts and slots than {maximumItems}");
    }

    private static void Expect(ref Utf8JsonReader reader, JsonTokenType token, string what)
    {
        if (reader.TokenType != token)
            throw RpcJson.Garbage($"{what} is a JSON {reader.TokenType}");
    }
}
