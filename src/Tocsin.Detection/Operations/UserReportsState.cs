using Tocsin.Chains;
using Tocsin.Detection.Detectors;
using Tocsin.Evm.Inputs;

namespace Tocsin.Detection.Operations;

/// <summary>A report that counts. Of text and contact only hashes are kept, and the beginning of the text.</summary>
public sealed record KnownReport(
    DateTimeOffset At,
    ReportKind Kind,
    string Subject,
    string Excerpt,
    Hash32 Text,
    Hash32? Contact,
    Hash32? Transaction);

/// <param name="Reports">Of the last hour, oldest first.</param>
/// <param name="Uncounted">How many more there were since <paramref name="Reports"/> was last empty.</param>
public sealed record UserReportsState(ValueList<KnownReport> Reports, int Uncounted) : DetectorState;
