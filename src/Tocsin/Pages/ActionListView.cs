using Tocsin.Readiness;

namespace Tocsin.Pages;

/// <summary>The prepared actions, and whether each could be done.</summary>
public sealed record ActionListView(
    IReadOnlyList<ActionRow> Rows,
    WatchLine Watch,
    string AntiforgeryFieldName,
    string AntiforgeryToken,
    string? Message,
    DateTimeOffset Now);
