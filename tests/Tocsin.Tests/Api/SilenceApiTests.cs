using System.Net;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text.Json.Nodes;
using Tocsin.Findings;
using Tocsin.Reports;
using Tocsin.Tests.Incidents;
using Tocsin.Tests.Nights;

namespace Tocsin.Tests.Api;

/// <summary>Silences, and channels that are not trusted, asked of the real server.</summary>
public sealed class SilenceApiTests
{
    private const string Settings = """

        tokens:
          ben-laptop: { person: ben, role: commander, token: "file:ben" }
          ada-laptop: { person: ada, role: admin, token: "file:ada" }
        """;

    private static readonly DateTimeOffset Beginning = new(2026, 3, 10, 2, 0, 0, TimeSpan.Zero);

    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    [Fact]
    public async Task What_is_silenced_is_recorded_shown_and_told_when_the_silence_ends()
    {
        await using var night = await GuardedAsync();
        Assert.Null(await SilenceAsync(night, "ada", 2, 30));
        Assert.Contains("COVERAGE WEAKENED", await PageAsync(night), StringComparison.Ordinal);

        night.Find(Story.Finding(severity: Severity.High));
        await night.UntilAsync(Beginning.AddMinutes(29));
        Assert.Equal("", night.Printed);
        Assert.Contains(night.Timeline, one => Timeline.Line(one.Event)
            == "Alert 'opened' was not sent to war-room: silenced by ada because the pool is moved, "
                + "until 2026-03-10 02:30 UTC.");

        await night.UntilAsync(Beginning.AddMinutes(30));
        Assert.Contains("war-room", night.Printed, StringComparison.Ordinal);
        Assert.DoesNotContain("COVERAGE WEAKENED", await PageAsync(night), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(-1)]
    [InlineData(0)]
    [InlineData(1441)]
    [InlineData(int.MaxValue)]
    public async Task A_silence_that_is_over_at_once_or_never_is_refused(int minutes)
    {
        await using var night = await GuardedAsync();

        Assert.Contains("at most 24 h", await SilenceAsync(night, "ada", 3, minutes), StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_is_worse_than_the_silence_is_told_at_once()
    {
        await using var night = await GuardedAsync();
        Assert.Null(await SilenceAsync(night, "ada", 2, 30));

        night.Find(Story.Finding(severity: Severity.Critical));
        await night.UntilAsync(Beginning);
        Assert.Contains("war-room", night.Printed, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Severity_1_is_silent_when_two_with_tokens_of_their_own_say_so()
    {
        await using var night = await GuardedAsync();
        Assert.Null(await SilenceAsync(night, "ada", 1, 30));
        Assert.Empty(night.Book.Silences.Holding(night.Now));

        Assert.Contains("somebody else", await PostAsync(night, "silences/1/confirm", "ada", By("ada")),
            StringComparison.Ordinal);
        Assert.Contains("token of whoever", await PostAsync(night, "silences/1/confirm", "ada", By("ben")),
            StringComparison.Ordinal);
        Assert.Null(await PostAsync(night, "silences/1/confirm", "ben", By("ben")));
        Assert.Single(night.Book.Silences.Holding(night.Now));

        var end = By("ben");
        end["reason"] = "it was moved";
        Assert.Null(await PostAsync(night, "silences/1/end", "ben", end));
        Assert.Empty(night.Book.Silences.Holding(night.Now));
    }

    [Fact]
    public async Task Whoever_silences_must_be_known()
    {
        await using var night = await NightHost.StartAsync(Beginning);

        Assert.Contains("takes a token", await SilenceAsync(night, null, 3, 30), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_channel_that_is_distrusted_hears_nothing_and_everybody_else_is_told_once()
    {
        await using var night = await GuardedAsync();
        night.Find(Story.Finding(severity: Severity.Critical));
        await night.UntilAsync(Beginning);

        Assert.Null(await PostAsync(night, "channels/war-room/distrust", "ada", Because("a stranger wrote there")));
        await night.UntilAsync(Beginning.AddMinutes(1));

        Assert.True(night.Book.Distrusts.IsDistrusted("war-room"));
        Assert.Contains("COVERAGE WEAKENED", await PageAsync(night), StringComparison.Ordinal);
        Assert.Equal(1, night.Printed.Split("spare-room").Length - 1);
        Assert.Contains("DO NOT TRUST 'war-room'",
            night.Printed, StringComparison.Ordinal);

        Assert.Null(await PostAsync(night, "channels/war-room/trust", "ada", Because("it has a new administrator")));
        Assert.False(night.Book.Distrusts.IsDistrusted("war-room"));
    }

    [Fact]
    public async Task All_channels_of_a_kind_are_distrusted_at_once_but_the_last_of_responders_only_on_purpose()
    {
        await using var night = await GuardedAsync();

        Assert.Contains("no channel of many left", await PostAsync(
            night, "channels/slack/distrust", "ada", Because("the workspace is taken over")), StringComparison.Ordinal);
        Assert.Contains("no channel, nor a kind", await PostAsync(
            night, "channels/slak/distrust", "ada", Because("the workspace is taken over")), StringComparison.Ordinal);
        Assert.Contains("role admin", await PostAsync(
            night, "channels/slack/distrust", "ben", Because("mine")), StringComparison.Ordinal);

        var anyway = Because("the workspace is taken over");
        anyway["anyway"] = true;
        Assert.Null(await PostAsync(night, "channels/slack/distrust", "ada", anyway));
        Assert.Equal(["spare-room", "war-room"], night.Book.Distrusts.Now.Select(one => one.Channel).Order());
    }

    private static Task<string> PageAsync(NightHost night) => night.Http.GetStringAsync("/findings", Cancelled);

    private static JsonObject By(string person) => new() { ["by"] = person };

    private static JsonObject Because(string reason) => new() { ["reason"] = reason };

    private static Task<string?> SilenceAsync(NightHost night, string? token, int severity, int minutes) => PostAsync(
        night, "silences", token, new JsonObject
        {
            ["by"] = "ada",
            ["reason"] = "the pool is moved",
            ["severity"] = severity,
            ["minutes"] = minutes,
        });

    private static string TokenOf(string name) => $"{name}-{new string('7', 40)}";

    private static Task<NightHost> GuardedAsync() => NightHost.StartAsync(
        Beginning, Settings, new[] { "ben", "ada" }.ToDictionary(name => name, TokenOf));

    /// <summary>Null where it was done, else why not.</summary>
    private static async Task<string?> PostAsync(NightHost night, string path, string? token, JsonObject body)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, $"/api/{path}");
        request.Content = JsonContent.Create(body);
        if (token is not null)
            request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", TokenOf(token));
        using var answer = await night.Http.SendAsync(request, Cancelled);
        var node = JsonNode.Parse(await answer.Content.ReadAsStringAsync(Cancelled))!;
        return answer.StatusCode == HttpStatusCode.OK ? null : node["error"]!.GetValue<string>();
    }
}
