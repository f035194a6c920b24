using System.Buffers;
using System.Text.Encodings.Web;
using System.Text.Json;
using Tocsin.Chains;
using Tocsin.Findings;

namespace Tocsin.Replay;

/// <summary>
/// A revision of a finding as a line of JSON, the same bytes for the same revision. Times are UTC and end in Z, numbers
/// have no zeros at their end, addresses and hashes are lower case.
/// </summary>
internal static class FindingJson
{
    private static readonly JsonWriterOptions Plain =
        new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping, NewLine = "\n" };

    /// <summary>
    /// <c>{"id","revision","status","time","chain","block","transaction","threat","severity","confidence","subject",
    /// "addresses":[],"impactUsd","indicators":[],"detector","reason"}</c> without a line feed. The block is that of
    /// the revision, by number; the transaction is the newest of the evidence, null where there is none; indicators are
    /// named once each, in the order in which they were seen.
    /// </summary>
    public static ReadOnlyMemory<byte> Write(Finding finding)
    {
        var bytes = new ArrayBufferWriter<byte>(1024);
        using var writer = new Utf8JsonWriter(bytes, Plain);
        writer.WriteStartObject();
        writer.WriteString("id", finding.Id.Value);
        writer.WriteNumber("revision", finding.Revision);
        writer.WriteString("status", Kebab(finding.Status.ToString()));
        writer.WriteString("time", finding.Time.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss.FFFFFFF'Z'"));
        writer.WriteNumber("chain", finding.Chain.Value);
        WriteBlock(writer, finding.Block);
        if (finding.Transactions.Count > 0)
            writer.WriteString("transaction", finding.Transactions[^1].ToString());
        else
            writer.WriteNull("transaction");
        writer.WriteString("threat", finding.Threat.ToName());
        writer.WriteNumber("severity", (int)finding.Severity);
        WriteNumber(writer, "confidence", finding.Confidence, "0.####");
        writer.WriteString("subject", finding.Subject);
        WriteList(writer, "addresses", finding.Addresses.Select(address => address.ToString()));
        WriteNumber(writer, "impactUsd", finding.ImpactUsd, "0.##");
        WriteList(writer, "indicators", finding.Indicators.Select(indicator => indicator.Name).Distinct());
        writer.WriteString("detector", finding.Detector);
        writer.WriteString("reason", finding.Reason);
        writer.WriteEndObject();
        writer.Flush();
        return bytes.WrittenMemory;
    }

    private static void WriteBlock(Utf8JsonWriter writer, BlockRef? block)
    {
        if (block is { Number: var number })
            writer.WriteNumber("block", number);
        else
            writer.WriteNull("block");
    }

    private static void WriteNumber(Utf8JsonWriter writer, string name, decimal value, string format)
    {
        writer.WritePropertyName(name);
        writer.WriteRawValue(value.ToString(format));
    }

    private static void WriteList(Utf8JsonWriter writer, string name, IEnumerable<string> items)
    {
        writer.WriteStartArray(name);
        foreach (var item in items)
            writer.WriteStringValue(item);
        writer.WriteEndArray();
    }

    private static string Kebab(string name) => JsonNamingPolicy.KebabCaseLower.ConvertName(name);
}
