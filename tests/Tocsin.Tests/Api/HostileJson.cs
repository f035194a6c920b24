using System.Globalization;
using System.IO.Compression;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Tocsin.Plans;

namespace Tocsin.Tests.Api;

/// <summary>Bodies that no route of the API may take: none names a person of the plan and is right as well.</summary>
internal static class HostileJson
{
    private const int DeepestNesting = 80;
    private const int LongText = 4_000;
    private const int MoreThanIsRead = 300_000;

    private static readonly string[] Texts =
    [
        "\"\"", "\"zoe\"", "\"Ada Commander\"", "\"\\u0000\"", "\"\\ud800\"", "\"\\udc00\\ud800\"", "\"\\u202e\"",
        "\"'; drop table log; --\"", "\"<script>alert(1)</script>\"", "\"INC-2\"", "\"0x\"", "\"😱\"",
        "\"\\x\"", "\"",
        $"\"{new string('x', LongText)}\"", $"\"0x{new string('f', LongText)}\"", "\"a\nb\"",
    ];

    private static readonly string[] Plain =
    [
        "null", "true", "false", "0", "-1", "1", "99", "2147483648", "18446744073709551616", "1e400", "-0.0", "01",
        "NaN", "nul", "", "1.5", "/* c */ 1",
    ];

    private static readonly string[] WrongValues =
        ["{}", "[]", "[[]]", "{\"a\":{}}", "1.5", "\"\\ud800\"", Nested(DeepestNesting)];

    private static readonly string[] Instants =
    [
        "0001-01-01T00:00:00+14:00", "0001-01-01T00:00:00Z", "9999-12-31T23:59:59.9999999Z",
        "9999-12-31T23:59:59.9999999-14:00", "2026-02-30T00:00:00Z", "2026-03-10",
    ];

    private static readonly string[] Names =
    [
        "by", "person", "By", "BY", "error", "", "$type", "__proto__", "\\u0062y", "typedData", "signature", "id",
        "\\ud800",
    ];

    /// <summary>JSON, or nearly, of any shape; now and then with the names that the type has.</summary>
    public static string Any(Random random, Type type)
    {
        var names = Names.Concat(FieldsOf(type)).ToList();
        var text = new StringBuilder();
        if (random.Next(4) == 0)
            Value(text, random, names, 0);
        else
            Record(text, random, names, 0);
        return random.Next(12) == 0 ? text.ToString(0, random.Next(text.Length + 1)) : text.ToString();
    }

    /// <summary>What the route would take.</summary>
    public static JsonObject Right(Type type) => new(FieldsOf(type).Select(name =>
        new KeyValuePair<string, JsonNode?>(name, RightValue(type, name))));

    /// <summary>What the route would take, with one field wrong.</summary>
    public static IEnumerable<string> NearlyRight(Type type)
    {
        yield return With(type, "moreover", "1");
        foreach (var name in FieldsOf(type))
        {
            foreach (var wrong in WrongValues)
            {
                // Typed data may be any JSON; a signature that is none of its is refused as well.
                if (name != "typedData" || wrong == Nested(DeepestNesting))
                    yield return With(type, name, wrong);
            }
            if (RightValue(type, name)!.GetValueKind() == JsonValueKind.String)
                yield return With(type, name, $"\"{new string('x', LongText)}\"");
        }
        foreach (var instant in FieldsOf(type).Contains("next") ? Instants : [])
            yield return With(type, "next", $"\"{instant}\"");
        foreach (var name in new[] { "by", "person" }.Intersect(FieldsOf(type)).Take(1))
        {
            var without = Right(type);
            without.Remove(name);
            yield return without.ToJsonString();
            yield return With(type, name, "null");
            yield return With(type, name, "\"zoe\"");
            // The last of two counts; it is that of a stranger.
            yield return $"{Right(type).ToJsonString()[..^1]},\"{name}\":\"zoe\"}}";
        }
    }

    /// <summary>The right text, but not as JSON in UTF-8 of a size that is read; null for no type.</summary>
    public static IEnumerable<(byte[] Bytes, string? Type)> WronglySent(string right)
    {
        const string json = "application/json";
        var bytes = Encoding.UTF8.GetBytes(right);
        string?[] types =
        [
            null, "", "text/plain", "application/x-www-form-urlencoded", "multipart/form-data; boundary=x", "text/json",
            "application", "application/json/json", "application/jsonp", "*/*",
        ];
        foreach (var type in types)
            yield return (bytes, type);
        yield return ([], json);
        yield return ([0xff, 0xfe, .. Encoding.Unicode.GetBytes(right)], json);
        yield return (Encoding.Unicode.GetBytes(right), "application/json; charset=utf-16");
        yield return ([.. bytes[..^2], 0xc3, 0x28, .. bytes[^2..]], json);
        yield return ([.. bytes[..^2], 0xed, 0xa0, 0x80, .. bytes[^2..]], json);
        yield return ([.. bytes, .. bytes], json);
        yield return ([.. bytes, 0x00], json);
        yield return (Zipped(bytes), json);
        yield return (Encoding.UTF8.GetBytes(Nested(100_000)), json);
        yield return ([.. bytes[..^1], .. Enumerable.Repeat((byte)' ', MoreThanIsRead), .. bytes[^1..]], json);
    }

    private static IEnumerable<string> FieldsOf(Type type) => type.GetConstructors()
        .MaxBy(constructor => constructor.GetParameters().Length)!.GetParameters()
        .Select(parameter => JsonNamingPolicy.CamelCase.ConvertName(parameter.Name!));

    private static JsonNode? RightValue(Type type, string name) => name switch
    {
        "by" or "person" => "ada",
        "base" => "0x" + new string('1', 64),
        "files" => new JsonArray(new JsonObject { ["name"] = "plan.yaml", ["text"] = "name: Another" }),
        "accept" => true,
        "name" => "vault-2",
        "from" or "to" when type == typeof(SubmittedOperation) => "2026-03-10T04:00:00Z",
        "account" or "target" => "0x00000000000000000000000000000000000000a1",
        "calldata" => new JsonArray("0x" + new string('1', 64)),
        "severity" => 2,
        "exercise" or "acknowledged" or "evenIfUnfillable" or "anyway" => true,
        "minutes" => 60,
        "channel" => "war-room",
        "typedData" => new JsonObject(),
        "onBackup" => true,
        "next" => "2026-03-10T02:30:00Z",
        "communication" => "users",
        "address" or "from" or "to" => "0x000000000000000000000000000000000000bad1",
        "transaction" => "0x" + new string('9', 64),
        "units" => "5.5",
        "kind" => "taken",
        "recovery" => "open",
        "status" => "attacker",
        "chain" => 1,
        "phase" => "eradicated",
        "findings" => new JsonArray("attack"),
        "issue" => "flash-loan",
        "role" => "commander",
        "rule" => "close-the-shop",
        "of" => "ben",
        "step" => "look",
        "into" => "INC-2",
        "answer" => "informed",
        "action" => "pause-all",
        "signature" => "0x" + new string('1', 130),
        _ => "because",
    };

    private static string With(Type type, string name, string value)
    {
        var fields = Right(type).Where(field => field.Key != name)
            .Select(field => $"\"{field.Key}\":{field.Value!.ToJsonString()}")
            .Append($"\"{name}\":{value}");
        return $"{{{string.Join(',', fields)}}}";
    }

    private static void Value(StringBuilder text, Random random, List<string> names, int depth)
    {
        switch (random.Next(depth > 6 ? 3 : 6))
        {
            case 0:
                text.Append(Plain[random.Next(Plain.Length)]);
                break;
            case 1 or 2:
                text.Append(Texts[random.Next(Texts.Length)]);
                break;
            case 3:
                text.Append('[');
                for (var i = random.Next(4); i > 0; i--)
                {
                    Value(text, random, names, depth + 1);
                    text.Append(i > 1 ? "," : "");
                }
                text.Append(']');
                break;
            case 4 when random.Next(4) == 0:
                text.Append(Nested(random.Next(DeepestNesting)));
                break;
            default:
                Record(text, random, names, depth + 1);
                break;
        }
    }

    private static void Record(StringBuilder text, Random random, List<string> names, int depth)
    {
        text.Append('{');
        for (var i = random.Next(7); i > 0; i--)
        {
            text.Append(CultureInfo.InvariantCulture, $"\"{names[random.Next(names.Count)]}\":");
            Value(text, random, names, depth + 1);
            text.Append(i > 1 ? "," : "");
        }
        text.Append('}');
    }

    private static string Nested(int depth) => new string('[', depth) + new string(']', depth);

    private static byte[] Zipped(byte[] bytes)
    {
        using var zipped = new MemoryStream();
        using (var gzip = new GZipStream(zipped, CompressionLevel.Fastest))
            gzip.Write(bytes);
        return zipped.ToArray();
    }
}
