using System.Runtime.CompilerServices;
using System.Text.Json;
using Tocsin.Chains;
using Tocsin.Incidents;
using Tocsin.Recording;
using static Tocsin.Tests.Incidents.Story;

namespace Tocsin.Tests.Recording;

public sealed class EventJsonTests
{
    private static readonly Dictionary<string, JsonElement> Stored = Samples();

    public static TheoryData<string> StoredKinds => [.. Stored.Keys];

    [Theory]
    [MemberData(nameof(StoredKinds))]
    public void What_was_ever_written_is_read(string kind)
    {
        var happened = EventJson.Read(kind, Stored[kind].GetRawText());

        Assert.Equal(JsonSerializer.Serialize(Stored[kind]),
            JsonSerializer.Serialize(JsonDocument.Parse(EventJson.Write(happened)).RootElement));
    }

    [Fact]
    public void A_refusal_of_before_it_was_kept_who_refused_is_read()
    {
        var old = EventJson.Read(
            "signing-refused.1", $$"""{"decision":"{{Hash(0xd0)}}","call":0,"reason":"no","incident":"INC-1"}""");

        Assert.Null(Assert.IsType<IncidentEvent.SigningRefused>(old).By);
    }

    [Fact]
    public void Every_kind_has_its_stored_sample() =>
        Assert.Equal(Whole.Select(step => EventJson.Kind(step.Event)).Distinct().Order(), Stored.Keys.Order());

    [Theory]
    [InlineData("note-added.2")]
    [InlineData("note-added")]
    [InlineData("Note-Added.1")]
    [InlineData("")]
    public void A_kind_that_is_not_known_is_an_error(string kind) =>
        Assert.Contains("use a newer one", Assert.Throws<InvalidOperationException>(() => EventJson.Read(kind, "{}"))
            .Message, StringComparison.Ordinal);

    [Theory]
    [InlineData("""{"incident":"INC-1","person":"ada","text":"x","more":1}""")]
    [InlineData("""{"incident":"INC-0","person":"ada","text":"x"}""")]
    [InlineData("""{"incident":1,"person":"ada","text":"x"}""")]
    [InlineData("""{"incident":null,"person":"ada","text":"x"}""")]
    [InlineData("""{"incident":"INC-1","person":null,"text":"x"}""")]
    [InlineData("""{"incident":"INC-1","person":"ada","text":"x"} {}""")]
    [InlineData("""{"incident":"INC-1" """)]
    [InlineData("")]
    public void A_text_that_is_not_the_event_is_an_error(string payload) =>
        Assert.Throws<JsonException>(() => EventJson.Read("note-added.1", payload));

    [Theory]
    [InlineData("\"0x12\"", typeof(Hash32))]
    [InlineData("12", typeof(Address))]
    [InlineData("null", typeof(UInt256))]
    [InlineData("\"-1\"", typeof(UInt256))]
    [InlineData("\"abc\"", typeof(ValueList<byte>))]
    [InlineData("-1", typeof(ChainId))]
    [InlineData("{}", typeof(ValueList<string>))]
    public void A_value_of_another_shape_is_an_error(string json, Type type) =>
        Assert.Throws<JsonException>(() => JsonSerializer.Deserialize(json, type, EventJson.Options));

    [Fact]
    public void Hostile_text_survives()
    {
        var note = new IncidentEvent.NoteAdded(First, "</script>\u2028\0\"'", "😀\r\n\t\\");

        Assert.Equal(note, EventJson.Read("note-added.1", EventJson.Write(note)));
        Assert.DoesNotContain('\0', EventJson.Write(note));
    }

    private static Dictionary<string, JsonElement> Samples([CallerFilePath] string test = "")
    {
        var file = Path.Combine(Path.GetDirectoryName(test)!, "events.1.json");
        return JsonSerializer.Deserialize<Dictionary<string, JsonElement>>(File.ReadAllText(file))!;
    }
}
