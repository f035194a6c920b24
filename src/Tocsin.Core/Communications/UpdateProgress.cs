namespace Tocsin.Communications;

/// <summary>What was told of an incident, and what waits to be.</summary>
/// <param name="All">In the order in which they were written.</param>
public sealed record UpdateProgress(ValueList<Update> All)
{
    public static UpdateProgress None { get; } = new([]);

    public Update? this[string communication, int number] => All.FirstOrDefault(update =>
        update.Communication == communication && update.Number == number);

    /// <summary>The number that the next one gets.</summary>
    public int NextNumber(string communication) => All.Count(update => update.Communication == communication) + 1;

    /// <summary>The last one of which people need no other: it went out, or none was needed.</summary>
    public Update? LastDone(string communication) => All.LastOrDefault(update =>
        update.Communication == communication && update.DoneAt is not null);

    /// <exception cref="InvalidOperationException">The event is of a kind that this version does not know.</exception>
    public UpdateProgress Apply(UpdateEvent happened, DateTimeOffset at) => happened switch
    {
        UpdateEvent.Drafted drafted => new(All.Add(new(
            drafted.Communication, drafted.Number, drafted.Text, drafted.Channel, drafted.IsPublic, drafted.Approver,
            drafted.Next, drafted.By, at)
        {
            ReleasedAt = drafted.Approver is null ? at : null,
        })),
        UpdateEvent.Approved approved => With(approved, update => update with
        {
            ApprovedBy = approved.By,
            ReleasedAt = at,
        }),
        UpdateEvent.Withdrawn withdrawn => With(withdrawn, update => update with
        {
            WithdrawnBecause = $"{withdrawn.By}: {withdrawn.Reason}",
        }),
        UpdateEvent.Skipped skipped => new(All.Add(new(
            skipped.Communication, skipped.Number, skipped.Reason, "", false, null, null, skipped.By, at)
        {
            SkippedAt = at,
        })),
        _ => throw new InvalidOperationException($"no update can take {happened.GetType().Name}"),
    };

    /// <summary>What a revoked person wrote does not go out by somebody's tired click.</summary>
    public UpdateProgress Without(string revoked) => new(All
        .Select(update => update.IsWaiting && update.By == revoked
            ? update with { WithdrawnBecause = $"{revoked} is revoked" }
            : update)
        .ToValueList());

    /// <summary>What became of one at a channel.</summary>
    /// <param name="refusal">Null where the receiver has it.</param>
    public UpdateProgress Arrived(UpdateName? name, string? refusal) => name is null
        ? this
        : With(name, update => update with { RefusedBecause = refusal });

    private UpdateProgress With(UpdateEvent happened, Func<Update, Update> change) =>
        With(new UpdateName(happened.Communication, happened.Number), change);

    private UpdateProgress With(UpdateName name, Func<Update, Update> change)
    {
        var place = All.ToList().FindIndex(update => update.Name == name);
        return place < 0 ? this : new([.. All.Take(place), change(All[place]), .. All.Skip(place + 1)]);
    }
}

/// <summary>One update, from its draft on.</summary>
/// <param name="Text">The words; of a skipped one why none was needed.</param>
/// <param name="Approver">The role that must approve it; null where none must.</param>
/// <param name="Next">The instant until which it promises the next one.</param>
public sealed record Update(
    string Communication,
    int Number,
    string Text,
    string Channel,
    bool IsPublic,
    string? Approver,
    DateTimeOffset? Next,
    string By,
    DateTimeOffset At)
{
    public string? ApprovedBy { get; init; }

    /// <summary>When it was given to its channel; whether it arrived is said by the deliveries.</summary>
    public DateTimeOffset? ReleasedAt { get; init; }

    public DateTimeOffset? SkippedAt { get; init; }

    public string? WithdrawnBecause { get; init; }

    /// <summary>Why its channel will never have it; null where it has it, may still, or its backup has it.</summary>
    public string? RefusedBecause { get; init; }

    /// <summary>What its channel refused has told nobody anything.</summary>
    public DateTimeOffset? DoneAt => RefusedBecause is null ? ReleasedAt ?? SkippedAt : null;

    public UpdateName Name => new(Communication, Number);

    /// <summary>True where it waits for its approver.</summary>
    public bool IsWaiting => ReleasedAt is null && SkippedAt is null && WithdrawnBecause is null;
}
