namespace Tocsin.Signing;

/// <summary>
/// Says only so many lines a minute: whoever is refused without end must not fill the disk with it. What is left out is
/// counted all the same, by <see cref="RefusalTally"/>.
/// </summary>
internal sealed class FewLines(Action<string> tell, int perMinute, TimeProvider time)
{
    private readonly Lock gate = new();
    private DateTimeOffset since = time.GetUtcNow();
    private int said;

    public void Tell(string line)
    {
        lock (gate)
        {
            var now = time.GetUtcNow();
            if ((now - since).Duration() >= TimeSpan.FromMinutes(1))
                (since, said) = (now, 0);
            if (said++ < perMinute)
                tell(line);
            else if (said == perMinute + 1)
                tell($"more than {perMinute} lines in this minute; the next ones are counted in the status alone");
        }
    }
}
