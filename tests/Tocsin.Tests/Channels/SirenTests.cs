using System.Diagnostics;
using Tocsin.Channels;
using Tocsin.Communications;
using Tocsin.Findings;

namespace Tocsin.Tests.Channels;

public sealed class SirenTests : IDisposable
{
    private readonly DirectoryInfo folder = Directory.CreateTempSubdirectory("tocsin-siren-");
    private readonly ManualClock clock = new(Alerts.Noon);
    private readonly HttpClient http = ChannelHttp.Create();

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    public void Dispose()
    {
        http.Dispose();
        folder.Delete(recursive: true);
    }

    [Fact]
    public async Task The_text_goes_to_its_standard_input_and_the_arguments_are_always_the_same()
    {
        var siren = Siren("printf '%s|' \"$@\" > args; cat > text", ("arguments", "--loud  $(id) *"));

        var result = await siren.DeliverAsync(new Message(Alerts.Night), Ct);

        Assert.IsType<DeliveryResult.Delivered>(result);
        Assert.Equal("--loud|$(id)|*|", Written("args"));
        Assert.Equal(
            """
            SEVERITY 1 · Flash-loan attack on the lending pool
            Do now: Open the war room and approve the pause
            Threat: A loan of 40,000,000 USD moved the price that the pool reads
            Impact: about 1,200,000 USD so far
            Detected: 2026-03-01 03:04:05 UTC
            Lead: CTO: Ada
            INC-7 · log head 12:0xab

            """,
            Written("text"));
    }

    [Fact]
    public async Task Of_what_is_for_the_public_it_says_the_words_of_people_alone()
    {
        var siren = Siren("cat > text");
        var told = Alerts.Night with { Statement = new Statement("We are on it.", true, new UpdateName("world", 1)) };

        await siren.DeliverAsync(new Message(told), Ct);

        Assert.Equal("We are on it.\n", Written("text"));
    }

    [Fact]
    public async Task No_variable_of_ours_reaches_it()
    {
        Environment.SetEnvironmentVariable("TOCSIN_SIREN_SECRET", "SECRET");
        try
        {
            await Siren("env > text").DeliverAsync(new Message(Alerts.Night), Ct);
        }
        finally
        {
            Environment.SetEnvironmentVariable("TOCSIN_SIREN_SECRET", null);
        }

        Assert.DoesNotContain("SECRET", Written("text"));
        Assert.Contains("PATH=", Written("text"));
    }

    [Theory]
    [InlineData("exit 0", "Delivered")]
    [InlineData("exit 3", "RetryAfter")]
    [InlineData("exec 0<&-; exit 0", "Delivered")]
    [InlineData("yes | head -c 1000000; yes | head -c 1000000 >&2", "Delivered")]
    public async Task Its_end_says_whether_it_sounded(string script, string expected)
    {
        var result = await Siren(script).DeliverAsync(new Message(Alerts.With(new string('a', 500_000))), Ct);

        Assert.Equal(expected, result.GetType().Name);
    }

    [Fact]
    public async Task A_command_that_is_not_there_is_refused_for_good()
    {
        var values = new Dictionary<string, string> { ["command"] = Path.Combine(folder.FullName, "none") };
        var siren = new Siren(new ChannelSection("siren", values), new ChannelTools(http, clock));

        var result = await siren.DeliverAsync(new Message(Alerts.Night), Ct);

        Assert.IsType<DeliveryResult.Permanent>(result);
    }

    [Theory]
    [InlineData(Severity.Critical, true)]
    [InlineData(Severity.Elevated, false)]
    [InlineData(Severity.Routine, false)]
    public async Task A_test_by_schedule_only_looks_whether_the_command_is_there(Severity severity, bool sounds)
    {
        var siren = Siren("cat > text");

        var result = await siren.DeliverAsync(
            new Message(Alerts.Night with { Reason = AlertReason.Canary, Severity = severity }), Ct);

        if (sounds)
            Assert.IsType<DeliveryResult.Delivered>(result);
        else
            Assert.Equal("not-sounded", Assert.IsType<DeliveryResult.Accepted>(result).Receipt);
        Assert.Equal(sounds, File.Exists(Path.Combine(folder.FullName, "text")));
    }

    [Theory]
    [InlineData(null, false)]
    [InlineData(UnixFileMode.UserRead | UnixFileMode.UserWrite, false)]
    [InlineData(UnixFileMode.UserRead | UnixFileMode.UserExecute, true)]
    public async Task A_test_by_schedule_finds_a_command_that_could_not_be_started(UnixFileMode? mode, bool isThere)
    {
        var path = Path.Combine(folder.FullName, "horn");
        if (mode is { } bits && !OperatingSystem.IsWindows())
        {
            File.WriteAllText(path, "#!/bin/sh\n");
            File.SetUnixFileMode(path, bits);
        }
        var values = new Dictionary<string, string> { ["command"] = path };
        var siren = new Siren(new ChannelSection("siren", values), new ChannelTools(http, clock));

        var result = await siren.DeliverAsync(
            new Message(Alerts.Night with { Reason = AlertReason.Canary, Severity = Severity.Routine }), Ct);

        Assert.Equal(isThere, result is DeliveryResult.Accepted);
        Assert.Equal(!isThere, result is DeliveryResult.Permanent);
    }

    [Theory]
    [InlineData(AlertReason.Opened, true)]
    [InlineData(AlertReason.Worsened, true)]
    [InlineData(AlertReason.Unanswered, true)]
    [InlineData(AlertReason.DecisionNeeded, true)]
    [InlineData(AlertReason.Update, false)]
    [InlineData(AlertReason.UpdateWaits, false)]
    [InlineData(AlertReason.Revoked, false)]
    [InlineData(AlertReason.ChannelDistrusted, false)]
    public async Task It_sounds_for_what_wakes_people_alone(AlertReason reason, bool sounds)
    {
        var result = await Siren("cat > text").DeliverAsync(new Message(Alerts.Night with { Reason = reason }), Ct);

        Assert.Equal(sounds, File.Exists(Path.Combine(folder.FullName, "text")));
        if (!sounds)
            Assert.Equal(
                "it sounds for pages of severity 1 and worse alone",
                Assert.IsType<DeliveryResult.Permanent>(result).Reason);
    }

    [Theory]
    [InlineData("2", Severity.Critical, true)]
    [InlineData("2", Severity.High, true)]
    [InlineData("2", Severity.Elevated, false)]
    [InlineData(null, Severity.Critical, true)]
    [InlineData(null, Severity.High, false)]
    public async Task It_sounds_for_what_is_bad_enough(string? leastBad, Severity severity, bool sounds)
    {
        var siren = leastBad is null ? Siren("cat > text") : Siren("cat > text", ("severity", leastBad));

        var result = await siren.DeliverAsync(new Message(Alerts.Night with { Severity = severity }), Ct);

        Assert.Equal(sounds, result is DeliveryResult.Delivered);
        Assert.Equal(!sounds, result is DeliveryResult.Permanent);
        Assert.Equal(sounds, File.Exists(Path.Combine(folder.FullName, "text")));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_command_without_end_is_ended_with_all_that_it_started(bool isByTime)
    {
        using var stopping = new CancellationTokenSource();
        // Whoever holds the pipe open lives: its end is the end of the command and of what it started.
        using (var make = Process.Start("mkfifo", Path.Combine(folder.FullName, "alive")))
            await make.WaitForExitAsync(Ct);
        var siren = Siren("exec 3> alive; echo on >&3; tail -f /dev/null & wait", ("seconds", "5"));

        var delivery = siren.DeliverAsync(new Message(Alerts.Night), stopping.Token);
        using var alive = new StreamReader(await Task.Run(() => File.OpenRead(Path.Combine(folder.FullName, "alive"))));
        Assert.Equal("on", await alive.ReadLineAsync(Ct));
        if (isByTime)
        {
            clock.Advance(TimeSpan.FromSeconds(5));
            Assert.IsType<DeliveryResult.Delivered>(await delivery);
        }
        else
        {
            await stopping.CancelAsync();
            await Assert.ThrowsAnyAsync<OperationCanceledException>(() => delivery);
        }

        Assert.Null(await alive.ReadLineAsync(Ct));
    }

    [Theory]
    [InlineData("command", "siren")]
    [InlineData("severity", "6")]
    [InlineData("severity", "-1")]
    [InlineData("seconds", "0")]
    [InlineData("seconds", "ten")]
    public void A_field_in_another_form_is_refused(string field, string value)
    {
        var values = new Dictionary<string, string> { ["command"] = "/bin/true" };
        values[field] = value;

        var refusal = Assert.Throws<FormatException>(
            () => new Siren(new ChannelSection("siren", values), new ChannelTools(http, clock)));

        Assert.StartsWith($"'{field}' is", refusal.Message);
    }

    private Siren Siren(string script, params (string Name, string Value)[] fields)
    {
        var path = Path.Combine(folder.FullName, "siren.sh");
        File.WriteAllText(path, $"cd {folder.FullName}\n{script}\n");
        var values = fields.ToDictionary(field => field.Name, field => field.Value);
        values["command"] = "/bin/sh";
        values["arguments"] = $"{path} {values.GetValueOrDefault("arguments")}";
        return new Siren(new ChannelSection("siren", values), new ChannelTools(http, clock));
    }

    private string Written(string name) => File.ReadAllText(Path.Combine(folder.FullName, name));
}
