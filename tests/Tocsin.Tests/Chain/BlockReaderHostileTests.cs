using System.Text;
using System.Text.Json;
using FsCheck;
using FsCheck.Fluent;
using Tocsin.Chain;
using Tocsin.Chains;

namespace Tocsin.Tests.Chain;

/// <summary>Bytes that are wrong in every way give a fault, never another exception and never another block.</summary>
public sealed class BlockReaderHostileTests
{
    private static readonly FakeBlock Two = new FakeChain().Extend(2).Head;
    private static readonly byte[] Body = BlockReaderTests.Bytes(Two.ToJson(full: true));
    private static readonly byte[] Receipts = BlockReaderTests.Bytes(Two.ReceiptsJson());

    [Fact]
    public void What_breaks_off_anywhere_is_a_fault()
    {
        var reader = new BlockReader();
        for (var length = 0; length < Body.Length; length++)
            Assert.Throws<RpcFormatException>(() => reader.Read(Body.AsSpan(0, length), Receipts));
        for (var length = 0; length < Receipts.Length; length++)
            Assert.Throws<RpcFormatException>(() => reader.Read(Body, Receipts.AsSpan(0, length)));
        for (var length = 0; length < Body.Length; length++)
            Assert.Throws<RpcFormatException>(() => BlockReader.ReadHeader(Body.AsSpan(0, length)));
        reader.Read(Body, Receipts);
    }

    [Fact]
    public void Part_of_a_longer_stream_is_a_fault_where_it_ends()
    {
        Assert.Throws<RpcFormatException>(() =>
        {
            var json = new Utf8JsonReader(Body.AsSpan(0, Body.Length / 2), isFinalBlock: false, default);
            json.Read();
            new BlockReader().ReadBlock(ref json);
        });
    }

    [Fact]
    public void Changed_bytes_give_a_fault_or_a_block_that_still_fits_together()
    {
        var reader = new BlockReader();
        for (var seed = 0; seed < 4_000; seed++)
        {
            var random = new Random(seed);
            var (body, receipts) = (Mutated(Body, random), Mutated(Receipts, random));
            try
            {
                var block = reader.Read(body, receipts);
                Assert.Equal(2, block.Transactions.Length);
                Assert.Equal([0, 1, 2, 3], block.Transactions.ToArray().SelectMany(
                    transaction => transaction.Logs.ToArray()).Select(log => log.Index));
            }
            catch (RpcFormatException fault)
            {
                Assert.True(fault.Fault is NodeFault.Garbage or NodeFault.Inconsistent, $"seed {seed}");
            }
        }
    }

    [Theory]
    [InlineData("number")]
    [InlineData("transactions")]
    [InlineData("nonce")]
    [InlineData("input")]
    [InlineData("logIndex")]
    [InlineData("topics")]
    [InlineData("status")]
    [InlineData("logs")]
    public void A_field_that_is_read_must_not_be_given_twice(string name)
    {
        var fault = Assert.Throws<RpcFormatException>(() => new BlockReader().Read(Doubled(Body), Doubled(Receipts)));

        Assert.Equal($"'{name}' is given twice", fault.Message);

        byte[] Doubled(byte[] json)
        {
            var text = Encoding.UTF8.GetString(json);
            var start = text.IndexOf($"\"{name}\":", StringComparison.Ordinal);
            if (start < 0)
                return json;
            var value = text[(start + name.Length + 3)..];
            var end = value[0] == '[' ? value.LastIndexOf(']') : value.IndexOf('"', 1);
            // The first closing bracket that leaves valid JSON is the value's own.
            for (var stop = 1; stop <= end + 1; stop++)
                if (IsJson(value[..stop]))
                    return Encoding.UTF8.GetBytes(text.Insert(start, $"\"{name}\":{value[..stop]},"));
            return json;
        }
    }

    [Fact]
    public void A_name_behind_escapes_hides_no_field()
    {
        var text = Encoding.UTF8.GetString(Body).Replace("\"to\":", "\"t\\u006f\":", StringComparison.Ordinal);

        var fault = Assert.Throws<RpcFormatException>(
            () => new BlockReader().Read(Encoding.UTF8.GetBytes(text), Receipts));

        Assert.Contains("escapes", fault.Message);
    }

    [Fact]
    public void Digits_behind_escapes_are_no_digits()
    {
        var text = Encoding.UTF8.GetString(Body).Replace("\"0x12345678\"", "\"0x1234567\\u0038\"");

        var fault = Assert.Throws<RpcFormatException>(
            () => new BlockReader().Read(Encoding.UTF8.GetBytes(text), Receipts));

        Assert.Equal("'input' is not hexadecimal bytes", fault.Message);
    }

    [Fact]
    public void Depth_is_bounded_in_what_is_skipped_too()
    {
        var nested = new string('[', 10_000) + new string(']', 10_000);
        var deep = Encoding.UTF8.GetString(Body).Insert(1, $"\"x\":{nested},");

        Assert.Throws<RpcFormatException>(() => new BlockReader().Read(Encoding.UTF8.GetBytes(deep), Receipts));
    }

    [Fact]
    public void More_transactions_than_any_block_has_are_refused()
    {
        var one = Encoding.UTF8.GetString(BlockReaderTests.Bytes(Two.ToJson(full: true)["transactions"]![0]!));
        var many = new StringBuilder("{\"transactions\":[").Append(one);
        for (var count = 0; count < BlockReader.TransactionsMax; count++)
            many.Append(',').Append(one);

        var fault = Assert.Throws<RpcFormatException>(
            () => new BlockReader().Read(Encoding.UTF8.GetBytes(many.Append("]}").ToString()), Receipts));

        Assert.Contains("more than", fault.Message);
    }

    [Fact]
    public void Quantities_and_bytes_read_back_as_written()
    {
        Prop.ForAll<ulong, byte[]>((number, bytes) =>
        {
            var padded = $"0x00{number:X}";
            var data = Hex.Format(bytes);
            var json = Two.ToJson(full: true);
            json["transactions"]![1]!["nonce"] = padded;
            json["transactions"]![1]!["value"] = padded;
            json["transactions"]![1]!["input"] = data;
            var read = new BlockReader().Read(BlockReaderTests.Bytes(json), Receipts).Transactions.Span[1];
            return read.Nonce == number && read.ValueWei == number && read.Input.Span.SequenceEqual(bytes)
                && RpcJson.ToNumber(JsonSerializer.SerializeToElement(padded), "n") == number
                && RpcJson.ToQuantity(JsonSerializer.SerializeToElement(padded), "n") == number
                && RpcJson.ToBytes(JsonSerializer.SerializeToElement(data), "b").AsSpan().SequenceEqual(bytes);
        }).QuickCheckThrowOnFailure();
    }

    private static byte[] Mutated(byte[] json, Random random)
    {
        var bytes = (byte[])json.Clone();
        for (var changes = random.Next(3); changes >= 0; changes--)
        {
            var place = random.Next(bytes.Length);
            switch (random.Next(4))
            {
                case 0:
                    bytes[place] = (byte)random.Next(256);
                    break;
                case 1:
                    bytes[place] = (byte)"0123456789abcdefx\"{}[],:nul\\"[random.Next(27)];
                    break;
                case 2:
                    var end = Math.Min(place + random.Next(80), bytes.Length);
                    bytes = [.. bytes.AsSpan(0, place), .. bytes.AsSpan(end)];
                    break;
                default:
                    bytes = [.. bytes.AsSpan(0, place), .. bytes.AsSpan(random.Next(place + 1))];
                    break;
            }
            if (bytes.Length == 0)
                break;
        }
        return bytes;
    }

    private static bool IsJson(string text)
    {
        try
        {
            using var document = JsonDocument.Parse(text);
            return true;
        }
        catch (JsonException)
        {
            return false;
        }
    }
}
