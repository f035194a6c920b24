using System.Text.Json;
using Tocsin.Chains;
using Tocsin.Evm.Blocks;
using Tocsin.Evm.Inputs;

namespace Tocsin.Chain.Senses;

/// <summary>
/// Reads the nested frames of a call tracer into a flat list, each before those below it, without recursion. Unknown
/// fields are passed over; a field given twice is refused, because two readers could differ about which one holds.
/// </summary>
internal sealed class FrameReader(TraceOptions options)
{
    private readonly Stack<TracedFrame> open = [];
    private int frameCount;
    private int logCount;

    /// <summary>The frame at whose opening brace the reader stands, and all below; it is left at the end.</summary>
    /// <exception cref="RpcFormatException">Malformed, or beyond the limits.</exception>
    /// <exception cref="JsonException">Not JSON.</exception>
    public List<TracedFrame> Read(ref Utf8JsonReader reader)
    {
        var frames = new List<TracedFrame>();
        open.Clear();
        Begin(ref reader, frames);
        // Between the calls of the innermost open frame, rather than between its fields.
        var inCalls = false;
        while (open.TryPeek(out var frame) && reader.Read())
        {
            switch (reader.TokenType)
            {
                case JsonTokenType.EndObject:
                    frame.Check();
                    open.Pop();
                    inCalls = true;
                    break;
                case JsonTokenType.EndArray:
                    inCalls = false;
                    break;
                case JsonTokenType.PropertyName when !inCalls:
                    inCalls = ReadField(ref reader, frame);
                    break;
                default:
                    Begin(ref reader, frames);
                    inCalls = false;
                    break;
            }
        }
        return frames;
    }

    private void Begin(ref Utf8JsonReader reader, List<TracedFrame> frames)
    {
        if (reader.TokenType != JsonTokenType.StartObject)
            throw RpcJson.Garbage($"a call is a JSON {reader.TokenType} instead of an object");
        if (open.Count > options.MaximumCallDepth)
            throw TooMany("with calls nested more deeply than", options.MaximumCallDepth);
        if (++frameCount > options.MaximumItems)
            throw TooMany("with more calls than", options.MaximumItems);
        var frame = new TracedFrame(open.Count);
        open.Push(frame);
        frames.Add(frame);
    }

    // True where the field is an array of calls that now lies open.
    private bool ReadField(ref Utf8JsonReader reader, TracedFrame frame)
    {
        var field = TracedFrame.Field(ref reader);
        frame.See(field);
        reader.Read();
        switch (field)
        {
            case FrameField.Unknown:
                reader.Skip();
                return false;
            case FrameField.Calls when reader.TokenType == JsonTokenType.StartArray:
                return true;
            case FrameField.Logs when reader.TokenType == JsonTokenType.StartArray:
                while (reader.Read() && reader.TokenType != JsonTokenType.EndArray)
                {
                    if (++logCount > options.MaximumItems)
                        throw TooMany("with more logs than", options.MaximumItems);
                    frame.Logs.Add(TracedLog.Read(ref reader));
                }
                return false;
            default:
                // A null is what some tracers write where others leave the field out.
                if (reader.TokenType != JsonTokenType.Null)
                    frame.Take(field, ref reader);
                return false;
        }
    }

    private static RpcFormatException TooMany(string what, int limit) =>
        new(NodeFault.TooLarge, $"{what} {limit}");
}

[Flags]
internal enum FrameField
{
    Unknown = 0,
    Type = 1,
    From = 2,
    To = 4,
    Value = 8,
    Input = 16,
    Output = 32,
    Error = 64,
    RevertReason = 128,
    Calls = 256,
    Logs = 512,
}

/// <summary>A frame while it is read.</summary>
internal sealed class TracedFrame(int depth)
{
    private FrameField seen;
    private CallKind kind;
    private Address from;
    private UInt256 valueWei;
    private byte[] input = [];
    private byte[] output = [];
    private string? error;
    private string? revertReason;

    public int Depth => depth;

    public Address From => from;

    public Address? To { get; private set; }

    public bool Failed => error is not null || revertReason is not null;

    public List<TracedLog> Logs { get; } = [];

    public static FrameField Field(ref Utf8JsonReader reader) =>
        reader.ValueTextEquals("type"u8) ? FrameField.Type
        : reader.ValueTextEquals("from"u8) ? FrameField.From
        : reader.ValueTextEquals("to"u8) ? FrameField.To
        : reader.ValueTextEquals("value"u8) ? FrameField.Value
        : reader.ValueTextEquals("input"u8) ? FrameField.Input
        : reader.ValueTextEquals("output"u8) ? FrameField.Output
        : reader.ValueTextEquals("error"u8) ? FrameField.Error
        : reader.ValueTextEquals("revertReason"u8) ? FrameField.RevertReason
        : reader.ValueTextEquals("calls"u8) ? FrameField.Calls
        : reader.ValueTextEquals("logs"u8) ? FrameField.Logs
        : FrameField.Unknown;

    public void See(FrameField field)
    {
        if ((seen & field) != 0)
            throw RpcJson.Garbage($"a call has '{field}' twice");
        seen |= field;
    }

    public void Take(FrameField field, ref Utf8JsonReader reader)
    {
        switch (field)
        {
            case FrameField.Type: kind = Kind(ref reader); break;
            case FrameField.From: from = JsonToken.Address(ref reader, "from"); break;
            case FrameField.To: To = JsonToken.Address(ref reader, "to"); break;
            case FrameField.Value: valueWei = JsonToken.Quantity(ref reader, "value"); break;
            case FrameField.Input: input = JsonToken.Bytes(ref reader, "input"); break;
            case FrameField.Output: output = JsonToken.Bytes(ref reader, "output"); break;
            case FrameField.Error: error = JsonToken.Words(ref reader, "error"); break;
            case FrameField.RevertReason: revertReason = JsonToken.Words(ref reader, "revertReason"); break;
            default: throw RpcJson.Garbage($"'{field}' of a call is not an array");
        }
    }

    public void Check()
    {
        if ((seen & (FrameField.Type | FrameField.From)) != (FrameField.Type | FrameField.From))
            throw RpcJson.Garbage("a call has no 'type' or no 'from'");
        // A creation that failed has none, and so has a destruction with some tracers.
        if (To is null && kind is not (CallKind.Create or CallKind.Create2 or CallKind.SelfDestruct))
            throw RpcJson.Garbage("a call has no 'to'");
    }

    public CallFrame ToFrame(ReadOnlyMemory<Log> logs)
    {
        var why = (error, revertReason) switch
        {
            (null, null) => null,
            (null, var reason) => reason,
            (var words, null) => words,
            var (words, reason) => $"{words}: {reason}",
        };
        return new CallFrame(depth, kind, from, To, valueWei, input, output, why, logs);
    }

    private static CallKind Kind(ref Utf8JsonReader reader) =>
        reader.TokenType != JsonTokenType.String ? throw RpcJson.Garbage("'type' of a call is not text")
        : reader.ValueTextEquals("CALL"u8) ? CallKind.Call
        : reader.ValueTextEquals("STATICCALL"u8) ? CallKind.StaticCall
        : reader.ValueTextEquals("DELEGATECALL"u8) ? CallKind.DelegateCall
        : reader.ValueTextEquals("CALLCODE"u8) ? CallKind.CallCode
        : reader.ValueTextEquals("CREATE"u8) ? CallKind.Create
        : reader.ValueTextEquals("CREATE2"u8) ? CallKind.Create2
        : reader.ValueTextEquals("SELFDESTRUCT"u8) ? CallKind.SelfDestruct
        : throw RpcJson.Garbage($"'type' of a call is '{JsonToken.Words(ref reader, "type")}'");
}
