using System.Text.Json;
using Tocsin.Recording;
using Tocsin.Storage;

namespace Tocsin.Readiness;

/// <summary>What is kept of probes: replaced as a whole.</summary>
internal sealed record KeptReadiness(ValueList<ProbeResult> Results, KnownCode Known)
{
    public static KeptReadiness None { get; } = new([], KnownCode.None);
}

/// <summary>
/// What the last probes gave, kept as a checkpoint, so that after a restart their age is told as it is. What changed
/// is in the log, as findings; this is where the worker stands.
/// </summary>
internal sealed class ReadinessBoard(EventStore store)
{
    private const string Name = "readiness";

    private volatile KeptReadiness kept = Load(store);

    public KeptReadiness Kept => kept;

    public void Keep(KeptReadiness next)
    {
        var payload = JsonSerializer.Serialize(next, EventJson.Options);
        store.Commit(new Batch { Checkpoint = new Checkpoint(Name, payload) });
        kept = next;
    }

    // What an older version kept in another shape is probed anew within seconds.
    private static KeptReadiness Load(EventStore store)
    {
        if (store.ReadCheckpoint(Name) is not { } payload)
            return KeptReadiness.None;
        try
        {
            return JsonSerializer.Deserialize<KeptReadiness>(payload, EventJson.Options) is
            { Results: not null, Known: not null } read
                ? read
                : KeptReadiness.None;
        }
        catch (JsonException)
        {
            return KeptReadiness.None;
        }
    }
}
