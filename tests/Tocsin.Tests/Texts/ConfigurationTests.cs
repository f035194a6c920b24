using Tocsin.Configuration;
using Tocsin.Signing;
using Tocsin.Texts;

namespace Tocsin.Tests.Texts;

public sealed class ConfigurationTests : IDisposable
{
    private const string Good = """
        listen: http://127.0.0.1:8080
        data: data
        plan: plan
        chain:
          id: 31337
          rpc: http://127.0.0.1:8545
        signer:
          socket: signer.sock
          account: "0x00000000000000000000000000000000000000aa"
        channels:
          war-room:
            kind: slack-webhook
            url: env:SLACK_URL
          pager:
            kind: json-webhook
            url: http://127.0.0.1:9/hook
            secret: file:pager.key
        """;

    private const string GoodPolicy = """
        key: file:key
        journal: journal
        socket: signer.sock
        exercise: false
        allowed:
          - chain: 31337
            target: "0x00000000000000000000000000000000000000c0"
            function: pause(bytes32 module,uint64 durationSeconds)
            first_argument: [market, vault]
            bounds:
              durationSeconds:
                at_least: 3600
                at_most: 604800
            required:
              - ["0x00000000000000000000000000000000000000a1", "0x00000000000000000000000000000000000000a2"]
            additional:
              - of: ["0x00000000000000000000000000000000000000a3"]
                at_least: 1
        """;

    private readonly DirectoryInfo folder = Directory.CreateTempSubdirectory("tocsin-configuration-");

    public void Dispose() => folder.Delete(recursive: true);

    [Fact]
    public void A_configuration_is_read_with_its_defaults()
    {
        var configuration = Load(Good);

        Assert.Equal(new Uri("http://127.0.0.1:8080"), configuration.PublicUrl);
        Assert.Equal(Path.Combine(folder.FullName, "data"), configuration.DataDirectory);
        Assert.Equal(TimeSpan.FromSeconds(2), configuration.Chain.PollEvery);
        Assert.Equal(12, configuration.Chain.Confirmations);
        Assert.Equal(["war-room", "pager"], configuration.Channels.Select(channel => channel.Name));
        Assert.False(configuration.Exercise);
    }

    [Theory]
    [InlineData("listen: http://127.0.0.1:8080", "listen: http://0.0.0.0:8080", 1, "must be on this machine")]
    [InlineData("listen: http://127.0.0.1:8080", "listen: https://127.0.0.1:8080", 1, "begins with http://")]
    [InlineData("listen: http://127.0.0.1:8080", "liston: http://127.0.0.1:8080", 1, "did you mean 'listen'?")]
    [InlineData("rpc: http://127.0.0.1:8545", "rpc: ws://127.0.0.1:8545", 6, "begins with http:// or https://")]
    [InlineData("id: 31337", "id: anvil", 5, "must be a whole number")]
    [InlineData("kind: slack-webhook", "kind: slack-webhok", 12, "did you mean 'slack-webhook'?")]
    [InlineData("00aa\"", "00ag\"", 9, "an address with a right checksum")]
    [InlineData("secret: file:pager.key", "secret: hunter2", 17, "a secret is given by reference")]
    [InlineData("url: env:SLACK_URL", "url: https://hooks.example/T0/hunter2", 13, "is a secret: give it by reference")]
    [InlineData("socket: signer.sock", "socket: []", 8, "'socket' must be a text")]
    public void A_typo_is_named_with_its_line_and_no_secret(string piece, string typo, int line, string says)
    {
        var message = Refused(Good.Replace(piece, typo, StringComparison.Ordinal));

        Assert.Contains($"{TocsinConfiguration.FileName}:{line}: error: ", message, StringComparison.Ordinal);
        Assert.Contains(says, message, StringComparison.Ordinal);
        Assert.DoesNotContain("hunter2", message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_section_that_is_missing_is_named_once()
    {
        var message = Refused(Good.Replace("listen: http://127.0.0.1:8080\n", "", StringComparison.Ordinal));

        Assert.Single(message.Split('\n'));
        Assert.Contains("'listen' is missing", message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_folder_without_configuration_says_what_writes_one() =>
        Assert.Contains("tocsin init", Assert.Throws<InputException>(() => TocsinConfiguration.Load(folder.FullName))
            .Message, StringComparison.Ordinal);

    [Fact]
    public void A_policy_is_read()
    {
        var policy = LoadPolicy(GoodPolicy);

        var allowed = Assert.Single(policy.Allowed);
        Assert.Equal(2, allowed.Approvals.Places.Count);
        Assert.Equal(2, allowed.AllowedFirst!.Count);
        Assert.Equal(604_800UL, allowed.Bounds[0].AtMost.ToUInt64());
        Assert.Null(policy.Clients);
    }

    [Theory]
    [InlineData("key: file:key", "key: 0xhunter2", "the key is given by reference")]
    [InlineData("exercise: false", "", "'exercise' is missing")]
    [InlineData("exercise: false", "exercise: no", "must be true or false")]
    [InlineData("durationSeconds:\n", "duration:\n", "has no unsigned argument named 'duration'")]
    [InlineData("first_argument: [market", "first_argument: [an-identifier-longer-than-31-bytes",
        "is not a value of type bytes32")]
    [InlineData("at_most: 604800", "", "'at_most' is missing")]
    [InlineData("0000a1\"", "0000A1\", \"0xAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAaa\"", "right checksum")]
    [InlineData("allowed:", "allow:", "'allowed' is missing")]
    [InlineData("function: pause(bytes32 module,uint64 durationSeconds)", "function: pause", "this is not a function")]
    public void A_mistake_in_the_policy_is_named_and_shows_no_key(string piece, string typo, string says)
    {
        var message = Assert.Throws<InputException>(() => LoadPolicy(GoodPolicy.Replace(piece, typo,
            StringComparison.Ordinal))).Message;

        Assert.Contains(says, message, StringComparison.Ordinal);
        Assert.DoesNotContain("hunter2", message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_secret_is_read_where_its_reference_points_and_prints_as_the_reference()
    {
        File.WriteAllText(Path.Combine(folder.FullName, "s"), "hunter2\n");
        var secret = new Secret("file:s");

        Assert.Equal("hunter2", secret.Reveal(folder.FullName));
        Assert.Equal("file:s", $"{secret}");
        File.WriteAllText(Path.Combine(folder.FullName, "s"), "");
        Assert.Throws<InputException>(() => secret.Reveal(folder.FullName));
        Assert.Throws<InputException>(() => new Secret("file:nowhere").Reveal(folder.FullName));
        Assert.Throws<InputException>(() => new Secret("env:TOCSIN_TEST_UNSET").Reveal(folder.FullName));
    }

    private TocsinConfiguration Load(string text)
    {
        File.WriteAllText(Path.Combine(folder.FullName, TocsinConfiguration.FileName), text);
        return TocsinConfiguration.Load(folder.FullName);
    }

    private SignerPolicy LoadPolicy(string text)
    {
        var path = Path.Combine(folder.FullName, "policy.yaml");
        File.WriteAllText(path, text);
        return SignerPolicy.Load(path);
    }

    private string Refused(string text) => Assert.Throws<InputException>(() => Load(text)).Message;
}
