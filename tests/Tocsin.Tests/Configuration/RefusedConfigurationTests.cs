using System.Text.RegularExpressions;
using Tocsin.Configuration;
using Tocsin.Plans;
using Tocsin.Texts;

namespace Tocsin.Tests.Configuration;

/// <summary>What would be found out in the night is refused at the start, and no secret is repeated.</summary>
public sealed class RefusedConfigurationTests : IDisposable
{
    private const string Feed = "feeds:\n  usd: { kind: http, asset: A, stale_after: 1m, price: $.p, url: ";

    private readonly ConfigurationFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Theory]
    [InlineData("heartbeats:\n  k: { every: 5m, token: 'file:/dev/zero' }", "no secret is there", "regular file")]
    [InlineData("heartbeats:\n  k: { every: 5m, token: \"file:\\0x\" }", "a control character", "one line without")]
    [InlineData("heartbeats:\n  k: { every: 5m, token: \"env:A\\nB\" }", "a line break", "one line without")]
    [InlineData("heartbeats:\n  k: { every: 5m, token: 'file:empty' }", "an empty file", "is empty")]
    [InlineData("heartbeats:\n  k: { every: 5m, token: 'file:.' }", "a folder", "leads to a folder")]
    [InlineData(Feed + "'file:/dev/zero' }", "a device as address", "regular file")]
    [InlineData(Feed + "'http://x', headers: { X-Key: 'file:/dev/zero' } }", "a device as header", "regular file")]
    [InlineData(Feed + "'http://x', headers: { User-Agent: \"a\\r\\nX: b\" } }", "two headers", "one line without")]
    [InlineData(Feed + "'http://x', headers: { User-Agent: größe } }", "no ASCII", "ASCII")]
    [InlineData(Feed + "\"http://x/\\0\" }", "a control character in an address", "one line without")]
    [InlineData("abis:\n  \"a\\0b\": { proxy: true }", "a control character in a name", "holds a control character")]
    [InlineData("abis:\n  m: '/dev/zero'", "a device as ABI", "is not an ABI")]
    [InlineData("abis:\n  m: \"a\\0b\"", "a control character in a path", "one line without")]
    public void What_no_secret_and_no_file_can_be_is_refused_with_its_line(string text, string what, string says)
    {
        folder.Write("empty", "");

        Assert.True(Refused(text).Contains(says, StringComparison.Ordinal), what);
    }

    [Theory]
    [InlineData("data: data", "data: \"a\\0b\"", 2)]
    [InlineData("plan: plan", "plan: \"a\\0b\"", 3)]
    [InlineData("listen: http://127.0.0.1:8080", "listen: \"http://127.0.0.1:8080/\\0\"", 1)]
    public void A_path_with_a_control_character_is_refused(string piece, string change, int line)
    {
        var message = RefusedWith(piece, change);

        Assert.Contains($"tocsin.yaml:{line}: error: ", message, StringComparison.Ordinal);
        Assert.Contains("without control characters", message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("listen: http://user:hunter2@127.0.0.1:8080")]
    [InlineData("listen: http://hunter2@127.0.0.1:8080")]
    [InlineData("listen: http://127.0.0.1:8080\npublic_url: https://user:hunter2@war.room")]
    public void A_password_in_an_address_that_everyone_sees_is_refused_and_not_shown(string change) => Assert.Contains(
        "holds no user and no password",
        RefusedWith("listen: http://127.0.0.1:8080", change),
        StringComparison.Ordinal);

    [Theory]
    [InlineData("channels: { a: { kind: hunter2, url: env:A } }", "one of discord, email, json-webhook")]
    [InlineData("channels: { a: { kind: json-webhook, url: env:A, secret: hunter2 } }", "by reference")]
    [InlineData("channels: { a: { kind: json-webhook, url: 'https://hunter2' } }", "by reference")]
    [InlineData("channels: { a: { 'https://hunter2': x, kind: json-webhook, url: env:A } }", "a name of 15 characters")]
    public void A_secret_under_the_wrong_key_is_not_repeated(string channels, string says) =>
        Assert.Contains(says, RefusedWith("channels: {}", channels), StringComparison.Ordinal);

    [Theory]
    [InlineData("feeds:\n  usd: { kind: hunter2, asset: A, stale_after: 1m }", "one of http, websocket, chainlink")]
    [InlineData("feeds:\n  usd: { kind: http, asset: A, stale_after: 1m, url: http://x, price: hunter2 }",
        "begins with $")]
    [InlineData("feeds:\n  'hunter2 hunter2': { kind: http, asset: A, stale_after: 1m }", "the name of a feed")]
    [InlineData("front_ends:\n  a: { url: 'https://x', content: hunter2 }", "one of scripts, whole, off")]
    [InlineData("abis:\n  m: hunter2", "there is no such file")]
    [InlineData("abis:\n  0xhunter2: { proxy: true }", "right checksum")]
    [InlineData("metrics: hunter2", "one of on, off")]
    [InlineData("inputs: { keep: hunter2 }", "a duration from 1h")]
    [InlineData("chain:\n  id: hunter2\n  rpc: env:A", "a whole number")]
    [InlineData("chain:\n  id: 1\n  rpc: hunter2", "begins with http://")]
    [InlineData("chain:\n  id: 1\n  rpc: env:A\n  finality: hunter2", "one of safe, finalized")]
    public void A_wrong_value_is_not_repeated(string text, string says) =>
        Assert.Contains(says, Refused(text), StringComparison.Ordinal);

    [Theory]
    [InlineData("18446744073709551615", false)]
    [InlineData("1000000000001", false)]
    [InlineData("1000000000000", true)]
    [InlineData("0", true)]
    [InlineData("latest", true)]
    public void The_first_block_is_one_that_a_chain_can_have(string block, bool isPlausible)
    {
        var text = $"chain:\n  id: 1\n  rpc: env:A\n  start_at: {block}\n";

        if (isPlausible)
            folder.Load(text);
        else
            Assert.Contains("a whole number up to 1000000000000", Refused(text), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("every: 10min, unreachable_after: 10min", 0)]
    [InlineData("every: 10min, unreachable_after: 1min", 0)]
    [InlineData("every: 10min, unreachable_after: 11min", 11)]
    [InlineData("every: 1h", 120)]
    [InlineData("every: 1min", 10)]
    public void A_page_is_not_called_unreachable_between_two_looks(string times, int minutes)
    {
        var text = $"front_ends:\n  app: {{ url: 'https://app.finance', {times} }}\n";

        if (minutes == 0)
            Assert.Contains("must be longer than 'every'", Refused(text), StringComparison.Ordinal);
        else
            Assert.Equal(TimeSpan.FromMinutes(minutes), folder.Load(text).FrontEnds[0].UnreachableAfter);
    }

    [Theory]
    [InlineData("http", "http://x")]
    [InlineData("websocket", "ws://x")]
    public void A_feed_is_not_stale_between_two_prices(string kind, string url) => Assert.Contains(
        "'every' must be shorter than 'stale_after'",
        Refused($"feeds:\n  f: {{ kind: {kind}, asset: A, url: '{url}', price: $.p, every: 1m, stale_after: 1m }}"),
        StringComparison.Ordinal);

    [Theory]
    [InlineData("http://127.0.0.1:8545", "http://localhost:8545")]
    [InlineData("http://127.0.0.1:8545", "http://[::1]:8545/")]
    [InlineData("http://127.0.0.1:8545", "http://0.0.0.0:8545")]
    [InlineData("http://127.0.0.1:8545", "http://127.0.0.2:8545")]
    [InlineData("http://localhost:8545", "http://[::ffff:127.0.0.1]:8545")]
    [InlineData("http://localhost", "http://LOCALHOST.:80")]
    [InlineData("https://node.finance/key", "https://NODE.finance:443/key/")]
    public void One_node_under_two_names_is_refused(string one, string other) =>
        Assert.Contains("a and b are the same node", Refused(Nodes(one, other)), StringComparison.Ordinal);

    [Theory]
    [InlineData("http://127.0.0.1:8545", "http://localhost:8546", true)]
    [InlineData("https://node.finance/a", "https://node.finance/b", true)]
    [InlineData("https://node.finance", "https://other.finance", false)]
    [InlineData("env:A", "env:B", false)]
    public void Two_nodes_of_one_machine_are_warned_about(string one, string other, bool isWarned)
    {
        var warnings = ReadWarnings(Nodes(one, other));

        Assert.Equal(isWarned ? ["a and b are on the same machine, which is not two witnesses"] : [], warnings);
    }

    [Theory]
    [InlineData("https://app.example.com", true)]
    [InlineData("https://prices.example", true)]
    [InlineData("https://example.org", true)]
    [InlineData("https://app.invalid", true)]
    [InlineData("https://myexample.com", false)]
    [InlineData("https://app.finance", false)]
    public void An_address_of_an_example_is_warned_about(string url, bool isWarned) => Assert.Equal(
        isWarned ? ["this host is reserved for examples: put the real one in"] : [],
        ReadWarnings($"front_ends: {{ app: {{ url: '{url}' }} }}"));

    [Fact]
    public void A_start_is_refused_for_every_reference_that_cannot_be_used_at_once()
    {
        folder.Write("key", "hunter2\r\nX-Other: hunter2");
        folder.Write("url", "ftp://hunter2.finance");
        folder.Write("node", "http://127.0.0.1:8545");
        folder.Write("again", "http://localhost:8545/");
        var configuration = folder.Load("""
            chain:
              id: 1
              nodes:
                a: { rpc: file:node, ws: file:url }
                b: { rpc: file:again }
            feeds:
              usd:
                { kind: http, asset: A, stale_after: 1m, price: $.p, url: https://x.finance,
                  headers: { X-Key: file:key } }
            heartbeats:
              keeper: { every: 5m, token: file:not-there }
            """);

        var message = Assert.Throws<InputException>(() => References.Check(configuration)).Message;

        Assert.Equal(4, message.Split(Environment.NewLine).Length);
        Assert.Contains("a and b are the same node", message, StringComparison.Ordinal);
        Assert.Contains("'file:url' does not hold an address that begins", message, StringComparison.Ordinal);
        Assert.Matches(@"tocsin\.yaml:\d+: error: the secret 'file:key' holds a line break", message);
        Assert.Contains("'file:not-there' cannot be read: there is no such file", message, StringComparison.Ordinal);
        Assert.DoesNotContain("hunter2", message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_channel_that_its_provider_would_refuse_is_told_by_its_line_at_the_start()
    {
        folder.Write("token", "12345:hunter2");
        folder.Write("plain", "http://chat.example/hunter2");
        var text = ConfigurationFolder.Least.Replace(
            "channels: {}",
            """
            channels:
              night: { kind: telegram-bot, token: file:token, chat: everybody }
              war-room: { kind: slack-webhook, url: file:plain }
              ada-phone: { kind: telegram-bot, token: env:TOCSIN_NO_SUCH_VARIABLE, chat: everybody }
            """,
            StringComparison.Ordinal);
        folder.Write(TocsinConfiguration.FileName, text + ConfigurationFolder.Chain);

        var faults = References.Faults(TocsinConfiguration.Load(folder.Path))
            .Select(fault => fault.ToString()).ToList();

        Assert.Contains(
            faults,
            fault => fault.Contains(
                "tocsin.yaml:5: error: channel 'night' cannot be used: 'chat' is neither", StringComparison.Ordinal));
        Assert.Contains(
            faults,
            fault => fault.Contains(
                "tocsin.yaml:6: error: channel 'war-room': what goes to chat.example would go over the network",
                StringComparison.Ordinal));
        Assert.Contains(
            faults,
            fault => fault.Contains(
                "tocsin.yaml:7: error: channel 'ada-phone': the environment variable TOCSIN_NO_SUCH_VARIABLE is not",
                StringComparison.Ordinal));
        Assert.DoesNotContain(faults, fault => fault.Contains("hunter2", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("http://127.0.0.1:9/hunter2", "", null)]
    [InlineData("http://localhost:9/hunter2", "", null)]
    [InlineData("https://chat.finance/hunter2", "", null)]
    [InlineData("http://chat.finance/hunter2", "", "use https, or name the host under 'private_networks'")]
    [InlineData("http://Chat.finance/hunter2", "chat.finance", null)]
    [InlineData("http://10.1.2.3/hunter2", "10.1.0.0/16", null)]
    [InlineData("http://10.1.2.3/hunter2", "chat.finance", "10.1.2.3 is in a private network")]
    [InlineData("https://10.1.2.3/hunter2", "", "10.1.2.3 is in a private network")]
    public void What_could_be_read_on_its_way_and_what_leads_among_neighbours_is_meant(
        string address, string networks, string? says)
    {
        folder.Write("address", address);
        foreach (var (kind, field) in new[] { ("slack-webhook", "url"), ("ntfy, topic: file:topic", "api") })
        {
            folder.Write("topic", "hunter2hunter2hunter2");
            var text = ConfigurationFolder.Least.Replace(
                "channels: {}", $"channels:\n  night: {{ kind: {kind}, {field}: file:address }}",
                StringComparison.Ordinal);
            folder.Write(
                TocsinConfiguration.FileName, $"{text}{ConfigurationFolder.Chain}private_networks: [{networks}]\n");

            var faults = References.Faults(TocsinConfiguration.Load(folder.Path));

            Assert.Equal(says is null ? 0 : 1, faults.Count);
            Assert.All(faults, fault => Assert.True(fault.IsCertain));
            Assert.All(faults, fault => Assert.Matches(@"tocsin\.yaml:5: error: channel 'night': ", fault.ToString()));
            Assert.All(faults, fault => Assert.Contains(says!, fault.Words, StringComparison.Ordinal));
            Assert.DoesNotContain(faults, fault => fault.Words.Contains("hunter2", StringComparison.Ordinal));
        }
    }

    [Fact]
    public void A_variable_that_several_channels_name_is_told_once_and_is_no_certain_fault()
    {
        var text = ConfigurationFolder.Least.Replace(
            "channels: {}",
            """
            channels:
              ada: { kind: slack-webhook, url: env:TOCSIN_NO_SUCH_VARIABLE }
              ben: { kind: slack-webhook, url: env:TOCSIN_NO_SUCH_VARIABLE }
              cleo: { kind: slack-webhook, url: file:not-there }
            """,
            StringComparison.Ordinal);
        folder.Write(TocsinConfiguration.FileName, text + ConfigurationFolder.Chain);

        var faults = References.Faults(TocsinConfiguration.Load(folder.Path));

        Assert.Equal(["TOCSIN_NO_SUCH_VARIABLE", null], faults.Select(fault => fault.Variable));
        Assert.StartsWith("channel 'ada': the environment variable", faults[0].Words, StringComparison.Ordinal);
        Assert.StartsWith("channel 'cleo': the secret 'file:not-there'", faults[1].Words, StringComparison.Ordinal);
        Assert.DoesNotContain(faults, fault => fault.IsCertain);
    }

    private static string Nodes(string one, string other) =>
        $"chain:\n  id: 1\n  nodes:\n    a: {{ rpc: '{one}' }}\n    b: {{ rpc: '{other}' }}\n";

    private List<string> ReadWarnings(string text)
    {
        folder.Load(text);
        var read = TocsinConfiguration.Read(folder.Path);
        Assert.All(read.Complaints, complaint => Assert.Equal(ComplaintLevel.Warning, complaint.Level));
        return [.. read.Complaints.Select(complaint => complaint.Message)];
    }

    private string Refused(string text) => Told(() => folder.Load(text));

    private string RefusedWith(string piece, string change) => Told(() =>
    {
        var text = ConfigurationFolder.Least + ConfigurationFolder.Chain;
        Assert.Contains(piece, text, StringComparison.Ordinal);
        folder.Write(TocsinConfiguration.FileName, text.Replace(piece, change, StringComparison.Ordinal));
        TocsinConfiguration.Load(folder.Path);
    });

    private static string Told(Action load)
    {
        var message = Assert.Throws<InputException>(load).Message;
        Assert.DoesNotContain("hunter2", message, StringComparison.Ordinal);
        Assert.All(message.Split(Environment.NewLine), line => Assert.Matches(
            $@"{Regex.Escape(TocsinConfiguration.FileName)}:\d+: error: ", line));
        return message;
    }
}
