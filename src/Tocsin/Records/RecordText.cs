using System.Text.Json;
using System.Text.Json.Nodes;
using Tocsin.Recording;
using Tocsin.Reports;

namespace Tocsin.Records;

/// <summary>The record of an incident as JSON: the same record gives the same characters.</summary>
internal static class RecordText
{
    private static readonly JsonSerializerOptions Lines = new(EventJson.Printed)
    {
        WriteIndented = true,
        NewLine = "\n",
    };

    /// <param name="kept">Kind and payload of each event of the timeline, as the log has them.</param>
    public static JsonNode Node(IncidentRecord record, IEnumerable<(string Kind, string Payload)> kept)
    {
        var node = JsonSerializer.SerializeToNode(record, EventJson.Printed)!;
        foreach (var (line, one) in node["timeline"]!.AsArray().Zip(kept))
        {
            line!["kind"] = one.Kind;
            line["event"] = JsonNode.Parse(one.Payload);
        }
        return node;
    }

    /// <summary>For a file that people read too.</summary>
    public static string Write(JsonNode node) => node.ToJsonString(Lines) + "\n";
}
