using System.Security.Cryptography;
using System.Text;
using Tocsin.Configuration;
using Tocsin.Evm.Inputs;
using Tocsin.Texts;

namespace Tocsin.Heartbeats;

/// <summary>What became of a beat that somebody sent.</summary>
internal enum BeatAnswer
{
    Taken,

    /// <summary>The token is wrong, or there is no such name: a stranger is not told which.</summary>
    Unknown,

    /// <summary>More often than anyone needs to.</summary>
    TooOften,
}

/// <summary>
/// Takes the beats that keepers send. Whether a token is right does not show in the time that the answer takes.
/// </summary>
internal sealed class BeatDesk
{
    public const int MinimumTokenCharacters = 16;

    /// <summary>Each beat is recorded; a keeper gone wild must not fill the record.</summary>
    public static readonly TimeSpan LeastBetween = TimeSpan.FromSeconds(1);

    private const int StrangersAMinute = 60;

    private readonly Dictionary<string, byte[]> tokenHashes;
    private readonly Func<Arrival, CancellationToken, ValueTask> take;
    private readonly TimeProvider time;
    private readonly Lock gate = new();
    private readonly Dictionary<string, DateTimeOffset> lastBeats = [];
    private (long Minute, int Count) strangers;

    /// <param name="tokens">By the name of the heartbeat.</param>
    public BeatDesk(
        IReadOnlyDictionary<string, string> tokens, Func<Arrival, CancellationToken, ValueTask> take, TimeProvider time)
    {
        (this.take, this.time) = (take, time);
        tokenHashes = tokens.ToDictionary(entry => entry.Key, entry => Hash(entry.Value));
    }

    /// <exception cref="InputException">A token cannot be read, or is so short that it could be guessed.</exception>
    public static BeatDesk Open(
        TocsinConfiguration configuration, Func<Arrival, CancellationToken, ValueTask> take, TimeProvider time)
    {
        var tokens = new Dictionary<string, string>();
        foreach (var heartbeat in configuration.Heartbeats)
        {
            if (heartbeat.Token is not { } secret)
                continue;
            var token = secret.Reveal(configuration.Directory);
            tokens[heartbeat.Name] = token.Length >= MinimumTokenCharacters
                ? token
                : throw new InputException(
                    $"the token '{secret}' of heartbeat '{heartbeat.Name}' has fewer than {MinimumTokenCharacters} "
                    + "characters: make one with 'openssl rand -hex 32'");
        }
        return new BeatDesk(tokens, take, time);
    }

    /// <param name="token">What was shown; null for nothing.</param>
    public async Task<BeatAnswer> TakeAsync(string name, string? token, CancellationToken cancellationToken)
    {
        var now = time.GetUtcNow();
        var answer = Judge(name, token, now);
        if (answer == BeatAnswer.Taken)
            await take(new Arrival.Beat(now, name), cancellationToken);
        return answer;
    }

    private BeatAnswer Judge(string name, string? token, DateTimeOffset now)
    {
        var known = tokenHashes.TryGetValue(name, out var expected);
        var right = CryptographicOperations.FixedTimeEquals(Hash(token ?? ""), expected ?? new byte[32]);
        lock (gate)
        {
            if (!known || !right)
                return CountStranger(now);
            if (lastBeats.TryGetValue(name, out var last) && now - last < LeastBetween && now >= last)
                return BeatAnswer.TooOften;
            lastBeats[name] = now;
            return BeatAnswer.Taken;
        }
    }

    // Only strangers are turned away by this: a keeper with its token is not locked out by them.
    private BeatAnswer CountStranger(DateTimeOffset now)
    {
        var minute = now.ToUnixTimeSeconds() / 60;
        strangers = (minute, minute == strangers.Minute ? Math.Min(strangers.Count + 1, StrangersAMinute + 1) : 1);
        return strangers.Count > StrangersAMinute ? BeatAnswer.TooOften : BeatAnswer.Unknown;
    }

    private static byte[] Hash(string token) => SHA256.HashData(Encoding.UTF8.GetBytes(token));
}
