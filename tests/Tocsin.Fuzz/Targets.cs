using System.Text;
using System.Text.Json;
using Tocsin.Chain;
using Tocsin.Chains;
using Tocsin.Evm;
using Tocsin.Evm.Abi;
using Tocsin.Evm.Blocks;
using Tocsin.Evm.Eip712;
using Tocsin.Evm.Transactions;
using Tocsin.Inputs;
using Tocsin.OutsideAlerts;
using Tocsin.Replay;
using Tocsin.Texts;

namespace Tocsin.Fuzz;

/// <summary>
/// Every reader of what comes from outside. A reader that is new is added here with good inputs, with the exceptions
/// that it declares, and with a bound of what it may allocate; the runner and the tests then know it.
/// </summary>
public static class Targets
{
    public static IReadOnlyList<Target> All { get; } =
    [
        // Recorded and live blocks with their receipts: one object with the two, as recordings hold it.
        new("block", Seeds.Blocks, ReadBlock, fault => fault is JsonException or RpcFormatException, 64)
        {
            // A reader begins with room for a small block.
            AllocatedAlways = 256 << 10,
        },
        new("header", Seeds.Headers, ReadHeader, fault => fault is JsonException, 64),
        new("abi", Seeds.AbiData, ReadAbi, fault => fault is AbiException, 64),
        new("abi-again", Seeds.AbiData, ReadAbiAgain, fault => fault is AbiException, 1_024),
        new("event", Seeds.Events, ReadEvent, Never, 64),
        new("revert", Seeds.Reverts, ReadRevert, Never, 64),
        new("rlp", Seeds.Lists, ReadRlp, Never, 256),
        new("transaction", Seeds.Transactions, ReadTransaction, Never, 256)
        {
            // The library's arithmetic on the curve, once a transaction.
            AllocatedAlways = 8 << 20,
        },
        new("typed-data", Seeds.TypedData, ReadTypedData, fault => fault is FormatException, 512),
        new("signature", Seeds.Signatures, ReadSignature, fault => fault is AbiException, 256),
        new("abi-json", Seeds.AbiJson, ReadAbiJson, fault => fault is AbiException, 256),
        new("words", Seeds.Words, ReadWords, Never, 64),
        new("prices", Seeds.Prices, ReadPrices, fault => fault is InputException, 1_024)
        {
            // The buffer of a file.
            AllocatedAlways = 256 << 10,
        },
        new("input-log", Seeds.Inputs, ReadInput, fault => fault is FormatException, 512),
        new("outside-alert", Seeds.OutsideAlerts, ReadOutsideAlert, Never, 2_048),
    ];

    private static readonly EventShapes Transfer =
        new(AbiEvent.Parse("Transfer(address indexed from, address indexed to, uint256 value)"));

    private static readonly AbiError[] KnownErrors =
        [AbiError.Parse("Paused(bytes32 module, uint64 until, string why, (address,int8)[] who)")];

    private static bool Never(Exception exception) => false;

    private static bool ReadBlock(byte[] input)
    {
        var reader = new BlockReader();
        reader.Start();
        var json = new Utf8JsonReader(input);
        json.Read();
        if (json.TokenType != JsonTokenType.StartObject)
            return false;
        while (json.Read() && json.TokenType == JsonTokenType.PropertyName)
        {
            if (json.ValueIsEscaped)
                return false;
            var isBlock = json.ValueTextEquals("block"u8);
            var isReceipts = json.ValueTextEquals("receipts"u8);
            json.Read();
            if (isBlock)
                reader.ReadBlock(ref json);
            else if (isReceipts)
                reader.ReadReceipts(ref json);
            else
                json.Skip();
        }
        json.Read();
        var block = reader.Join();
        Expect(block.Transactions.Length <= input.Length, "a block has more transactions than bytes");
        return true;
    }

    private static bool ReadPrices(byte[] input)
    {
        using var lines = LineReader.Of(new MemoryStream(input), "prices", PriceCsv.LineBytesMax);
        var last = DateTimeOffset.MinValue;
        foreach (var bar in PriceCsv.Read(lines, (_, _, _) => { }))
        {
            Expect(bar.Opens > last, "a bar is not later than the one before");
            Expect(bar.Low > 0 && bar.Low <= bar.High, "a bar's prices are not in order");
            last = bar.Opens;
        }
        return true;
    }

    private static bool ReadInput(byte[] input)
    {
        InputJson.Read(input);
        return true;
    }

    private static bool ReadHeader(byte[] input)
    {
        using var document = JsonDocument.Parse(input);
        var read = HeaderReader.TryRead(document.RootElement, out var header, out var refusal);
        Expect(read != refusal is not null, "a refusal has no words");
        header?.Hash();
        return read;
    }

    private static bool ReadAbi(byte[] input)
    {
        if (input.Length == 0)
            return false;
        AbiDecoder.Decode(Seeds.Shapes[input[0] % Seeds.Shapes.Length], input.AsSpan(1));
        return true;
    }

    private static bool ReadAbiAgain(byte[] input)
    {
        if (input.Length == 0)
            return false;
        var types = Seeds.Shapes[input[0] % Seeds.Shapes.Length];
        var values = AbiDecoder.Decode(types, input.AsSpan(1));
        // Text that is no UTF-8 was replaced, so the second encoding is the one that must last.
        var encoded = AbiEncoder.Encode(types, values);
        var again = AbiEncoder.Encode(types, AbiDecoder.Decode(types, encoded));
        Expect(encoded.AsSpan().SequenceEqual(again), "decoded values do not survive");
        return true;
    }

    /// <summary>The first byte says how many topics follow; the rest is data.</summary>
    private static bool ReadEvent(byte[] input)
    {
        var count = input.Length == 0 ? 0 : input[0] % (LogTopics.CountMax + 1);
        if (input.Length < 1 + (count * Hash32.ByteCount))
            return false;
        var topics = Enumerable.Range(0, count)
            .Select(i => new Hash32(input.AsSpan(1 + (i * Hash32.ByteCount), Hash32.ByteCount)));
        var data = input.AsMemory(1 + (count * Hash32.ByteCount));
        var log = new Log(0, Address.Zero, LogTopics.Create([.. topics]), data);
        var read = Transfer.TryDecode(log, out var decoded);
        Expect(!read || decoded!.Values is [Address, Address, UInt256], "a transfer is not two accounts and an amount");
        return read;
    }

    private static bool ReadRevert(byte[] input)
    {
        var words = RevertReason.Describe(input, KnownErrors);
        Expect(words.Length <= 1_200 && !words.Any(char.IsControl), "a reason is not one bounded line");
        return true;
    }

    private static bool ReadRlp(byte[] input)
    {
        if (!Rlp.TryDecode(input, out var item))
            return false;
        Expect(Encoded(item).AsSpan().SequenceEqual(input), "what was decoded encodes to other bytes");
        return true;
    }

    private static byte[] Encoded(RlpItem item) =>
        item.TryReadBytes(out var bytes) ? Rlp.Encode(bytes) : Rlp.EncodeList([.. item.Items.Select(Encoded)]);

    private static bool ReadTransaction(byte[] input)
    {
        if (!TransactionReader.TryRead(input, out var sent, out var refusal))
        {
            Expect(refusal.Length is > 0 and < 200, "a refusal is no short sentence");
            return false;
        }
        var again = sent.Payload.With(sent.Signature);
        Expect(again.Raw.AsSpan().SequenceEqual(input) && again.Hash == sent.Hash, "it is written with other bytes");
        return true;
    }

    private static bool ReadTypedData(byte[] input)
    {
        var read = TypedData.Parse(Encoding.UTF8.GetString(input));
        Expect(TypedData.Parse(read.ToJson()).Digest() == read.Digest(), "its own JSON has another digest");
        return true;
    }

    /// <summary>The first byte chooses function, event or error.</summary>
    private static bool ReadSignature(byte[] input)
    {
        if (input.Length == 0)
            return false;
        var text = Encoding.UTF8.GetString(input, 1, input.Length - 1);
        Func<string, string> parse = (input[0] % 3) switch
        {
            0 => text => AbiFunction.Parse(text).Signature,
            1 => text => AbiEvent.Parse(text).Signature,
            _ => text => AbiError.Parse(text).Signature,
        };
        var signature = parse(text);
        Expect(parse(signature) == signature, "its canonical form reads as another");
        return true;
    }

    private static bool ReadAbiJson(byte[] input)
    {
        ContractAbi.Parse(Encoding.UTF8.GetString(input));
        return true;
    }

    private static bool ReadWords(byte[] input)
    {
        var text = Encoding.UTF8.GetString(input);
        if (UInt256.TryParse(text, out var number))
            Expect(UInt256.Parse(number.ToString()) == number, "a number is written as another");
        if (ChecksumAddress.TryParse(text, out var address))
            Expect(ChecksumAddress.TryParse(ChecksumAddress.Format(address), out _), "a checksum is wrong");
        if (Signature.TryParse(text, out var signature))
            Expect(Signature.TryParse(signature.ToHex(), out var again) && again == signature, "a signature changed");
        return Hex.TryParse(text, out _) || UInt256.TryParse(text, out _);
    }

    /// <summary>The first byte chooses the system.</summary>
    private static bool ReadOutsideAlert(byte[] input)
    {
        if (input.Length == 0)
            return false;
        var body = input.AsMemory(1);
        var told = (input[0] % 3) switch
        {
            0 => AlertmanagerAlert.Read(body),
            1 => PagerDutyEvent.Read(body),
            _ => OpsgenieAlert.Read(body),
        };
        Expect(told.Refusal is null == told.Alerts.Count > 0, "what is refused has alerts, or what is taken has none");
        Expect(told.Alerts.Count <= AlertmanagerAlert.AlertsMax, "more alerts than are taken");
        foreach (var alert in told.Alerts)
            Expect(!alert.Words.Any(char.IsControl) && alert.Key.Length <= ToldText.KeyMax, "a text is not clean");
        return told.Refusal is null;
    }

    private static void Expect(bool kept, string otherwise)
    {
        if (!kept)
            throw new PromiseException(otherwise);
    }
}
