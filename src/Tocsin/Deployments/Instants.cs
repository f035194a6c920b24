using System.Globalization;

namespace Tocsin.Deployments;

/// <summary>Seconds, as chains count them, in words.</summary>
internal static class Instants
{
    private const ulong Hour = 3_600;
    private const ulong Day = 24 * Hour;

    /// <summary>The last second that .NET's calendar has; a contract may say more.</summary>
    private const ulong Last = 253_402_300_799;

    public static string Format(ulong secondsSince1970) =>
        DateTimeOffset.FromUnixTimeSeconds((long)Math.Min(secondsSince1970, Last)).UtcDateTime
            .ToString("yyyy-MM-dd HH:mm 'UTC'", CultureInfo.InvariantCulture);

    /// <summary>In the largest unit that is whole, or hours.</summary>
    public static string Long(ulong seconds) => seconds switch
    {
        >= Day when seconds % Day == 0 => Counted(seconds / Day, "day"),
        >= Hour => Counted(seconds / Hour, "hour"),
        _ => Counted(seconds, "second"),
    };

    private static string Counted(ulong count, string unit) => count == 1 ? $"1 {unit}" : $"{count} {unit}s";
}
