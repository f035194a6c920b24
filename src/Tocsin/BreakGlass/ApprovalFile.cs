using System.Text.Json;
using Tocsin.Decisions;
using Tocsin.Recording;
using Tocsin.Texts;

namespace Tocsin.BreakGlass;

/// <summary>Approvals as people hand them in: a signature a line, or what a tool wrote as JSON.</summary>
internal static class ApprovalFile
{
    private const int MaximumBytes = 1 << 20;

    /// <exception cref="InputException">The file cannot be read, or holds something else.</exception>
    public static IReadOnlyList<SubmittedApproval> Read(string path)
    {
        string text;
        try
        {
            text = PlainFile.Read(path, MaximumBytes).Trim();
        }
        catch (IOException e)
        {
            throw new InputException($"{path} cannot be read: {e.Message}", e);
        }
        if (text.StartsWith('{') && Json(text) is { } whole)
            return [whole];
        return [.. text.Split('\n').Select((line, index) => (line, index)).Where(one => !IsEmpty(one.line)).Select(
            one => Line(one.line) ?? throw new InputException(
                $"{path}:{one.index + 1}: this is no approval; it takes a signature a line, 0x and 130 digits"))];
    }

    /// <summary>Null for a line that holds nothing of the kind.</summary>
    public static SubmittedApproval? Line(string line)
    {
        var text = line.Trim();
        if (text.StartsWith('{'))
            return Json(text);
        return text.StartsWith("0x", StringComparison.Ordinal) ? new SubmittedApproval(text) : null;
    }

    public static bool IsEmpty(string line) => line.Trim() is "" or ['#', ..];

    private static SubmittedApproval? Json(string text)
    {
        try
        {
            return JsonSerializer.Deserialize<SubmittedApproval>(text, EventJson.Options);
        }
        catch (JsonException)
        {
            return null;
        }
    }
}
