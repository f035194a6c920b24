using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;
using Tocsin.Api;
using Tocsin.Configuration;
using Tocsin.People;
using Tocsin.Tests.Configuration;

namespace Tocsin.Tests.Api;

/// <summary>What the server's own log says of who was refused.</summary>
public sealed class AccessLogTests : IDisposable
{
    private const string Secret = "hunter2-hunter2-hunter2-hunter2-hunter2";

    private readonly ConfigurationFolder folder = new();
    private readonly ManualTime time = new();
    private readonly Lines lines = new();
    private readonly Access access;

    public AccessLogTests()
    {
        folder.Write("ada", Secret);
        access = Access.Open(
            folder.Load("tokens:\n  ada-laptop: { person: ada, role: viewer, token: 'file:ada' }"),
            () => Revocations.None, time, lines);
    }

    public void Dispose() => folder.Dispose();

    [Fact]
    public async Task Refusals_are_told_without_the_token_so_many_a_minute_and_then_counted()
    {
        for (var i = 0; i < 1_000; i++)
            await AskAsync($"{Secret}{i}");

        Assert.Equal(Access.ToldAMinute, lines.Said.Count);
        Assert.All(lines.Said, line => Assert.DoesNotContain("hunter2", line, StringComparison.Ordinal));

        time.Advance(TimeSpan.FromMinutes(1));
        await AskAsync("another");
        Assert.Contains("1000 requests were refused within a minute", lines.Said);
    }

    [Fact]
    public async Task Whose_token_is_too_small_is_told_by_its_name()
    {
        await AskAsync(Secret);

        var line = Assert.Single(lines.Said);
        Assert.Contains("'ada-laptop'", line, StringComparison.Ordinal);
        Assert.DoesNotContain("hunter2", line, StringComparison.Ordinal);
    }

    private async Task AskAsync(string token)
    {
        var context = new DefaultHttpContext();
        context.Request.Method = "POST";
        context.Request.Headers.Authorization = $"Bearer {token}";
        await access.PassAsync(
            TokenRole.Admin, EndpointFilterInvocationContext.Create(context),
            _ => throw new InvalidOperationException("it was let through"));
    }

    private sealed class Lines : ILogger<Access>
    {
        public List<string> Said { get; } = [];

        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => true;

        public void Log<TState>(
            LogLevel logLevel, EventId eventId, TState state, Exception? exception,
            Func<TState, Exception?, string> formatter) => Said.Add(formatter(state, exception));
    }
}
