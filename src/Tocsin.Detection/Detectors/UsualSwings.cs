using Tocsin.Chains;

namespace Tocsin.Detection.Detectors;

/// <param name="Hour">The hour under way.</param>
/// <param name="Swing">The widest of it so far.</param>
public sealed record WidestSwing(DateTimeOffset Hour, decimal Swing);

public sealed record UsualSwingsState(
    NotebookState<string, WidestSwing> Widest, NotebookState<string, LearntHours> Usual);

/// <summary>How far something usually swings at an hour of the day: the widest swing of each hour is learnt.</summary>
internal sealed class UsualSwings
{
    private readonly Cell<WidestSwing> widest = new();
    private readonly UsualHours usual = new();

    /// <param name="swing">As a fraction.</param>
    public void Take(decimal swing, BlockScene scene)
    {
        usual.Pass(scene, hour => widest.TryGet(out var over) && over.Hour == hour ? over.Swing : 0);
        var now = Hours.Of(scene.Time);
        if (!widest.TryGet(out var known) || known.Hour < now || known.Swing < swing)
            widest.Set(new WidestSwing(now, Math.Round(swing, 6)), scene);
    }

    /// <summary>From where on a swing is remarkable: never below what is fixed, further off where the hour of the day
    /// usually swings further, and never beyond the most.</summary>
    /// <param name="spreads">How many spreads above the usual.</param>
    public decimal Limit(DateTimeOffset time, decimal spreads, decimal least, decimal most) =>
        Math.Clamp(usual.Limit(time, spreads) ?? least, least, Math.Max(least, most));

    public void Rollback(BlockRef ancestor)
    {
        widest.Rollback(ancestor);
        usual.Rollback(ancestor);
    }

    public UsualSwingsState Snapshot() => new(widest.Snapshot(), usual.Snapshot());

    public void Restore(UsualSwingsState state)
    {
        widest.Restore(state.Widest);
        usual.Restore(state.Usual);
    }
}
