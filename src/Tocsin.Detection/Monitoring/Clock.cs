using Tocsin.Findings;

namespace Tocsin.Detection.Monitoring;

/// <summary>Something that must be heard now and then, and since when it was not.</summary>
/// <param name="limit">So long without it is too long.</param>
/// <param name="words">What is wrong with it at an instant.</param>
internal sealed class Clock(
    ConditionKey key, TimeSpan limit, Threat threat, string subject,
    Func<Clock, DateTimeOffset, (Severity Severity, string Reason)> words)
{
    public ConditionKey Key => key;

    public TimeSpan Limit => limit;

    /// <summary>The instant of the last sign of life, or at which listening began.</summary>
    public DateTimeOffset Since { get; set; }

    /// <summary>Failures in a row; 0 for what is only heard or not heard.</summary>
    public int Failures { get; set; }

    /// <summary>Why it failed at last.</summary>
    public string Why { get; set; } = "";

    /// <summary>0 where failures alone say nothing.</summary>
    public int FailuresMax { get; init; }

    /// <summary>How many times the limit makes it worse; 0 where more silence is no worse.</summary>
    public int WorseTimes { get; init; }

    public void BeginAnew(DateTimeOffset now) => (Since, Failures, Why) = (now, 0, "");

    public TimeSpan Silence(DateTimeOffset now) => now - Since;

    public bool IsDown(DateTimeOffset now) =>
        Silence(now) >= limit || (FailuresMax > 0 && Failures >= FailuresMax);

    public Trouble Trouble(DateTimeOffset now)
    {
        var (severity, reason) = words(this, now);
        return new Trouble(key, threat, severity, 1, subject, reason);
    }

    /// <summary>The next instant at which silence alone has something to say; null if there is none.</summary>
    public DateTimeOffset? DueAfter(DateTimeOffset now) =>
        Since + limit > now ? Since + limit
        : WorseTimes > 0 && Since + (WorseTimes * limit) > now ? Since + (WorseTimes * limit)
        : null;
}
