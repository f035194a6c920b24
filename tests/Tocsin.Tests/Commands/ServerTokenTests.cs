using System.CommandLine;
using System.Text.Json.Nodes;
using Tocsin.Commands;
using Tocsin.Configuration;
using Tocsin.People;
using Tocsin.Tests.Nights;
using Tocsin.Texts;

namespace Tocsin.Tests.Commands;

/// <summary>A command that asks a server which asks for a token.</summary>
public sealed class ServerTokenTests : IAsyncLifetime
{
    private const string Ben = "token-of-ben-0123456789abcdef0123456789abcdef";

    private const string Settings = """

        tokens:
          ben-laptop: { person: ben, role: responder, token: "file:ben" }
        """;

    private NightHost? night;

    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    private TocsinConfiguration Installation => TocsinConfiguration.Load(night!.Folder);

    public async ValueTask InitializeAsync() => night = await NightHost.StartAsync(
        new DateTimeOffset(2026, 3, 10, 2, 0, 0, TimeSpan.Zero), Settings,
        new Dictionary<string, string> { ["ben"] = $"{Ben}\n" });

    public async ValueTask DisposeAsync() => await night!.DisposeAsync();

    [Fact]
    public async Task The_token_of_the_file_is_shown()
    {
        var token = ServerToken.Of(Path.Combine(night!.Folder, "ben"));
        using var server = new ServerClient(Installation, token);
        using var people = new Installed(Installation, token);

        var opened = await server.PostAsync(
            "/api/incidents/", new JsonObject { ["by"] = "ben", ["words"] = "odd" }, Cancelled);

        Assert.Equal("INC-1", opened["incident"]!.GetValue<string>());
        Assert.NotEmpty(await people.ListAsync(Cancelled));
    }

    [Theory]
    [InlineData(null, "the server asks for a token: put yours into TOCSIN_TOKEN, or name its file by --token-file")]
    [InlineData("none-of-the-server", "the server does not know the token that you gave")]
    public async Task Without_a_token_that_is_known_the_person_is_told_what_to_do(string? token, string says)
    {
        using var server = new ServerClient(Installation, token);
        using var people = new Installed(Installation, token);

        var refusal = await Assert.ThrowsAsync<InputException>(() => server.GetAsync("/api/incidents/", Cancelled));
        Assert.Contains(says, refusal.Message, StringComparison.Ordinal);
        Assert.Contains(
            says, (await Assert.ThrowsAsync<InputException>(() => people.ListAsync(Cancelled))).Message,
            StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_the_role_is_too_small_for_is_told_in_the_servers_words()
    {
        using var people = new Installed(Installation, Ben);

        var refusal = await Assert.ThrowsAsync<InputException>(() => people.RevokeAsync(
            "ada", new SubmittedRevocation("ben", "phone stolen"), Cancelled));

        Assert.Equal(
            "the server refuses it: this takes a token of the role admin or above; this one's is responder",
            refusal.Message);
    }

    [Theory]
    [InlineData("incident list --token-file ben")]
    [InlineData("incident --token-file ben open odd --by ben")]
    [InlineData("person list --config . --token-file ben")]
    [InlineData("authorise --list --config . --token-file ben")]
    public void Every_command_that_asks_the_server_takes_a_token(string line)
    {
        var parsed = new RootCommand
        {
            IncidentCommand.Create(new Command("import")), PersonCommand.Create(), AuthoriseCommand.Create(),
        }.Parse(line);

        Assert.Empty(parsed.Errors);
        Assert.Equal("ben", parsed.GetValue(ServerToken.File));
    }

    [Theory]
    [InlineData("größe-größe-größe-größe-größe-größe")]
    [InlineData("two\nlines")]
    [InlineData("")]
    public async Task What_can_be_no_token_is_refused_and_not_repeated(string text)
    {
        var file = Path.Combine(night!.Folder, "wrong");
        await File.WriteAllTextAsync(file, text, Cancelled);

        var refusal = Assert.Throws<InputException>(() => ServerToken.Of(file));

        Assert.True(text.Length == 0 || !refusal.Message.Contains(text[..3], StringComparison.Ordinal));
    }
}
